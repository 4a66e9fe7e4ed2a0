"""Where the verdict stands while cells are still being run."""

from __future__ import annotations

import numpy as np

from suffice.diagnose.draws import Draws
from suffice.diagnose.outcomes import Outcomes
from suffice.diagnose.plans import considered_plans, ordered
from suffice.diagnose.winners import called_for, winners
from suffice.records.diagnosis import LEAST_LIKELY
from suffice.records.grid import Grid
from suffice.text.plan_words import plan_sentence
from suffice.text.rounding import fraction

N_DRAWS = 300
"""Enough for tenths."""


def so_far(grid: Grid, *, seed: int) -> str | None:
    """The best rung and what would be done by what is known yet, a sentence; None before a rung was run on all rows.

    Args:
        grid: what was run.
        seed: of the draws.
    """
    draws = Draws(grid=grid, seed=seed, n_draws=N_DRAWS)
    scores = {
        facts.name: float(1.0 - draws.errors(whole)[0, 0])
        for facts in grid.rungs
        if (whole := grid.whole(facts.name)) is not None
    }
    if not scores:
        return None
    best, target = max(scores, key=lambda rung: scores[rung]), grid.target.at_least
    stands = f"so far {best} is best at {fraction(scores[best], against=target)}"
    if target is None:
        return stands
    even = np.full(N_DRAWS, 1.0 / N_DRAWS)
    considered = considered_plans(Outcomes(draws=draws), weights=even)
    leading = called_for(winners(considered, even, provable=None))
    plan = next(iter(ordered([one.plan for one in considered], called_for=leading)), None)
    stands = f"{stands}, where {target:g} is asked"
    if plan is None or plan.probability < LEAST_LIKELY:
        return f"{stands}; nothing that was looked at is likely to reach it"
    return f"{stands}; {plan_sentence(plan)}"
