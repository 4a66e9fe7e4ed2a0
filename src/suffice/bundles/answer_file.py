"""A file of answers that can be taken up again: what is there is kept, a line cut off by a crash is not."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from suffice.bundles.stream import COLUMNS, OutputFormat
from suffice.errors import DataError, Problem, quoted
from suffice.store.files import storage_errors


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What an interrupted run left behind."""

    n: int
    """Whole answers."""
    n_bytes: int
    """Where the last of them ends."""
    last_text: str | None
    """The message of the last one."""


@contextmanager
def answers_to(path: Path, texts: Iterator[str], *, form: OutputFormat) -> Iterator[TextIO]:
    """Opens a file of answers behind the ones it has, and skips the messages that they answer.

    Args:
        path: the file.
        texts: messages; as many as there are answers are taken off.
        form: JSON lines or CSV.

    Raises:
        DataError: the answers that are there are to other messages.
        StorageError: the file cannot be written.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        kept = _kept_json(path) if form == "jsonl" else _kept_csv(path)
        last = None
        for _ in range(kept.n):
            last = next(texts, None)
        if last != kept.last_text:
            raise _other_messages(path, kept, last)
        with path.open("r+", encoding="utf-8", newline="") as out:
            out.truncate(kept.n_bytes)
            out.seek(0, io.SEEK_END)
            if form == "csv" and not kept.n_bytes:
                csv.writer(out, lineterminator="\n").writerow(COLUMNS)
            yield out


def _kept_json(path: Path) -> Kept:
    n = n_bytes = 0
    last = b""
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                break
            n, n_bytes, last = n + 1, n_bytes + len(line), line
    return Kept(n=n, n_bytes=n_bytes, last_text=json.loads(last)["text"] if last else None)


def _kept_csv(path: Path) -> Kept:
    """Whole rows: a row has ended when its last cell has, since our last cell is a word and our line end is ours."""
    n = n_bytes = 0
    last: list[str] = []
    taken: list[str] = []

    def lines(file: TextIO) -> Iterator[str]:
        for line in file:
            taken.append(line)
            yield line

    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(lines(file)):
            if len(row) != len(COLUMNS) or not taken[-1].endswith("\n"):
                break
            n, n_bytes, last = n + 1, n_bytes + sum(len(line.encode()) for line in taken), row
            taken.clear()
    return Kept(n=max(0, n - 1), n_bytes=n_bytes, last_text=last[0] if n > 1 else None)


def _other_messages(path: Path, kept: Kept, text: str | None) -> DataError:
    return DataError(
        Problem(
            where=str(path),
            rule=f"answer {kept.n:,} must be to message {kept.n:,}",
            got=f"{quoted(kept.last_text)} in the file, {quoted(text)} among the messages",
            fix="name the same messages as before, or another --out",
        )
    )
