"""The file in which people label requests: CSV that any spreadsheet opens, and that keeps what was typed into it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from suffice.errors import DataError, Problem, nearest, quoted
from suffice.store.files import replacing, storage_errors
from suffice.store.spreadsheet import as_cell, text_in

NO_LABEL = "(none)"
"""Typed where no label is right."""
COLUMNS = ("id", "why", "at", "text", "label")
FOR_ONE = 0o600
MOST_CELL = 10_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class ToLabel:
    """One request in the file. What was answered does not stand in it: whoever labels must not see it."""

    id: str
    """Of the answer in the ledger."""
    why: str
    """Why it is there: `random`, `disputed`, `review` or `escalated`."""
    at: str
    """When it was asked, ISO 8601."""
    text: str
    label: str
    """What a person says; empty where nobody has yet."""


def write_labelling(path: Path, rows: Sequence[ToLabel], *, option: str) -> None:
    """Writes the file, whole or not at all, for the person alone, as the ledger is; one whose mode they have changed
    keeps it.

    Args:
        path: the file.
        rows: in order.
        option: what names another place.

    Raises:
        StorageError: it cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)  # A lone return would be left bare.
    writer.writerow(COLUMNS)
    writer.writerows([as_cell(getattr(row, name)) for name in COLUMNS] for row in rows)
    with replacing(path, option=option) as part:
        part.unlink(missing_ok=True)
        part.touch(mode=FOR_ONE)
        part.write_text(text.getvalue(), encoding="utf-8")
        part.chmod(path.stat().st_mode if path.exists() else FOR_ONE)


def read_labelling(path: Path, *, option: str) -> list[ToLabel]:
    """Reads the file as people left it.

    Args:
        path: the file.
        option: what named it.

    Raises:
        DataError: it is no such file, or an id is in it twice.
        StorageError: it cannot be read.
    """
    with storage_errors(path, option=option):
        text = path.read_bytes().decode("utf-8-sig", errors="surrogateescape").encode("utf-8", "replace").decode()
    csv.field_size_limit(MOST_CELL)
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        rule, got = f"must have the columns {', '.join(COLUMNS)}", f"none named {', '.join(missing)}"
        fix = "name a file that `suffice collect` wrote, saved as CSV with commas"
        raise DataError(Problem(where=str(path), rule=rule, got=got, fix=fix))
    rows = [ToLabel(**{one.name: text_in(row[one.name] or "") for one in fields(ToLabel)}) for row in reader]
    rows = [replace(row, id=row.id.strip(), why=row.why.strip(), label=row.label.strip()) for row in rows]
    first: dict[str, int] = {}
    problems = [
        Problem(
            where=f"{path.name}, row {number}",
            rule="an id stands in the file once",
            got=f"{quoted(row.id)}, the id of row {first[row.id]} too",
            fix="take one of the two rows out",
        )
        for number, row in enumerate(rows, start=1)
        if first.setdefault(row.id, number) != number
    ]
    if problems:
        raise DataError(problems)
    return rows


def labelled(rows: Sequence[ToLabel], labels: Sequence[str], *, outside: str | None, name: str) -> list[ToLabel]:
    """The rows that people have labelled, `NO_LABEL` included.

    Args:
        rows: of the file.
        labels: that may be given.
        outside: the label of messages that are none of the task's, which may be given too; None where it has none.
        name: of the file, for errors.

    Raises:
        DataError: labels that are none, all at once.
    """
    allowed = {*labels, NO_LABEL, *([outside] if outside else [])}
    or_outside = f" {outside} where the message is none of the task's," if outside else ""
    problems = [
        Problem(
            where=f"{name}, row {number}",
            rule=f"label must be one of the task's {len(labels):,} labels,{or_outside} {NO_LABEL} where none is right, "
            "or empty",
            got=quoted(row.label) + nearest(row.label, labels),
            fix="correct it",
        )
        for number, row in enumerate(rows, start=1)
        if row.label and row.label not in allowed
    ]
    if problems:
        raise DataError(problems)
    return [row for row in rows if row.label]
