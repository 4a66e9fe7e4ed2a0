from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import pytest

from suffice.bundles.stream import COLUMNS, answer_stream, read_texts, write_answers
from suffice.errors import DataError

MESSAGES = ["plain", 'a "quoted", one', "two\nlines", "a bare\rreturn", "", "  ", "ünï 🙂", "\x00", "x" * 300]


def _read(lines, form, column=None):
    return list(read_texts(iter(lines), form=form, column=column, name="new"))


def test_a_line_is_a_message_and_an_empty_line_an_empty_one():
    assert _read(["one\n", "\n", "two\r\n", "three"], "lines") == ["one", "", "two", "three"]


def test_csv_finds_the_column_by_name_and_keeps_line_ends_in_cells():
    lines = ["id,Message\n", '1,"two\n', 'lines"\n', "2,plain\n"]
    assert _read(lines, "csv") == ["two\nlines", "plain"]


def test_csv_takes_the_column_that_is_named():
    assert _read(["text,note\n", "a,b\n"], "csv", column="note") == ["b"]


def test_json_lines_are_strings_or_objects_and_blank_lines_are_none():
    assert _read(['"one"\n', '{"id": 1, "message": "two"}\n', "\n", '{"text": "three"}\n'], "jsonl") == [
        "one",
        "two",
        "three",
    ]


def test_half_a_surrogate_pair_becomes_a_replacement_character():
    assert _read(['"half \\ud83d"\n', '"whole \\ud83d\\ude42"\n'], "jsonl") == ["half �", "whole 🙂"]


@pytest.mark.parametrize(
    ("lines", "form", "message"),
    [
        (['"one"\n', "{bad\n"], "jsonl", r"new:2: every line must be JSON\n  got: '\{bad'\n  fix: correct the line"),
        (['{"text": 3}\n'], "jsonl", r"new:1: every line must be a string or have the message under 'text'"),
        (['"one"\n', '["two"]\n'], "jsonl", r"new:2: .*\n  got: \['two'\]"),
        (["[" * 100_000], "jsonl", "new:1: every line must be JSON"),
        (["text,b\n", "one,1\n", "two\n"], "csv", r"new:3: every row must have 2 cells, .*\n  got: 1 cells"),
        (["text\n", '"never closed\n'], "csv", r"new:2: must be CSV"),
        (['"never closed\n'], "csv", r"new:1: must be CSV"),
        (["titel,b\n", "one,1\n"], "csv", r"new:1: must have a column 'text' or .*\n.*'titel', 'b'\n  fix: .*--text"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_how_to_mend_it(lines, form, message):
    with pytest.raises(DataError, match=message):
        _read(lines, form)


def test_a_column_named_wrongly_brings_the_nearest():
    with pytest.raises(DataError, match=r"nearest: 'message'"):
        _read(["message,b\n", "one,1\n"], "csv", column="mesage")


def test_nothing_in_is_nothing_out(majority):
    assert _read([], "csv") == []
    assert list(answer_stream(majority, iter(()), at_once=False)) == []


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_what_is_written_reads_back_as_it_was(majority, form):
    out = io.StringIO(newline="")
    for answers in answer_stream(majority, iter(MESSAGES), at_once=False):
        write_answers(out, answers, form=form)
    written = out.getvalue()
    if form == "jsonl":
        rows = [json.loads(line) for line in written.splitlines()]
        assert len(rows) == len(MESSAGES)
        assert set(rows[0]) == set(COLUMNS)
    else:
        rows = list(csv.DictReader(io.StringIO(written, newline=""), fieldnames=COLUMNS))
        rows = [row | {"probabilities": json.loads(row["probabilities"])} for row in rows]
    assert [row["text"] for row in rows] == MESSAGES
    assert [row["route"] for row in rows] == ["local"] * 4 + ["review"] * 2 + ["local"] + ["review"] + ["local"]
    assert rows[0]["probabilities"] == pytest.approx({"billing": 0.5, "card": 0.3, "other": 0.2})


def test_answers_come_out_long_before_the_input_ends(majority):
    read = 0

    def many() -> Iterator[str]:
        nonlocal read
        for i in range(200_000):
            read += 1
            yield f"message {i}\n"

    answered = 0
    for answers in answer_stream(majority, read_texts(many(), form="lines", column=None, name="new"), at_once=False):
        answered += len(answers)
        assert read == answered  # Never ahead by more than the chunk that was just answered.
        if answered > 2_000:
            break
    assert read < 3_000
