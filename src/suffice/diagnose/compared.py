"""Two cells that differ in one thing, on the same rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suffice.diagnose.outcomes import Outcomes, kind_of
from suffice.diagnose.pairs import gain_interval, of_seeds, unseen
from suffice.records.diagnosis import Compared
from suffice.records.grid import NOT_JUDGED, Measured


def compared(
    outcomes: Outcomes, cell: Measured, other: Measured, *, switch: str, change: str, against: str, chosen: bool = False
) -> Compared:
    """One intervention on the rows that both cells were asked.

    Args:
        outcomes: rungs under switches, with the draws of rows and seeds.
        cell: with the thing changed.
        other: without.
        switch: what kind of change it is.
        change: what was done.
        against: what it is held against.
        chosen: of wordings, whether it did best on tune rows.
    """
    grid = outcomes.draws.grid
    both = cell.judged & other.judged
    gained = _gained(outcomes, cell, other, both) + unseen(outcomes.draws, switch, cell.rung, judged=both)
    return Compared(
        switch=switch,
        rung=cell.rung,
        change=change,
        against=against,
        n=min(cell.n, grid.n_train),
        rows=int(both.sum()),
        difference=float(gained[0]),
        interval=gain_interval(gained),
        chosen=chosen,
    )


def _gained(outcomes: Outcomes, cell: Measured, other: Measured, both: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Score of one less that of the other on the rows that both were asked, in each draw, shape [D].

    Two runs may differ by their seeds alone. One model that is asked in two ways may not.
    """
    draws = outcomes.draws
    first, second = (
        draws.errors_of(np.where(both, one.y_pred, NOT_JUDGED), draws.grid.y_true)[0] for one in (cell, other)
    )
    if cell.rung == other.rung and cell.asked_again:
        return np.asarray(second - first)
    by_seeds = (of_seeds(outcomes.seeds, one, change=_trained(one)) for one in (cell, other))
    return np.asarray(second - first + next(by_seeds) - next(by_seeds))


def _trained(cell: Measured) -> str | None:
    """What was trained differently, by kind."""
    return None if cell.change is None or cell.asked_again else kind_of(cell.change)
