"""The grid to the symptoms of one rung, which explain and never decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from suffice.diagnose import rounds_of
from suffice.diagnose.symptoms import look
from suffice.records.grid import Grid
from suffice.records.labels import LabelSet
from suffice.records.rounds import Rounds
from suffice.records.symptoms import Looked, Observed, Round
from suffice.rungs.ladder import PROMPTED, endpoint_of


def symptoms_of(grid: Grid, rung: str, *, history: Sequence[Round], seed: int) -> tuple[Looked, ...]:
    """What every symptom says of a rung, by what was run; wordings are not run yet, and are said to be so.

    Args:
        grid: finished cells.
        rung: one that was run on all rows.
        history: its runs over the R rows that compare rungs, as far as they were asked; the earliest first.
        seed: of the resampling.
    """
    whole = grid.whole(rung)
    assert whole is not None, "the proposed rung was run on all rows"
    prompted = grid.whole(f"{rung}{PROMPTED}")
    rows = np.flatnonzero(whole.judged & (prompted.judged if prompted is not None else True))
    return look(
        Observed(
            kind="classify",
            rung=rung,
            labels=LabelSet(names=grid.labels),
            y_true=grid.y_true[rows],
            y_pred=whole.y_pred[rows],
            groups=grid.groups[rows],
            closed=endpoint_of(rung) is None,
            prompted=None if prompted is None else prompted.y_pred[rows],
            outside_mass=None,
            wordings=None,
            bare=None,
            history=tuple(replace(one, right=one.right[rows]) for one in history),
            seed=seed,
        )
    )


def rounds_on(grid: Grid, rung: str, *, history: Sequence[Round]) -> Rounds | None:
    """The rounds of tuning of a rung, on the rows that it was asked; None where there are not two.

    Args:
        grid: finished cells.
        rung: one that was run on all rows.
        history: as in `symptoms_of`.
    """
    whole = grid.whole(rung)
    assert whole is not None, "the proposed rung was run on all rows"
    asked = [replace(one, right=one.right[whole.judged]) for one in history]
    return rounds_of(rung, asked, groups=grid.groups[whole.judged])
