"""Lines of text to messages: what a stream of lines, CSV or JSON Lines asks, read as the bundle was taught."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from suffice.dataset.cells import Fault, asked_in, id_of
from suffice.dataset.find import TEXT_NAMES
from suffice.dataset.find_questions import ID_NAMES
from suffice.errors import MAX_SHOWN, DataError, Problem, nearest, quoted

InputFormat = Literal["lines", "csv", "jsonl"]
KEPT = "; with --out FILE the answers before it are kept"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class TextColumns:
    """Which columns of a table make a message."""

    names: tuple[str, ...]
    """Columns, at least one; several are joined by a blank line."""
    chosen: bool
    """Named by the person now. Otherwise they are the bundle's, and a single one may go by another usual name."""
    context: str | None = None
    """Column of what the message is to be answered from; None where nothing is read beside it."""
    context_chosen: bool = False
    """Named by the person now: every row has it then, be it empty."""

    def among(self, there: Sequence[str]) -> list[int] | None:
        """Positions of the columns among those there are, or None."""
        folded = [name.strip().lstrip("\ufeff").casefold() for name in there]
        wanted = [name.strip().casefold() for name in self.names]
        if all(name in folded for name in wanted):
            return [folded.index(name) for name in wanted]
        usual = [name for name in TEXT_NAMES if name in folded] if len(wanted) == 1 and not self.chosen else []
        return [folded.index(usual[0])] if usual else None

    def context_among(self, there: Sequence[str]) -> int | None:
        """Position of the column of the context among those there are; None where there is none, or none is wanted."""
        folded = [name.strip().lstrip("\ufeff").casefold() for name in there]
        wanted = None if self.context is None else self.context.strip().casefold()
        return folded.index(wanted) if wanted in folded else None

    def __str__(self) -> str:
        return " and ".join(map(repr, self.names))


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadRow:
    """One row of a stream."""

    number: int
    """0-based, blank lines of JSON apart, as a data version counts the rows of a file."""
    id: str | None
    """Its own; None where it has none."""
    text: str
    """The message."""
    context: str | None
    """What it is to be answered from; None where it brings nothing, or nothing is read beside it."""


_Cells = tuple[str | None, str, str | None]
"""Id, message and context of a row."""


def form_of(first_line: str, columns: TextColumns) -> InputFormat:
    """What a stream without a name is, by its first line: JSON with the columns, a header with them, or a message.

    Other usual names of a column count for nothing here: "Hi, question" is a message.

    Args:
        first_line: with its line end.
        columns: what makes a message.
    """
    own = replace(columns, chosen=True)
    try:
        record = json.loads(first_line)
    except (ValueError, RecursionError):
        return "csv" if own.among(next(csv.reader([first_line]), [])) is not None else "lines"
    is_row = isinstance(record, dict) and own.among(list(record)) is not None
    return "jsonl" if is_row else "lines"


def read_messages(
    lines: Iterable[str], *, form: InputFormat, columns: TextColumns, name: str, whole: bool
) -> Iterator[str]:
    """The messages of a stream, one by one.

    Args:
        lines: text with line ends.
        form: a message per line; CSV with a header; or JSON objects or strings, one per line.
        columns: what makes a message.
        name: what errors call the stream.
        whole: whether the stream is all there. It is read to its end then for whatever else is wrong with it; one whose
            next line may be long in coming ends with its first bad row.

    Raises:
        DataError: rows that are not of the form, with their lines; the messages before the first have been given.
    """
    return (row.text for row in read_rows(lines, form=form, columns=columns, name=name, whole=whole, kept=KEPT))


def read_rows(
    lines: Iterable[str], *, form: InputFormat, columns: TextColumns, name: str, whole: bool, kept: str = ""
) -> Iterator[ReadRow]:
    """The same with the place of each, and its id where there is a column of that name.

    Args:
        lines: text with line ends.
        form: as above.
        columns: what makes a message.
        name: what errors call the stream.
        whole: as above.
        kept: what becomes of the answers before a bad row, said behind what to do about it.

    Raises:
        DataError: rows that are not of the form, with their lines; those before the first have been given.
    """
    number, problems, n_more = 0, list[Problem](), 0
    for one in {"lines": _plain_rows, "jsonl": _json_rows, "csv": _csv_rows}[form](lines, columns, name):
        if isinstance(one, Problem):
            n_more += len(problems) == MAX_SHOWN
            problems = [*problems, replace(one, fix=one.fix + kept)][:MAX_SHOWN]
            if not whole:
                break
        elif not problems:
            own, text, context = one
            yield ReadRow(number=number, id=own, text=text, context=context or None)
            number += 1
    if problems:
        raise DataError(problems, n_more=n_more)


def _plain_rows(lines: Iterable[str], columns: TextColumns, name: str) -> Iterator[_Cells]:
    del columns, name
    return ((None, line.rstrip("\r\n"), None) for line in lines)


def _json_rows(lines: Iterable[str], columns: TextColumns, name: str) -> Iterator[_Cells | Problem]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _json_row(line, columns, where=(name, number))
            except DataError as error:
                yield from error.problems


def _json_row(line: str, columns: TextColumns, *, where: tuple[str, int]) -> _Cells:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise DataError(_bad_row(*where, rule="every line must be JSON", got=quoted(line.rstrip("\n")))) from None
    text = record if isinstance(record, str) else _message(record, columns)
    if text is None:
        rule = f"every line must be a string or have the message under {columns}"
        raise DataError(_bad_row(*where, rule=rule, got=quoted(record)))
    context = _context(record, columns, where=where)
    # Half a surrogate pair is no character, and no file in UTF-8 can hold it.
    return _own_id(record), _whole(text), None if context is None else _whole(context)


def _whole(text: str) -> str:
    return _LONE_SURROGATE.sub("\ufffd", text)


def _context(record: object, columns: TextColumns, *, where: tuple[str, int]) -> str | None:
    """The cell of the context; a row may do without one, unless the column was named now."""
    if not isinstance(record, dict):
        return None
    at = columns.context_among(list(record))
    if at is None and columns.context_chosen:
        got = f"keys {', '.join(map(repr, record))}{nearest(str(columns.context), record)}"
        raise DataError(_bad_row(*where, rule=f"every line must have {columns.context!r}, be it null", got=got))
    found = None if at is None else list(record.values())[at]
    if found is not None and not isinstance(found, str):
        rule = f"what a message is to be answered from, {columns.context!r}, must be text or null"
        raise DataError(_bad_row(*where, rule=rule, got=quoted(found)))
    return found


def _own_id(record: object) -> str | None:
    """The row's own id; a row may do without one here."""
    at = _id_among(list(record)) if isinstance(record, dict) else None
    return None if at is None or not isinstance(record, dict) else _id_in(list(record.values())[at])


def _id_among(there: Sequence[str]) -> int | None:
    """Position of the column that a data version finds ids in, or None."""
    return next((at for at, name in enumerate(there) if name.strip().lstrip("\ufeff").casefold() in ID_NAMES), None)


def _id_in(cell: object) -> str | None:
    try:
        return None if cell is None else id_of(cell)
    except Fault:
        return None


def _message(record: object, columns: TextColumns) -> str | None:
    """The columns' texts joined; of a chat the last user message; None where there is no text."""
    found = columns.among(list(record)) if isinstance(record, dict) else None
    if found is None or not isinstance(record, dict):
        return None
    values = [list(record.values())[at] for at in found]
    if isinstance(values[0], list):
        try:
            return asked_in(values[0])
        except Fault:
            return None
    parts = [value for value in values if value is not None]
    whole = parts and all(isinstance(part, str) for part in parts)
    return _joined(parts) if whole else None


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else "\n\n".join(part for part in parts if part)


def _csv_rows(lines: Iterable[str], columns: TextColumns, name: str) -> Iterator[_Cells | Problem]:
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(lines, strict=True)
    try:
        header = next(reader, None)
        if header is None:
            return
        found, own, beside = _found(header, columns, name=name), _id_among(header), _beside(header, columns, name=name)
        for row in reader:
            if len(row) != len(header):
                rule, got = f"every row must have {len(header)} cells, as the header has", f"{len(row)} cells"
                yield _bad_row(name, reader.line_num, rule=rule, got=got)
                continue
            context = None if beside is None else row[beside]
            yield None if own is None else _id_in(row[own]), _joined([row[at] for at in found]), context
    except csv.Error as error:
        yield _bad_row(name, reader.line_num, rule="must be CSV", got=str(error))


def _found(header: Sequence[str], columns: TextColumns, *, name: str) -> list[int]:
    found = columns.among(header)
    if found is None:
        got = f"columns {', '.join(map(repr, header))}{nearest(columns.names[0], header) if columns.chosen else ''}"
        fix = "name the column with --text; several, to be joined, with --text one --text another"
        raise DataError(Problem(where=f"{name}:1", rule=f"must have a column {columns}", got=got, fix=fix))
    return found


def _beside(header: Sequence[str], columns: TextColumns, *, name: str) -> int | None:
    """Position of the context's column; without it every answer would be to less than the bundle was fitted on."""
    at = columns.context_among(header)
    if at is None and columns.context is not None:
        got = f"columns {', '.join(map(repr, header))}{nearest(columns.context, header)}"
        rule = f"must have a column {columns.context!r}, of what its questions are to be answered from"
        fix = "name the column with --context; leave its cells empty where there is nothing to read"
        raise DataError(Problem(where=f"{name}:1", rule=rule, got=got, fix=fix))
    return at


def _bad_row(name: str, line: int, *, rule: str, got: str) -> Problem:
    return Problem(where=f"{name}:{line}", rule=rule, got=got, fix="correct the line and run again")
