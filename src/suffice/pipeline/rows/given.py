"""Rows with what stands before them: the one place where a cell's questions get their context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from suffice.pipeline.rows.free_rows import free_rows
from suffice.pipeline.rows.prepare import Material
from suffice.records.answers import Question, context_of
from suffice.records.run import Cell
from suffice.records.tool_calls import messages_behind
from suffice.retrieval.reader import Reader
from suffice.rungs.answering import AnyRow


def given_rows(cell: Cell, material: Material, places: NDArray[np.int64]) -> tuple[AnyRow, ...]:
    """The questions or requests of some rows as the cell's rung is given them.

    Args:
        cell: what is run.
        material: the rows that may be seen.
        places: positions of rows.
    """
    assert cell.answer is not None, "a cell whose answers are free says what an answer is"
    rows = free_rows(material.data.take(places), cell.answer)
    if cell.reads is None:
        return rows
    assert material.readings is not None, "knowledge was read before a cell was made of it"
    # Rows that are fitted on or shown have what is found for them, and nothing where it is only a switch.
    found = material.readings.found
    gold = material.readings.gold if cell.reads.source == "gold" else {}
    return read_before(rows, [gold.get(one.id, found.get(one.id, "")) for one in rows])


def found_before(rows: Sequence[AnyRow], reader: Reader) -> tuple[AnyRow, ...]:
    """Questions or requests with what a finished run's reader finds for them.

    Args:
        rows: N rows.
        reader: of the run, or of its bundle.
    """
    return read_before(rows, [read.text for read in reader.found([one.text for one in rows])])


def read_before(rows: Sequence[AnyRow], contexts: Sequence[str]) -> tuple[AnyRow, ...]:
    """Questions or requests with what is read before them; what a row itself brings stands behind it.

    Args:
        rows: N rows.
        contexts: of each, in the same order; empty for nothing.
    """
    return tuple(_behind(context, one) for one, context in zip(rows, contexts, strict=True))


def _behind(context: str, row: AnyRow) -> AnyRow:
    if isinstance(row, Question):
        return replace(row, context=context_of(context, row.context))
    messages = messages_behind(context, row.example.messages)
    return replace(row, example=replace(row.example, messages=messages))
