"""Paragraphs and items on standard output fit the terminal, and no line ends in blanks."""

from __future__ import annotations

import json

import pytest

from suffice.cli.output import print_json, print_table, say, say_item


@pytest.fixture(autouse=True)
def twenty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")


def test_the_lines_of_an_item_stand_under_its_first_and_end_where_their_words_do(capsys):
    say_item("code: one two three four", "fix: five", "x" * 20)
    assert capsys.readouterr().out.splitlines() == [
        "- code: one two",
        "  three four",
        "  fix: five",
        f"  {'x' * 18}",
        "  xx",
    ]


def test_the_lines_of_a_paragraph_end_where_their_words_do_and_nothing_in_it_is_markup(capsys):
    say("\n[b]one[/b] two three :smile: four")
    assert capsys.readouterr().out.splitlines() == ["", "[b]one[/b] two three", ":smile: four"]


def test_a_line_is_as_wide_as_its_characters_are(capsys):
    # A character of Chinese or Japanese takes two columns, by Unicode's annex 11.
    say("日本語日本語日本語 日本語")
    assert capsys.readouterr().out.splitlines() == ["日本語日本語日本語", "日本語"]


def test_nothing_that_is_printed_commands_the_terminal(capsys):
    say("a\x1b[2J b\nc\x9b")
    print_table(["model"], [["m\x1b]0;x\x07"]])
    out = capsys.readouterr().out
    assert not set(out) & {"\x1b", "\x9b", "\x07"}
    assert out.splitlines()[:2] == [r"a\x1b[2J b", r"c\x9b"]


def test_a_long_label_goes_on_behind_a_sign_between_its_words(capsys):
    print_table(["label", "n"], [["card_about_to_expire", "7"], ["x" * 20, "8"]])
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    # Twenty columns, of which one is the number's, three stand between the two, and one at either end.
    assert lines[3:7] == [" card_about_to_   7", " expire", f" {'x' * 14}   8", f" {'x' * 6}"]


def test_half_a_surrogate_pair_is_printed_as_json_escapes_it(capsysbinary):
    print_json({"name": "bo\ud800ok", "whole": "\U0001f600"})
    out = capsysbinary.readouterr().out
    assert b"bo\\ud800ok" in out
    assert json.loads(out) == {"name": "bo\ud800ok", "whole": "\U0001f600"}
