"""What goes to standard error: personal data masked everywhere, lines wrapped on a terminal only."""

from __future__ import annotations

import sys
from importlib import import_module

import pytest

from suffice.cli.output import tell_problems
from suffice.cli.problems import mask_got, tell, wrapped
from suffice.cli.progress import Bars, Lines
from suffice.errors import Problem

ROWS = r"""{"text":"card 4111 1111 1111 1111 of anna@firma.de\u0000","label":"a"}
{"text":"4111 1111 1111 1111","label":"a"
{"text":{"card":"\n4111 1111 1111 1111"},"label":"a"}
{"text":"x","label":{"x":"anna@firma.de"}}
{"text":["call +49 30 901820"],"label":"a"}
{"text":["DE89 3704 0044 0532 0130 00"],"label":"a"}
"""
"""Numbers that payment networks, banks and regulators give out for examples."""


def problem(got: str, *, where: str = "messages.csv:18", fix: str = "correct the row") -> Problem:
    return Problem(where=where, rule="text must be text", got=got, fix=fix)


def got_of(text: str) -> str:
    return text.partition("  got: ")[2].partition("\n  fix: ")[0]


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)


def test_rows_that_cannot_be_read_show_no_personal_data(tmp_path, suffice):
    (tmp_path / "m.jsonl").write_text(ROWS)
    ran = suffice("init", tmp_path / "m.jsonl", "--task", tmp_path / "task.yaml")
    assert ran.code == 2
    assert ran.err.count("got:") == 6
    assert "got: 'card **** **** **** 1111 of a***@f***.de\\x00'" in ran.err
    assert "got: an object: {'x': 'a***@f***.de'}" in ran.err
    for secret in ("4111 1111", "anna", "901820", "3704 0044"):
        assert secret not in ran.err


@pytest.mark.parametrize(
    ("got", "shown"),
    [
        ("'aaaaaaaaaa 4111 1111 11...'", "'aaaaaaaaaa ***...'"),
        ("an object: {'from': 'anna@fir...}", "an object: {'from': '***...}"),
        (r"'x\x004111 1111 1111 1111'", r"'x\x00**** **** **** 1111'"),
    ],
)
def test_what_a_quotation_cuts_off_or_writes_otherwise_is_masked_too(got, shown):
    assert got_of(mask_got(str(problem(got)))) == shown


@pytest.mark.parametrize(
    "got",
    [
        "1,543 MB free",
        "2 rows, 12345678 bytes",
        "'2024-01-02T10:11:12'",
        "row 1234567 of messages.csv",
        "sha256 3f5a1234567890 and not 12345678901234567890",
        "suffice 0.1.0, torch 2.9.1+cu128",
        "owner/name@1f3a4567, no file 'old/2024-01-02.csv'",
        "[1700000000, 1700000001]",
        "'[0.123456789, 0.987654321...]'",
        "only ['config.json', 'model-00001-of-00002.safetensors']",
        "C:\\new\\text.csv",
    ],
)
def test_counts_dates_versions_hashes_and_paths_stay_as_they_are(got):
    assert got_of(mask_got(str(problem(got)))) == got


def test_files_options_and_fixes_stay_as_they_are():
    text = str(problem("nothing", where="anna@firma.de.csv: --who anna@firma.de", fix="write to help@firma.de"))
    assert mask_got(text) == text


def test_problems_that_stop_nothing_are_masked_wherever_they_are_told(capsys):
    tell_problems([problem("'anna@firma.de'")])
    Lines().say(str(problem("'anna@firma.de'")))
    Bars().say(str(problem("'anna@firma.de'")))
    masked = problem("'a***@f***.de'")
    assert capsys.readouterr().err == 3 * f"{masked}\n"


def test_a_terminal_gets_lines_that_fit_it_under_the_words_after_got_and_fix(monkeypatch, capsys):
    on_a_terminal(monkeypatch)
    path = f"/{'folder-' * 15}end"
    tell(str(problem("one two three " * 10, where="file " * 17, fix=f"`suffice fit {'x ' * 20}task.yaml` or {path}")))
    assert capsys.readouterr().err.splitlines() == [
        "file file file file file file file file file file file file file file file file",
        "  file : text must be text",
        "  got: one two three one two three one two three one two three one two three one",
        "       two three one two three one two three one two three one two three",
        f"  fix: `suffice fit {'x ' * 20}task.yaml` or",
        f"       {path}",
    ]


def test_bars_wrap_what_is_said_above_them_alike(monkeypatch, capsys):
    on_a_terminal(monkeypatch)
    text = str(problem("one two three " * 10, fix=f"/{'folder-' * 15}end"))
    Bars().say(text)
    assert capsys.readouterr().err == f"{wrapped(text, width=80)}\n"


def test_another_program_gets_every_line_as_it_is(capsys):
    text = str(problem("one two three " * 40))
    tell(text)
    assert capsys.readouterr().err == f"{text}\n"


@pytest.mark.parametrize(("terminal", "begin"), [(True, "\n"), (False, "")])
def test_an_interruption_begins_a_line_of_its_own_on_a_terminal(monkeypatch, suffice, terminal, begin):
    def interrupted(**_: object) -> None:
        print("label: ", end="", file=sys.stderr)
        raise KeyboardInterrupt

    monkeypatch.setattr(import_module("suffice.cli.main"), "app", interrupted)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    ran = suffice("review")
    assert (ran.code, ran.err) == (
        130,
        f"label: {begin}interrupted; the same command again goes on where this one was cut off\n",
    )
