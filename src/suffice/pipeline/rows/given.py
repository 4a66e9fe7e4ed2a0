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
    questions = [row for row in rows if isinstance(row, Question)]  # Knowledge is for them alone.
    return read_before(questions, [gold.get(one.id, found.get(one.id, "")) for one in questions])


def found_before(questions: Sequence[Question], reader: Reader) -> tuple[Question, ...]:
    """Questions with what a finished run's reader finds for them.

    Args:
        questions: N rows.
        reader: of the run, or of its bundle.
    """
    return read_before(questions, [read.text for read in reader.found([one.text for one in questions])])


def read_before(questions: Sequence[Question], contexts: Sequence[str]) -> tuple[Question, ...]:
    """Questions with what is read before them; what the row itself brings stands behind it.

    Args:
        questions: N rows.
        contexts: of each, in the same order; empty for nothing.
    """
    return tuple(
        replace(one, context=context_of(context, one.context)) for one, context in zip(questions, contexts, strict=True)
    )
