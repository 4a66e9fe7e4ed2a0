"""Models that were asked the same with small changes: how many answers flip, each change against the rows as they are.

What comes out explains and never decides: no verdict, plan or cause reads it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from suffice.records.grid import Grid, Measured
from suffice.records.run import SENSITIVITY
from suffice.records.sensitivity import SMALL_CHANGES, FlipRate, Flips, Sensitivity, Together
from suffice.stats.flips import flip_rate
from suffice.stats.wordings import cochran_q


def sensitivities_of(grid: Grid) -> tuple[Sensitivity, ...]:
    """How far the answers of each rung hang on what must not matter, in order of cost.

    Args:
        grid: what was run.
    """
    found = (_sensitivity(grid, facts.name) for facts in grid.rungs)
    return tuple(one for one in found if one is not None)


def _sensitivity(grid: Grid, rung: str) -> Sensitivity | None:
    """None where it was asked under no change."""
    whole = grid.whole(rung)
    again = {cell.change: cell for cell in grid.asked_again if cell.rung == rung}
    if whole is None:
        return None
    asked = {
        change: cell
        for change in SMALL_CHANGES
        if (cell := again.get(f"{SENSITIVITY}:{change}")) is not None and (cell.judged & whole.judged).any()
    }
    if not asked:
        return None
    return Sensitivity(
        rung=rung,
        flips=tuple(Flips(change=change, found=_flipped(grid, whole, cell)) for change, cell in asked.items()),
        together=_together(grid, [whole, *asked.values()]),
        repeated=whole.consistency,
    )


def _flipped(grid: Grid, whole: Measured, cell: Measured) -> FlipRate:
    both = whole.judged & cell.judged
    return flip_rate(
        whole.y_pred[both],
        cell.y_pred[both],
        grid.y_true[both],
        groups=grid.groups[both],
        is_free=grid.kind != "classify",
    )


def _together(grid: Grid, ways: Sequence[Measured]) -> Together | None:
    """Source: Cochran (1950), as in `stats.wordings`."""
    rows = np.logical_and.reduce([cell.judged for cell in ways])
    if not rows.any():
        return None
    found = cochran_q(np.stack([cell.y_pred[rows] == grid.y_true[rows] for cell in ways]))
    return Together(n=int(rows.sum()), statistic=found.statistic, df=found.df, p_value=found.p_value)
