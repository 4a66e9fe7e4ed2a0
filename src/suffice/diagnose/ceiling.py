"""How right any model can be on these labels: a bracket, never a point."""

from __future__ import annotations

import numpy as np

from suffice.records.diagnosis import LabelCeiling
from suffice.records.grid import Grid
from suffice.stats.binomial import lower_bound
from suffice.stats.groups import design_effect
from suffice.stats.proof import effective_rows

ALPHA = 0.05
"""Of each one-sided end."""
MIN_REVIEWED = 50
"""Reviewed rows below which an upper end would say nothing."""
ASKED = 300
"""Rows that the advice names. Source: STATISTICS of the project, section 5."""


def label_ceiling(grid: Grid) -> LabelCeiling:
    """The bracket.

    Wrong, ambiguous and hard rows look alike to a model, so that models alone give the lower end only: what a rung has
    reached can be reached. The upper end takes a person: labels that are wrong and that no rung reproduces are out of
    reach for all of them.

    Args:
        grid: what was run, and what was reviewed.

    Source: STATISTICS of the project, section 5; both ends are Clopper and Pearson's (1934) one-sided bounds, rows in
        groups as in `stats.proof`.
    """
    whole = [cell for cell in grid.cells if cell.change is None and cell.whole]
    low = 0.0
    for cell in whole:
        right = (cell.y_pred == grid.y_true)[cell.judged]
        n = effective_rows(len(right), design_effect(right, grid.groups[cell.judged]))
        low = max(low, lower_bound(float(right.mean()) * n, n, alpha=ALPHA))
    n_reviewed = 0 if grid.reviewed is None else len(grid.reviewed.rows)
    if grid.reviewed is None or n_reviewed < MIN_REVIEWED:
        why = f"not identified: review {ASKED} validation rows (suffice review --validation)"
        return LabelCeiling(low=low, high=None, n_reviewed=n_reviewed, why=why)
    rows, y = grid.reviewed.rows, grid.reviewed.y
    wrong = y != grid.y_true[rows]
    reproduced = np.zeros(len(rows), dtype=np.bool_)
    for cell in whole:
        reproduced |= cell.y_pred[rows] == grid.y_true[rows]
    out_of_reach = int((wrong & ~reproduced).sum())
    high = 1.0 - lower_bound(out_of_reach, n_reviewed, alpha=ALPHA)
    why = f"{out_of_reach:,} of {n_reviewed:,} reviewed rows have a wrong label that no rung reproduces"
    return LabelCeiling(low=low, high=max(high, low), n_reviewed=n_reviewed, why=why)
