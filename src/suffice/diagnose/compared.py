"""Two cells that differ in one thing, on the same rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suffice.diagnose.draws import CONFIDENCE, Draws, middle
from suffice.records.diagnosis import Compared
from suffice.records.evaluation import Interval
from suffice.records.grid import NOT_JUDGED, Measured
from suffice.stats.groups import design_effect
from suffice.stats.paired import paired_counts
from suffice.stats.tango import difference_lower_bound, difference_upper_bound

ALPHA = (1.0 - CONFIDENCE) / 2.0


def compared(
    draws: Draws, cell: Measured, other: Measured, *, switch: str, change: str, against: str, chosen: bool = False
) -> Compared:
    """One intervention on the rows that both cells were asked.

    Args:
        draws: of the grid.
        cell: with the thing changed.
        other: without.
        switch: what kind of change it is.
        change: what was done.
        against: what it is held against.
        chosen: of wordings, whether it did best on tune rows.
    """
    grid = draws.grid
    both = cell.judged & other.judged
    difference, interval = _difference(draws, cell.y_pred, other.y_pred, both)
    return Compared(
        switch=switch,
        rung=cell.rung,
        change=change,
        against=against,
        n=min(cell.n, grid.n_train),
        rows=int(both.sum()),
        difference=difference,
        interval=interval,
        chosen=chosen,
    )


def _difference(
    draws: Draws, first: NDArray[np.int64], second: NDArray[np.int64], both: NDArray[np.bool_]
) -> tuple[float, Interval]:
    """Score of the first less that of the second on the rows that both were asked, with its 90% interval.

    Source: of accuracy Tango (1998), which has a width where no row differs, as in `tango`; of macro F1 the draws.
    """
    grid = draws.grid
    if grid.target.metric != "accuracy":
        errors = [draws.errors_of(np.where(both, y_pred, NOT_JUDGED), grid.y_true)[0] for y_pred in (first, second)]
        gained = errors[1] - errors[0]
        return float(gained[0]), middle(gained)
    right = [y_pred[both] == grid.y_true[both] for y_pred in (first, second)]
    counts = paired_counts(right[0], right[1])
    effect = design_effect(right[0].astype(float) - right[1].astype(float), grid.groups[both])
    low, high = (
        bound(counts, alpha=ALPHA, design_effect=effect) for bound in (difference_lower_bound, difference_upper_bound)
    )
    return counts.difference, Interval(low=low, high=high, confidence=CONFIDENCE)
