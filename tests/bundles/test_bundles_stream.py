"""The same answers as a plain loop gives, while reading, computing and writing wait for nobody."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from threading import Event
from typing import Any

import numpy as np
import pytest

from messages import message_rows
from suffice.bundles.classifier import Classifier
from suffice.bundles.stream import CHUNKS_AHEAD, CHUNKS_BEHIND, COLUMNS, answer_all, write_answers
from suffice.errors import DataError, Problem
from suffice.rungs.interface import Scores
from suffice.text.token_budget import Budgeted

MESSAGES = ["plain", 'a "quoted", one', "two\nlines", "a bare\rreturn", "", "  ", "ünï 🙂", "\x00", "x" * 300]
LONG_S = 10.0
"""What a test waits for an event that must come; it never waits for one that must not."""
KINDS = pytest.mark.parametrize("kind", ["majority", "tfidf", "embed", "encoder", "NAME"], indirect=True)


class Reports:
    """A rung with a tokenizer that says what it is about to do, and may be held up there."""

    def __init__(self, majority: Classifier, *, reads: Any = lambda n: None, computes: Any = lambda n: None) -> None:
        self.labels, self._rung, self._reads, self._computes = majority.labels, majority.rung, reads, computes
        self.n_read = self.n_computed = 0

    def read(self, texts: Sequence[str]) -> list[Budgeted]:
        self.n_read += len(texts)
        self._reads(self.n_read)
        return [Budgeted(ids=(1,), truncated=False) for _ in texts]

    def scores_of(self, rows: Sequence[Budgeted]) -> Scores:
        self._computes(self.n_computed)
        self.n_computed += len(rows)
        return self._rung.scores(["text"] * len(rows))

    def scores(self, texts: Sequence[str]) -> Scores:
        return self.scores_of(self.read(texts))


class Disk(io.StringIO):
    """What is written to calls back first."""

    def __init__(self, writes: Any) -> None:
        super().__init__(newline="")
        self._writes = writes

    def flush(self) -> None:
        self._writes(self.getvalue().count("\n"))


def _reporting(majority: Classifier, **how: Any) -> Classifier:
    return Classifier(Reports(majority, **how), majority.saved)


def _written(classifier: Classifier, texts: Iterator[str], **how: Any) -> str:
    out = io.StringIO(newline="")
    answer_all(classifier, texts, out, **({"form": "jsonl", "at_once": False} | how))
    return out.getvalue()


def _answered(written: str) -> list[str]:
    return [json.loads(line)["text"] for line in written.splitlines()]


def _then(texts: Sequence[str], error: Exception) -> Iterator[str]:
    yield from texts
    raise error


@pytest.mark.parametrize("at_once", [False, True])
def test_nothing_in_is_nothing_out(majority, at_once):
    assert _written(majority, iter(()), at_once=at_once) == ""


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_what_is_written_reads_back_as_it_was(majority, form):
    written = _written(majority, iter(MESSAGES), form=form)
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


def test_no_cell_of_csv_is_one_that_a_spreadsheet_computes(majority):
    texts = ["=HYPERLINK(0)", "+1", "- a list", "@SUM(1)", "'=1", "a = 1"]
    rows = [*csv.reader(io.StringIO(_written(majority, iter(texts), form="csv"), newline=""))]
    assert [row[0] for row in rows] == ["'=HYPERLINK(0)", "'+1", "'- a list", "'@SUM(1)", "''=1", "a = 1"]
    said = [json.loads(line)["text"] for line in _written(majority, iter(texts)).splitlines()]
    assert said == texts  # Only a spreadsheet's format is marked.


@KINDS
def test_every_kind_of_rung_answers_as_a_plain_loop_does_to_the_byte(kind):
    texts = [row.text for row in message_rows(100, seed=3)] + [m for m in MESSAGES if len(m) < 100]
    looped = io.StringIO(newline="")
    for start in range(0, len(texts), 16):
        write_answers(looped, kind.classify(texts[start : start + 16]), form="jsonl")
    assert _written(kind, iter(texts), chunk=16) == looped.getvalue()


@KINDS
def test_every_kind_of_rung_answers_a_pipe_in_order_and_with_the_same_labels(kind):
    texts = [row.text for row in message_rows(100, seed=3)] + [m for m in MESSAGES if len(m) < 100]
    rows = [json.loads(line) for line in _written(kind, iter(texts), at_once=True, chunk=16).splitlines()]
    assert [row["text"] for row in rows] == texts
    # In bfloat16 a network rounds by what else stands in a batch.
    together = [answer.probability for answer in kind.classify(texts)]
    assert [row["probability"] for row in rows] == pytest.approx(together, abs=0.02)


@pytest.mark.parametrize("kind", ["embed", "encoder", "NAME"], indirect=True)
def test_a_message_that_must_not_be_too_long_ends_it_after_the_chunks_before(kind):
    out = io.StringIO()
    with pytest.raises(DataError, match=r"must fit the model's context[\s\S]*shorten the text"):
        answer_all(kind, iter(["a card", "a fee", "a card", "x y " * 500]), out, form="jsonl", at_once=False, chunk=2)
    assert _answered(out.getvalue()) == ["a card", "a fee"]


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("error", [DataError(Problem(where="new.txt:6", rule="r", got="g", fix="f")), ValueError("no")])
def test_answers_to_the_messages_before_a_bad_one_are_written_before_the_error(
    majority, at_once, error, no_thread_left
):
    out = io.StringIO()
    with pytest.raises(type(error)) as raised:
        answer_all(majority, _then("abcde", error), out, form="jsonl", at_once=at_once, chunk=2)
    assert raised.value is error
    # A fault of ours, unlike a bad row, takes its chunk with it.
    assert _answered(out.getvalue()) == list("abcde" if at_once or isinstance(error, DataError) else "abcd")
    no_thread_left()


def test_the_next_chunk_is_read_and_tokenised_while_one_is_computed(majority):
    second_was_read, waited = Event(), []

    def reads(n: int) -> None:
        if n == 4:
            second_was_read.set()

    def computes(n: int) -> None:
        if n == 0:
            waited.append(second_was_read.wait(LONG_S))

    classifier = _reporting(majority, reads=reads, computes=computes)
    assert _answered(_written(classifier, iter("abcde"), chunk=2)) == list("abcde")
    assert waited == [True]


def test_a_chunk_is_computed_while_the_one_before_is_written(majority):
    second_computes, waited = Event(), []

    def computes(n: int) -> None:
        if n == 2:
            second_computes.set()

    def writes(n: int) -> None:
        if not waited:
            waited.append(second_computes.wait(LONG_S))

    out = Disk(writes)
    answer_all(_reporting(majority, computes=computes), iter("abcde"), out, form="jsonl", at_once=False, chunk=2)
    assert waited == [True]
    assert _answered(out.getvalue()) == list("abcde")


@pytest.mark.parametrize("at_once", [False, True])
def test_a_stuck_disk_stops_the_reading_after_a_few_chunks(majority, at_once):
    full, go_on, read = Event(), Event(), 0
    # Being written, waiting to be, just answered, and read ahead; what is given at once may go over by one chunk.
    most = 4 * (CHUNKS_BEHIND + CHUNKS_AHEAD + 5)

    def many() -> Iterator[str]:
        nonlocal read
        for i in range(10 * most):
            if i == 4 * (CHUNKS_BEHIND + CHUNKS_AHEAD):
                full.set()
            read += 1
            yield str(i)

    def writes(n: int) -> None:
        if not go_on.is_set():
            assert full.wait(LONG_S)
            go_on.wait(0.2)  # Time to read too far.
            read_by_then.append(read)
            go_on.set()

    read_by_then: list[int] = []
    out = Disk(writes)
    answer_all(majority, many(), out, form="jsonl", at_once=at_once, chunk=4)
    assert read_by_then[0] <= most
    assert _answered(out.getvalue()) == [str(i) for i in range(10 * most)]


def test_a_pipe_is_answered_before_its_next_message_comes(majority):
    answered, seen = Event(), []

    def slowly() -> Iterator[str]:
        yield "first"
        seen.append(answered.wait(LONG_S))
        yield "second"

    out = Disk(lambda n: answered.set())
    answer_all(majority, slowly(), out, form="jsonl", at_once=True)
    assert seen == [True]
    assert _answered(out.getvalue()) == ["first", "second"]


def test_a_pipe_that_came_in_while_computing_is_answered_together(majority):
    all_read, sizes = Event(), []

    def texts() -> Iterator[str]:
        yield from "abcdef"
        all_read.set()

    def computes(n: int) -> None:
        sizes.append(n)
        all_read.wait(LONG_S)

    _written(_reporting(majority, computes=computes), texts(), at_once=True, chunk=64)
    assert len(sizes) <= 2


def _full(n: int) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("at_once", [False, True])
def test_a_full_disk_ends_it_although_messages_are_still_to_come(majority, at_once):
    more, ended = Event(), Event()

    def waiting() -> Iterator[str]:
        yield from ("a", "b")
        more.wait(LONG_S)
        ended.set()

    with pytest.raises(OSError, match="No space left"):
        answer_all(majority, waiting(), Disk(_full), form="jsonl", at_once=at_once, chunk=2)
    assert not ended.is_set()  # It is still waiting for a message.
    more.set()
    assert ended.wait(LONG_S)


def test_a_full_disk_comes_before_a_bad_row_further_on(majority, no_thread_left):
    with pytest.raises(OSError, match="No space left"):
        answer_all(majority, _then("ab", ValueError("bad row")), Disk(_full), form="jsonl", at_once=False, chunk=2)
    no_thread_left()


def test_nobody_reads_on_when_writing_has_failed(majority, no_thread_left):
    read = 0

    def endless() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield "again"

    with pytest.raises(OSError, match="No space left"):
        answer_all(majority, endless(), Disk(_full), form="jsonl", at_once=False, chunk=10)
    no_thread_left()
    assert read < 1_000


def _interrupted_at(n: int) -> Any:
    def computes(computed: int) -> None:
        if computed == n:
            raise KeyboardInterrupt

    return computes


def test_an_interruption_keeps_what_was_answered_and_leaves_no_thread(majority, no_thread_left):
    out = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        answer_all(
            _reporting(majority, computes=_interrupted_at(4)), iter("abcdef"), out, form="jsonl", at_once=False, chunk=2
        )
    assert _answered(out.getvalue()) == list("abcd")
    no_thread_left()


def test_an_interruption_does_not_wait_for_a_pipe_that_takes_nothing(majority, no_thread_left):
    taken = Event()
    out = Disk(lambda n: taken.wait(LONG_S))
    with pytest.raises(KeyboardInterrupt):
        answer_all(
            _reporting(majority, computes=_interrupted_at(2)), iter("abcdef"), out, form="jsonl", at_once=False, chunk=2
        )
    assert not taken.is_set()
    taken.set()
    no_thread_left()


def test_texts_and_what_was_read_of_them_are_scored_the_same(majority):
    classifier = _reporting(majority)
    assert classifier.answers(classifier.read(MESSAGES)) == classifier.classify(MESSAGES)
    np.testing.assert_array_equal(classifier.logits(MESSAGES)[0], majority.logits(MESSAGES)[0])
