from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import pytest

from suffice.bundles.stream import COLUMNS, answer_stream, write_answers

MESSAGES = ["plain", 'a "quoted", one', "two\nlines", "a bare\rreturn", "", "  ", "ünï 🙂", "\x00", "x" * 300]


def test_nothing_in_is_nothing_out(majority):
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
            yield f"message {i}"

    answered = 0
    for answers in answer_stream(majority, many(), at_once=False):
        answered += len(answers)
        assert read == answered  # Never ahead by more than the chunk that was just answered.
        if answered > 2_000:
            break
    assert read < 3_000
