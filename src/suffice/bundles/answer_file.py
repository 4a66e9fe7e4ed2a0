"""A file of answers that can be taken up again: what is there is kept, a line cut off by a crash is not."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import TextIO

from suffice.bundles.classifier import Classifier
from suffice.bundles.stream import COLUMNS, OutputFormat
from suffice.errors import DataError, Problem, quoted
from suffice.store.files import storage_errors
from suffice.store.spreadsheet import text_in

SAME = 0.01
"""Two probabilities of one answer may differ by this: a network rounds by what else stands in a batch."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What an interrupted run left behind."""

    n: int
    """Whole answers."""
    n_bytes: int
    """Where the last of them ends."""
    last: tuple[str, str, float] | None
    """Message, label and probability of the last one."""


@contextmanager
def answers_to(path: Path, texts: Iterator[str], *, form: OutputFormat, classifier: Classifier) -> Iterator[TextIO]:
    """Opens a file of answers behind the ones it has, and skips the messages that they answer.

    Args:
        path: the file.
        texts: messages; as many as there are answers are taken off.
        form: JSON lines or CSV.
        classifier: what answers; the last answer that is there must be its own.

    Raises:
        DataError: the answers that are there are to other messages, or another bundle's.
        StorageError: the file cannot be written.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        _must_be_answers(path, form)
        kept = _kept_json(path) if form == "jsonl" else _kept_csv(path)
        last = None
        for _ in range(kept.n):
            last = next(texts, None)
        _must_go_on(path, kept, last, classifier)
        with path.open("r+", encoding="utf-8", newline="") as out:
            out.truncate(kept.n_bytes)
            out.seek(0, io.SEEK_END)
            if form == "csv" and not kept.n_bytes:
                csv.writer(out, lineterminator="\n").writerow(COLUMNS)
            yield out


def _must_be_answers(path: Path, form: OutputFormat) -> None:
    """A file of anything else, named by mistake, would lose all that is no whole answer."""
    beginning = b'{"text": "' if form == "jsonl" else ",".join(COLUMNS).encode()
    with path.open("rb") as file:
        found = file.read(len(beginning))
    if not beginning.startswith(found):
        raise _no_answers(path, got=found.decode("utf-8", errors="replace"))


def _kept_json(path: Path) -> Kept:
    n = n_bytes = 0
    last = b""
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                break
            n, n_bytes, last = n + 1, n_bytes + len(line), line
    return Kept(n=n, n_bytes=n_bytes, last=_answer_in(path, last) if last else None)


def _answer_in(path: Path, line: bytes) -> tuple[str, str, float]:
    try:
        answer = json.loads(line)
        return str(answer["text"]), str(answer["label"]), float(answer["probability"])
    except (ValueError, LookupError, TypeError):
        raise _no_answers(path, got=line.decode("utf-8", errors="replace")) from None


def _no_answers(path: Path, *, got: str) -> DataError:
    rule, fix = "must be a file of answers that can be gone on with, or none yet", "name another --out"
    return DataError(Problem(where=str(path), rule=rule, got=quoted(got), fix=fix))


def _kept_csv(path: Path) -> Kept:
    """Whole rows: a row has ended when its last cell has, since our last cell is a word and our line end is ours."""
    n = n_bytes = 0
    last: list[str] = []
    taken: list[str] = []

    def lines(file: TextIO) -> Iterator[str]:
        for line in file:
            taken.append(line)
            yield line

    csv.field_size_limit(2**31 - 1)
    # A cut may go through a character; what it leaves is in a row that is not kept.
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        for row in csv.reader(lines(file)):
            if len(row) != len(COLUMNS) or not taken[-1].endswith("\n"):
                break
            n, n_bytes, last = n + 1, n_bytes + sum(len(line.encode()) for line in taken), row
            taken.clear()
    told = (text_in(last[0]), text_in(last[1]), float(last[2])) if n > 1 else None
    return Kept(n=max(0, n - 1), n_bytes=n_bytes, last=told)


def _must_go_on(path: Path, kept: Kept, text: str | None, classifier: Classifier) -> None:
    """Holds the last answer that is there against the message of its number, and against the bundle.

    Raises:
        DataError: it is to another message, or the bundle answers otherwise.
    """
    if kept.last is None:
        return
    said, label, probability = kept.last
    if said != text:
        rule, got = f"answer {kept.n:,} must be to message {kept.n:,}", f"{quoted(said)} in the file, {quoted(text)}"
        fix = "name the same messages as before, or another --out"
        raise DataError(Problem(where=str(path), rule=rule, got=f"{got} among the messages", fix=fix))
    (now,) = classifier.classify([said])
    if not isclose(now.probabilities.get(label, -1.0), probability, abs_tol=SAME):
        rule = f"answer {kept.n:,} must be this bundle's"
        got = f"{label!r} at {probability:.3f} in the file, {now.label!r} at {now.probability:.3f} now"
        fix = "name the bundle that began the file, or another --out"
        raise DataError(Problem(where=str(path), rule=rule, got=got, fix=fix))
