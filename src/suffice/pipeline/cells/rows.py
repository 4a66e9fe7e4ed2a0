"""The rows of a cell: those that it is fitted on, as its rung sees them, and those that it is judged on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suffice.pipeline.cells.hosted import rows_asked
from suffice.pipeline.rows.posed import small_change, touched
from suffice.pipeline.rows.prepare import Material
from suffice.pipeline.rows.wrong_traces import wrong_traces
from suffice.records.run import FORM, GOLD_PASSAGE, RETRIEVAL, SENSITIVITY, Cell
from suffice.records.splits import MIN_VALIDATION
from suffice.records.task import Kind
from suffice.rungs.interface import Settings, TrainingData
from suffice.rungs.ladder import describe
from suffice.split import folds, nested_subset, tune_rows

MIN_ROWS_TO_TUNE = 500
"""Below this many training rows, choices made while fitting are made by cross-validation."""
ASKED_AGAIN, TUNE_ASKED = 200, 100
"""Rows of validation, and of tune at most, on which a language model is asked another way."""
WRITTEN_AGAIN = 100
"""Rows of validation on which it is where it writes its answers: each takes as long as a hundred labels."""
MIN_TUNE_ASKED = 50
"""Rows below which they choose no wording of an endpoint: as few as tune rows are at least."""
N_TUNE_FOLDS_CHEAP, N_TUNE_FOLDS = 3, 2
"""Folds of that cross-validation: a network is trained once for each, and once more on every row."""


def training_rows(cell: Cell, material: Material) -> NDArray[np.int64]:
    """Positions of the rows that the cell is fitted on: nested subsets of train, plus validation for a refit, and
    without those whose trace is found wrong where it leaves these out; none for a hosted rung.

    Args:
        cell: what to run.
        material: the rows that may be seen.
    """
    if cell.hosted is not None:
        return np.empty(0, dtype=np.int64)
    if cell.reviewed_rows_alone:
        assert material.reviewed is not None, "rows were reviewed before a cell was made of them"
        return material.reviewed
    rows = subset(allowed_rows(cell, material), cell, material)
    if cell.train.wrong_traces == "leave_out":
        rows = rows[~wrong_traces(material.data.take(rows))]
    return np.sort(np.concatenate([rows, material.rows("validation")])) if cell.refit else rows


def allowed_rows(cell: Cell, material: Material) -> NDArray[np.int64]:
    """Positions of the training rows that the task allows, of which a cell may take a nested subset.

    Args:
        cell: what to run.
        material: the rows that may be seen.
    """
    rows, n = material.rows("train"), cell.train.n_train
    return rows if n is None or n >= len(rows) else nested_subset(rows, material.strata, n=n, seed=cell.seed)


def subset(rows: NDArray[np.int64], cell: Cell, material: Material) -> NDArray[np.int64]:
    """The nested subset that a cell takes of some rows.

    Args:
        rows: positions of rows that it may be fitted on.
        cell: what to run.
        material: the rows that may be seen.
    """
    if cell.n is None or cell.n >= len(rows):
        return rows
    return nested_subset(rows, material.strata, n=cell.n, seed=cell.subset_seed)


def labels_of(cell: Cell, material: Material) -> NDArray[np.int64]:
    """Label codes that a cell is fitted on, shape [N].

    Args:
        cell: what to run.
        material: the rows that may be seen.
    """
    if not cell.change_of_labels:
        return material.y
    assert material.repaired is not None, "labels were repaired before a cell was made of them"
    return material.repaired


def training_data(cell: Cell, material: Material, rows: NDArray[np.int64]) -> TrainingData:
    """The rows as a rung sees them, with tune rows, or with folds where there are few rows.

    Args:
        cell: what to run.
        material: the rows that may be seen.
        rows: positions of the rows to fit on.
    """
    tune, fold_of = held_back(cell, material, rows)
    return TrainingData(
        texts=material.data.take(rows).texts,
        y=labels_of(cell, material)[rows],
        labels=material.labels,
        tune=tune,
        folds=fold_of,
    )


def held_back(
    cell: Cell, material: Material, rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64] | None, NDArray[np.int64] | None]:
    """Places of the rows that choices are made on, or the fold of each row where there are few; the other is None.

    Args:
        cell: what to run.
        material: the rows that may be seen.
        rows: positions of the rows to fit on.
    """
    tune = tune_rows(rows, material.strata, seed=cell.split_seed)
    if len(rows) >= MIN_ROWS_TO_TUNE and len(tune):  # One group may be larger than all tune rows together.
        return np.flatnonzero(np.isin(rows, tune)), None
    n_folds = N_TUNE_FOLDS_CHEAP if describe(cell.rung).cheap else N_TUNE_FOLDS
    return None, folds(rows, material.strata, n_folds=n_folds, seed=cell.split_seed)


def judged_rows(cell: Cell, material: Material) -> tuple[NDArray[np.int64], bool]:
    """The rows that compare this rung with others, and whether they are predicted out of fold.

    Args:
        cell: what was run.
        material: the rows that may be seen.
    """
    validation = material.rows("validation")
    if cell.asked_again:
        # Of rows that an endpoint was not asked as it is, nothing could be held against it.
        among = None if cell.hosted is None else rows_asked(cell, material)
        rows = rows_of_askings(material, kind=cell.kind, split_seed=cell.split_seed, among=among)
        if cell.change == GOLD_PASSAGE:
            return _with_gold(rows, material), False
        return _touched(rows, cell, material), False
    if cell.hosted is not None:
        return rows_asked(cell, material), False
    if describe(cell.rung).cheap and len(validation) < MIN_VALIDATION:
        return np.union1d(allowed_rows(cell, material), validation), True
    return validation, False


def rows_of_askings(
    material: Material, *, kind: Kind, split_seed: int, among: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Positions of the rows on which a model is asked another way: the same ones for every way.

    Args:
        material: the rows that may be seen.
        kind: of the task.
        split_seed: of the task.
        among: positions of those that it was asked as it is; None for all.
    """
    fresh, most = material.fresh_validation, ASKED_AGAIN if kind == "classify" else WRITTEN_AGAIN
    fresh = fresh if among is None else np.intersect1d(fresh, among)
    return fresh if len(fresh) <= most else nested_subset(fresh, material.strata, n=most, seed=split_seed)


def _touched(rows: NDArray[np.int64], cell: Cell, material: Material) -> NDArray[np.int64]:
    """Those in which the cell's small change changes something; all where the change is no such one."""
    if small_change(cell.change) is None:
        return rows
    return rows[touched(cell.change, material, rows, spec=cell.answer, split_seed=cell.split_seed)]


def _with_gold(rows: NDArray[np.int64], material: Material) -> NDArray[np.int64]:
    """Those whose gold links name something in the knowledge; all, as long as none was read."""
    if material.readings is None:
        return rows
    gold = material.readings.gold
    return rows[np.array([row_id in gold for row_id in material.data.take(rows).ids], dtype=np.bool_)]


def tune_rows_asked(cell: Cell, material: Material, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions of rows on which a wording may be chosen: none that the rung was fitted on or is shown; often none, and
    none where nothing is to be chosen. To an endpoint no training row is sent: a wording of it is chosen on other
    validation rows than it is reported on.

    Args:
        cell: what is asked.
        material: the rows that may be seen.
        rows: positions of the rows that it was fitted on, or that its examples are taken from.
    """
    if (cell.change or "").startswith((FORM, RETRIEVAL, SENSITIVITY)):
        return np.empty(0, dtype=np.int64)
    if cell.hosted is not None:
        return _other_rows_asked(cell, material)
    may_have_seen = describe(cell.rung).trains or cell.train.shots > 0
    if may_have_seen and len(rows) < MIN_ROWS_TO_TUNE:
        return np.empty(0, dtype=np.int64)
    tune = tune_rows(rows, material.strata, seed=cell.split_seed)
    return tune if len(tune) <= TUNE_ASKED else nested_subset(tune, material.strata, n=TUNE_ASKED, seed=cell.split_seed)


def _other_rows_asked(cell: Cell, material: Material) -> NDArray[np.int64]:
    """Validation rows that an endpoint was asked as it is and is not asked another way; none where they are few."""
    judged, _ = judged_rows(cell, material)
    others = np.setdiff1d(np.intersect1d(material.fresh_validation, rows_asked(cell, material)), judged)
    if len(others) < MIN_TUNE_ASKED:
        return np.empty(0, dtype=np.int64)
    few = len(others) <= TUNE_ASKED
    return others if few else nested_subset(others, material.strata, n=TUNE_ASKED, seed=cell.split_seed)


def settings_of(cell: Cell) -> Settings:
    """How a cell's rung is fitted.

    Args:
        cell: what to run.
    """
    return Settings(
        seed=cell.seed,
        train=cell.train,
        instruction=cell.instruction,
        context_tokens=cell.context_tokens,
        too_long=cell.too_long,
        label_output=cell.label_output or "tokens",
    )
