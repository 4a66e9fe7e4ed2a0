"""Messages to answers, one line each, in order; what is held in memory does not grow with the stream.

Three threads: one reads and tokenises ahead, one writes, and the one that was called computes and waits for neither.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Thread
from typing import Literal, TextIO

from suffice.bundles.answer import Answer
from suffice.bundles.chunks import chunks_of
from suffice.bundles.classifier import CHUNK, Classifier, ReadMessage
from suffice.bundles.handover import WAIT_S, Handover
from suffice.store.spreadsheet import as_cell

OutputFormat = Literal["jsonl", "csv"]
COLUMNS = ("text", "label", "probability", "probabilities", "route", "out_of_scope", "outside", "truncated")
CHUNKS_AHEAD = 4
"""Chunks read ahead of the answers: what a pipe may hold in memory."""
CHUNKS_BEHIND = 2
"""Chunks answered and not yet written: with a thousand labels, one takes 15 MB."""
PATIENCE_S = 0.5
"""Seconds that a thread has to end when it is no longer needed: a pipe that gives or takes nothing may hold it."""


def answer_all(
    classifier: Classifier, texts: Iterator[str], out: TextIO, *, form: OutputFormat, at_once: bool, chunk: int = CHUNK
) -> None:
    """Writes an answer to every message.

    Args:
        classifier: what answers.
        texts: messages; read in a thread of their own.
        out: where to; written to in a thread of its own.
        form: JSON lines or CSV.
        at_once: answer what has come in, as from a pipe; otherwise wait until a chunk is full, as from a file, so that
            what is scored together does not depend on timing.
        chunk: most messages answered together.

    Raises:
        DataError: from the stream, after the answers to the messages before the bad one were written.
        OSError: from `out`, when it happens: nobody waits for the next message first.
    """
    with (
        _reading(classifier, texts, size=1 if at_once else chunk, most=CHUNKS_AHEAD * chunk) as read,
        _writing(out, form=form, most=CHUNKS_BEHIND * chunk, before=read) as answered,
    ):
        while messages := read.take(least=1 if at_once else chunk, most=chunk):
            answered.give(classifier.answers(messages))


@contextmanager
def _reading(classifier: Classifier, texts: Iterator[str], *, size: int, most: int) -> Iterator[Handover[ReadMessage]]:
    """Messages read ahead, `size` at a time; nobody reads on when the block has ended."""
    read: Handover[ReadMessage] = Handover(most=most)

    def work() -> None:
        try:
            for some in chunks_of(texts, size=size):
                read.give(classifier.read(some))
        except BaseException as error:
            read.end(error)
        else:
            read.end()

    thread = _started(work)
    try:
        yield read
    finally:
        read.break_off(EOFError("nobody takes messages any more"))
        thread.join(PATIENCE_S)


@contextmanager
def _writing(
    out: TextIO, *, form: OutputFormat, most: int, before: Handover[ReadMessage]
) -> Iterator[Handover[Answer]]:
    """Takes answers to write, all of which are written when the block has ended; an interruption cuts that short.

    What cannot be written is raised to whoever gives answers or takes messages.
    """
    answered: Handover[Answer] = Handover(most=most)

    def work() -> None:
        try:
            while answers := answered.take(least=1, most=most):
                write_answers(out, answers, form=form)
        except BaseException as error:
            answered.break_off(error)
            before.break_off(error)

    thread = _started(work)
    try:
        yield answered
    except Exception:
        _finish(answered, thread)
        raise
    except BaseException:
        answered.end()
        thread.join(PATIENCE_S)
        answered.break_off(EOFError("nobody waits for the writing any more"))
        raise
    else:
        _finish(answered, thread)


def _finish(answered: Handover[Answer], thread: Thread) -> None:
    """Waits until all is written.

    Raises:
        OSError: from writing; it comes before whatever ended the messages.
    """
    answered.end()
    while thread.is_alive():
        thread.join(WAIT_S)
    answered.give(())


def _started(work: Callable[[], None]) -> Thread:
    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread


def write_answers(out: TextIO, answers: Sequence[Answer], *, form: OutputFormat) -> None:
    """Writes one line (in CSV: one row) per answer, and hands it on at once.

    Args:
        out: where to.
        answers: what to write.
        form: JSON lines or CSV.
    """
    if form == "jsonl":
        out.writelines(json.dumps(_plain(answer), ensure_ascii=False) + "\n" for answer in answers)
    else:
        rows = (_as_cells(answer) for answer in answers)
        # Text in quotes, always: a bare carriage return would otherwise end the row for whoever reads it.
        csv.DictWriter(out, COLUMNS, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC).writerows(rows)
    out.flush()


def _plain(answer: Answer) -> dict[str, object]:
    return {name: getattr(answer, name) for name in COLUMNS}


def _as_cells(answer: Answer) -> dict[str, object]:
    """Messages are written by strangers, and labels may begin with any sign: no cell is computed where it is opened."""
    said = {"text": as_cell(answer.text), "label": as_cell(answer.label)}
    return _plain(answer) | said | {"probabilities": json.dumps(answer.probabilities)}
