"""What would turn the choice of a plan: the nearest target and the nearest price of a label with another one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.diagnose.draws import weighted_quantile
from suffice.diagnose.plans import ENOUGH, Considered, cheapness, code_of
from suffice.records.diagnosis import Plan
from suffice.records.grid import Grid
from suffice.text.plan_words import steps_in_words
from suffice.text.rounding import asked_points, fraction

LEAST_POINTS = 0.0005
"""Targets nearer than this to the one that was set read alike."""


def flip_of(
    considered: Sequence[Considered], plans: Sequence[Plan], grid: Grid, weights: NDArray[np.float64]
) -> str | None:
    """The smallest changes of target and of price under which a plan that begins otherwise would be taken.

    A change of the target by so many points and of what the steps bring by as many, the other way, are one and the
    same. None where no change that was looked at turns it.

    Args:
        considered: plans, and what they come to in each draw.
        plans: the one that is taken, and the others in their order.
        grid: the target and the prices.
        weights: of the draws, shape [D], summing to 1.

    Source: STATISTICS of the project, section 6: the smallest change of price, target or gain that changes the plan.
    """
    target = grid.target.at_least
    if target is None or not plans:
        return None
    chosen = next(one for one in considered if one.plan is plans[0])
    sure = {id(one): weighted_quantile(one.score, weights, 1.0 - ENOUGH) for one in considered}
    found = [_by_target(chosen, considered, sure, target)]
    if chosen.plan.first is not None and chosen.plan.first.code != "more_test_rows":  # That comes first at any price.
        found.append(_by_price(chosen.plan, considered, grid.prices.per_label))
    return "; or ".join(sentence for sentence in found if sentence is not None) or None


def _by_target(
    chosen: Considered, considered: Sequence[Considered], sure: dict[int, float], target: float
) -> str | None:
    """A lower target for which a plan will do that is cheaper, or any at all; a higher one for which this will not."""
    likely = chosen.plan.probability >= ENOUGH
    lower = [
        (sure[id(one)], one)
        for one in considered
        if code_of(one.plan) != code_of(chosen.plan) or not likely
        if sure[id(one)] <= target - LEAST_POINTS and (not likely or cheapness(one.plan) < cheapness(chosen.plan))
    ]
    nearest = max(lower, key=lambda pair: pair[0], default=None)
    higher = sure[id(chosen)] if likely else None
    below = np.inf if nearest is None else target - nearest[0]
    above = np.inf if higher is None else higher - target
    if nearest is not None and below <= above:
        lower_by = f"{fraction(nearest[0], bound='lower')} ({asked_points(round(below, 3))} lower)"
        if nearest[1] is chosen:
            return f"with a target of {lower_by} this plan would be likely enough"
        return f"with a target of {lower_by} it would be: {steps_in_words(nearest[1].plan)}"
    if higher is not None and above >= LEAST_POINTS and higher < 1.0:
        return f"with a target above {fraction(higher, bound='lower')} this plan would not be likely enough"
    return None


def _by_price(chosen: Plan, considered: Sequence[Considered], per_label: float) -> str | None:
    """The price of a label, nearest to what one costs, at which another likely plan is the cheaper one."""
    prices = [
        (price, other.plan)
        for other in considered
        if other.plan.probability >= ENOUGH and code_of(other.plan) != code_of(chosen)
        for price in _even(chosen, other.plan, per_label)
    ]
    if not prices or not per_label:
        return None
    price, plan = min(prices, key=lambda pair: abs(np.log(pair[0] / per_label)))
    return f"with labels at {price:.2g} instead of {per_label:g} each it would be: {steps_in_words(plan)}"


def _even(one: Plan, other: Plan, per_label: float) -> Iterator[float]:
    """The price of a label at which two plans cost the same; nothing where no price does that."""
    labels, others = (sum(step.labels for step in plan.steps) for plan in (one, other))
    if labels != others:
        price = per_label + (other.money - one.money) / (labels - others)
        if price > 0.0:
            yield price
