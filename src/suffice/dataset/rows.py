"""Chunks of a file to batches of rows in the columns of every data version."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from typing import TypeVar

import pyarrow as pa

from suffice.dataset import cells
from suffice.dataset.chunk import Chunk
from suffice.dataset.columns import Column, Columns
from suffice.dataset.problems import Problems
from suffice.records.dataset import SCHEMA
from suffice.stats.annotators import most_chosen

Value = TypeVar("Value")


def rows_of(chunk: Chunk, *, columns: Columns, split: str | None, problems: Problems) -> pa.RecordBatch | None:
    """Checks every cell of a chunk and puts the rows together.

    Args:
        chunk: rows with at least the columns that are wanted.
        columns: what the columns mean.
        split: the split of all rows, where the file itself is one.
        problems: takes every cell that cannot be read; its name is the rows' source.

    Returns:
        Rows in `SCHEMA`, or None once the file has a problem: such rows go nowhere.
    """
    annotations = _annotations(chunk, columns, problems=problems)
    texts, labels = _texts_and_labels(chunk, columns, problems=problems)
    own_ids = _checked(chunk, columns.id, cells.id_of, role="id", problems=problems)
    groups = _checked(chunk, columns.group, cells.group_of, role="group", problems=problems)
    times = _checked(chunk, columns.time, cells.time_of, role="time", problems=problems)
    splits = _checked(chunk, columns.split, cells.split_name_of, role="split", problems=problems)
    kept = _kept(chunk, columns.kept, problems=problems)
    if problems.n:
        return None
    n, source = len(texts), problems.name
    rows = range(chunk.first_row, chunk.first_row + n)
    ids = made_ids(source, rows, texts) if own_ids is None else own_ids
    nulls: Sequence[str | None] = [None] * n
    brought: Sequence[str | None] = splits or [split] * n
    if columns.by_majority:
        labels = [_majority(labelled, text) for labelled, text in zip(annotations or [], texts, strict=True)]
    given = nulls if annotations is None else [labelled or None for labelled in annotations]
    further: Sequence[object] = kept or nulls
    values = (ids, [source] * n, rows, texts, labels, groups or nulls, times or nulls, brought, given, further)
    arrays = [pa.array(value, field.type) for value, field in zip(values, SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def made_ids(source: str, rows: Sequence[int], texts: Sequence[str]) -> list[str]:
    """Ids of rows that bring none: they name the row, and change when its text does."""
    return [f"{source}:{row}:{sha256(text.encode()).hexdigest()[:8]}" for row, text in zip(rows, texts, strict=True)]


def _texts_and_labels(chunk: Chunk, columns: Columns, *, problems: Problems) -> tuple[list[str], list[str]]:
    if columns.shape == "OpenAI fine-tuning chats":
        chats = _checked(chunk, columns.text, cells.chat_of, role="chat", problems=problems) or []
        return [text for text, _ in chats], [label for _, label in chats]
    text_of = cells.text_of if len(columns.text.names) == 1 else cells.joined_text
    label_of = cells.label_of if columns.shape == "table" else cells.answer_of
    texts = _checked(chunk, columns.text, text_of, role="text", problems=problems) or []
    if columns.by_majority:
        return texts, []
    return texts, _checked(chunk, columns.label, label_of, role="label", problems=problems) or []


def _annotations(chunk: Chunk, columns: Columns, *, problems: Problems) -> list[list[str]] | None:
    if columns.annotators is None:
        return None
    read = cells.each_label if len(columns.annotators.names) > 1 else cells.listed_labels
    read = partial(read, needed=columns.by_majority)
    return _checked(chunk, columns.annotators, read, role="annotators", problems=problems)


def _kept(chunk: Chunk, column: Column | None, *, problems: Problems) -> list[list[tuple[str, str | None]]] | None:
    """Name and cell of each further column of every row; None where none is kept."""
    if column is None:
        return None
    read = cells.kept_cells if len(column.names) > 1 else _kept_cell
    values = _checked(chunk, column, read, role="a cell that slices are made by", problems=problems) or []
    return [list(zip(column.names, row, strict=True)) for row in values]


def _kept_cell(value: object) -> list[str | None]:
    return cells.kept_cells([value])


def _majority(labelled: Sequence[str], text: str) -> str:
    """The label that most annotators chose.

    A tie is settled by a draw that the text alone decides: copies agree, another reading gives the same, and no label
    is favoured. Without such rows the test would be easier than the work.
    """
    most = most_chosen(labelled)
    return most[int.from_bytes(sha256(f"tie:{text}".encode()).digest()[:8]) % len(most)]


def _checked(
    chunk: Chunk, column: Column | None, read: Callable[..., Value], *, role: str, problems: Problems
) -> list[Value] | None:
    """The values of a column, one for every readable cell; None without a column."""
    if column is None:
        return None
    several = len(column.names) > 1
    given = (
        zip(*map(chunk.columns.__getitem__, column.names), strict=True) if several else chunk.columns[column.names[0]]
    )
    values: list[Value] = []
    for place, cell in zip(chunk.places, given, strict=True):
        try:
            values.append(read(cell))
        except cells.Fault as fault:
            problems.add(place, f"{role} {fault.rule}", got=fault.got, fix=fault.fix)
    return values
