"""Messages to answers, one line each, in order; what is held in memory does not grow with the stream."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from typing import Literal, TextIO

from suffice.bundles.answer import Answer
from suffice.bundles.chunks import chunks_as_they_come, fixed_chunks
from suffice.bundles.classifier import CHUNK, Classifier

OutputFormat = Literal["jsonl", "csv"]
COLUMNS = ("text", "label", "probability", "probabilities", "route", "truncated")


def answer_stream(
    classifier: Classifier, texts: Iterator[str], *, at_once: bool, chunk: int = CHUNK
) -> Iterator[list[Answer]]:
    """Answers in order, a chunk at a time.

    Args:
        classifier: what answers.
        texts: messages.
        at_once: answer what has come in, as from a pipe; otherwise wait until a chunk is full, as from a file.
        chunk: most messages answered together.

    Raises:
        DataError: from the stream, after the answers to the messages before the bad one.
    """
    chunks = chunks_as_they_come if at_once else fixed_chunks
    yield from map(classifier.classify, chunks(texts, size=chunk))


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
        rows = (_plain(answer) | {"probabilities": json.dumps(answer.probabilities)} for answer in answers)
        # Text in quotes, always: a bare carriage return would otherwise end the row for whoever reads it.
        csv.DictWriter(out, COLUMNS, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC).writerows(rows)
    out.flush()


def _plain(answer: Answer) -> dict[str, object]:
    return {name: getattr(answer, name) for name in COLUMNS}
