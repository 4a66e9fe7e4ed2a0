"""Rows as a cell's rung is asked about them: as they are given, or with a small change that must not matter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suffice.kinds.small_changes import changed_row, changed_text
from suffice.pipeline.rows.free_rows import free_rows
from suffice.pipeline.rows.given import given_rows
from suffice.pipeline.rows.prepare import Material
from suffice.records.free_spec import FreeSpec
from suffice.records.run import SENSITIVITY, Cell
from suffice.records.sensitivity import SMALL_CHANGES, SmallChange
from suffice.rungs.answering import AnyRow


def posed_rows(cell: Cell, material: Material, places: NDArray[np.int64]) -> tuple[AnyRow, ...]:
    """The questions or requests of some rows, with what stands before them; what is read there is what is found for
    them as they are.

    Args:
        cell: what is run.
        material: the rows that may be seen.
        places: positions of rows.
    """
    rows, change = given_rows(cell, material, places), small_change(cell.change)
    if change is None:
        return rows
    assert cell.answer is not None, "a cell whose answers are free says what an answer is"
    return tuple(changed_row(row, change, spec=cell.answer, seed=cell.split_seed) for row in rows)


def posed_texts(cell: Cell, material: Material, places: NDArray[np.int64]) -> list[str]:
    """The messages of some rows.

    Args:
        cell: what is run.
        material: the rows that may be seen.
        places: positions of rows.
    """
    texts, change = material.data.take(places).texts, small_change(cell.change)
    return texts if change is None else [changed_text(text, change, seed=cell.split_seed) for text in texts]


def touched(
    change: str | None, material: Material, places: NDArray[np.int64], *, spec: FreeSpec | None, split_seed: int
) -> NDArray[np.bool_]:
    """Which rows a cell with this change asks otherwise than as they are, shape [N]; all where it changes none of them.

    Args:
        change: of the cell.
        material: the rows that may be seen.
        places: positions of N rows.
        spec: the task's section of its kind; None where answers are labels.
        split_seed: of the task.
    """
    small = small_change(change)
    if small is None:
        return np.ones(len(places), dtype=np.bool_)
    data = material.data.take(places)
    if spec is None:
        return np.array([changed_text(one, small, seed=split_seed) != one for one in data.texts], dtype=np.bool_)
    rows = free_rows(data, spec)
    return np.array([changed_row(row, small, spec=spec, seed=split_seed) != row for row in rows], dtype=np.bool_)


def small_change(change: str | None) -> SmallChange | None:
    """The small change that a cell's change names; None where it is another one, or none.

    Args:
        change: `sensitivity:typo`.
    """
    kind, _, name = (change or "").partition(":")
    return next((one for one in SMALL_CHANGES if kind == SENSITIVITY and one == name), None)
