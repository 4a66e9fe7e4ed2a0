"""Questions with what stands before them: the one place where a cell's questions get their context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from suffice.dataset.questions import questions_of
from suffice.pipeline.prepare import Material
from suffice.records.answers import Question
from suffice.records.run import Cell


def given_questions(cell: Cell, material: Material, places: NDArray[np.int64]) -> tuple[Question, ...]:
    """The questions of some rows as the cell's rung is given them.

    Args:
        cell: what is run.
        material: the rows that may be seen.
        places: positions of rows.
    """
    questions = questions_of(material.data.take(places))
    if cell.reads is None:
        return questions
    assert material.readings is not None, "knowledge was read before a cell was made of it"
    # Rows that are fitted on or shown have what is found for them, and nothing where it is only a switch.
    found = material.readings.found
    gold = material.readings.gold if cell.reads.source == "gold" else {}
    return read_before(questions, [gold.get(one.id, found.get(one.id, "")) for one in questions])


def read_before(questions: Sequence[Question], contexts: Sequence[str]) -> tuple[Question, ...]:
    """Questions with what is read before them; what the row itself brings stands behind it.

    Args:
        questions: N rows.
        contexts: of each, in the same order; empty for nothing.
    """
    return tuple(
        replace(one, context="\n\n".join(part for part in (context, one.context) if part) or None)
        for one, context in zip(questions, contexts, strict=True)
    )
