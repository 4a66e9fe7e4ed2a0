"""All layers of one run on one set of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suffice.evaluate.accuracy import accuracy
from suffice.evaluate.confusion import confusion
from suffice.evaluate.form import form
from suffice.evaluate.per_label import per_label
from suffice.evaluate.probability import probability
from suffice.evaluate.scored import Scored
from suffice.evaluate.slices import slices
from suffice.evaluate.time import time
from suffice.records.evaluation import Evaluation, Predictions
from suffice.records.slices import NO_ASPECTS, Aspects
from suffice.stats.scored import require_rows

LAYERS: tuple[tuple[str, Callable[[Scored], Any]], ...] = (
    ("accuracy", accuracy),
    ("per_label", per_label),
    ("confusion", confusion),
    ("probability", probability),
    ("form", form),
    ("slices", slices),
    ("time", time),
)
"""Field of `Evaluation`, and what fills it; accuracy first, then what explains it."""


def evaluate(
    predictions: Predictions,
    y_true: NDArray[np.int64],
    groups: NDArray[np.int64],
    *,
    rung: str,
    run: str,
    split: str,
    n_empty: int,
    seed: int,
    aspects: Aspects = NO_ASPECTS,
) -> Evaluation:
    """Scores one run's answers, layer by layer.

    Args:
        predictions: answers for N rows over K labels.
        y_true: positions of the rows' labels in `predictions.labels`, shape [N].
        groups: group of each row, shape [N].
        rung: name of the rung.
        run: name of the run.
        split: `validation`, `test` or `out_of_fold`.
        n_empty: texts with nothing in them, answered with the prior.
        seed: of resampling and simulation.
        aspects: slices and times of the rows.

    Raises:
        DataError: there are no rows to score.
    """
    require_rows(len(y_true), what=f"{split} rows of {run}")
    scored = Scored(predictions=predictions, y_true=y_true, groups=groups, n_empty=n_empty, seed=seed, aspects=aspects)
    layers = {field: layer(scored) for field, layer in LAYERS}
    return Evaluation(rung=rung, run=run, split=split, labels=predictions.labels.names, **layers)
