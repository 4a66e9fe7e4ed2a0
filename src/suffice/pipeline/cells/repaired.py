"""Labels of training rows as a rung that did not see them would have them: cleaning foretold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from suffice.pipeline.cells.rows import allowed_rows, settings_of, training_data
from suffice.pipeline.rows.prepare import Material
from suffice.records.evaluation import Predictions
from suffice.records.progress import Progress
from suffice.records.run import Cell
from suffice.rungs.ladder import describe
from suffice.rungs.out_of_fold import N_FOLDS, out_of_fold_scores
from suffice.split import folds
from suffice.stats.suspicion import judge
from suffice.stats.temperature import fit_temperature
from suffice.store.strict_json import digest

SURE = 0.5
"""Least margin of the best other label over the row's own at which the label is replaced."""


OUT_OF_FOLD = "out_of_fold.parquet"
"""In the folder of the run on all rows, so that finished runs tell what the fit told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Repaired:
    """Training labels, some of them replaced."""

    y: NDArray[np.int64]
    """Label codes of all rows of the material, shape [N]."""
    n_changed: int
    """Training rows whose label is another one now."""
    sha256: str
    """Hash of the codes: part of the name of every cell that is fitted on them."""
    rows: NDArray[np.int64]
    """Positions of the training rows, shape [M]."""
    probs: NDArray[np.float64]
    """What the rung said of these without having seen them, shape [M, K]."""


def out_of_fold(cell: Cell, material: Material, *, progress: Progress) -> Predictions:
    """What a rung says of training rows that it was fitted without.

    Args:
        cell: a cheap rung with nothing changed.
        material: the rows that may be seen.
        progress: told of every fold.
    """
    rows = allowed_rows(cell, material)
    taken = material.data.take(rows)
    scores = out_of_fold_scores(
        describe(cell.rung).load_class(),
        taken.texts,
        training=lambda positions: training_data(cell, material, rows[positions]),
        folds=[folds(rows, material.strata, n_folds=N_FOLDS, seed=cell.split_seed)],
        settings=settings_of(cell),
        base=cell.base or "",
        progress=progress,
    )
    return Predictions(
        ids=tuple(taken.ids),
        labels=material.labels,
        probs=softmax(scores.logits / fit_temperature(scores.logits, material.y[rows]), axis=1),
        n_truncated=int(scores.truncated.sum()),
    )


def repaired_labels(said: Predictions, material: Material) -> Repaired:
    """Replaces the labels of training rows that a rung, fitted without them, is sure are others.

    Nothing of the validation rows is looked at, so that a run on these labels is compared fairly.

    Args:
        said: as `out_of_fold` gives it.
        material: the rows that may be seen.
    """
    assert said.probs is not None, "cheap rungs state probabilities"
    place = {row_id: row for row, row_id in enumerate(material.data.ids)}
    rows = np.array([place[row_id] for row_id in said.ids], dtype=np.int64)
    y, found = material.y[rows], material.y.copy()
    judged = judge(said.probs, y)
    found[rows] = np.where(judged.margin > SURE, judged.suggested, y)
    n_changed = int((found != material.y).sum())
    return Repaired(y=found, n_changed=n_changed, sha256=digest(found.tolist()), rows=rows, probs=said.probs)
