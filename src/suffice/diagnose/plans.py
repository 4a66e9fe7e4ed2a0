"""Plans of up to two steps: how likely each reaches the target, what it costs, and which one is taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from suffice.diagnose.curves import TRUSTED
from suffice.diagnose.draws import weighted_quantile
from suffice.diagnose.outcomes import Outcomes
from suffice.diagnose.steps import steps_of
from suffice.records.causes import VerdictCode
from suffice.records.diagnosis import CODE_OF_STEP, LEAST_LIKELY, Plan, StepCode
from suffice.records.evaluation import Interval
from suffice.records.run import FORM, RETRIEVAL
from suffice.records.verdict import Goal

ENOUGH = 0.8
"""Probability with which a plan is taken. Source: STATISTICS of the project, section 6."""
MORE = (1.25, 1.5, 2.0, 3.0, 4.0)
"""Training rows that a plan may ask for, over those at hand: beyond four times a forecast is rough, and no plan stands
on one. Source: STATISTICS of the project, sections 4 and 6."""
MAX_STEPS = 2
MOST_LABELS = 100_000
"""Labels beyond which a plan is none: so many are asked for where a score lies on the target, or below it."""
HARDLY_LIKELIER = 0.05
"""What a further step must add to the probability."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Considered:
    """A plan, and the draws in which it does."""

    plan: Plan
    reached: NDArray[np.bool_]
    """Whether the target is then met, in each draw, shape [D]."""
    score: NDArray[np.float64]
    """What the metric that the target speaks of then is, in each draw, shape [D]."""


def considered_plans(outcomes: Outcomes, *, weights: NDArray[np.float64]) -> tuple[Considered, ...]:
    """Every plan that something is known of.

    Args:
        outcomes: rungs under switches.
        weights: of the draws, shape [D], summing to 1: those that the sealed test makes likelier count more.

    Source: STATISTICS of the project, section 6: labels x price, minutes and money; a step's own price and the answers
        of `cost.messages` are this project's, as `docs/TASK.md` has them.
    """
    return tuple(one for one in _every(outcomes, weights) if one is not None)


def ordered(plans: Sequence[Plan], *, called_for: VerdictCode | None) -> tuple[Plan, ...]:
    """Those that most draws call for, then the others; of each the cheapest that is likely enough, then the likeliest.

    Where most draws call for none, a rung as it is comes first if it is likelier to do than not.

    Args:
        plans: any.
        called_for: the code that is right in most draws; None where nothing is known of that.

    Source: STATISTICS of the project, section 6, the decision, but for
        `docs/decisions/0023-what-most-draws-call-for.md`.
    """
    plans = [one for one in plans if sum(step.labels for step in one.steps) <= MOST_LABELS]
    plans = [one for one in plans if not any(_does_as_well(other, one) for other in plans)]

    def place(one: Plan) -> tuple[bool, bool, tuple[float, ...]]:
        likely, called = one.probability >= ENOUGH, code_of(one) == called_for
        if called_for == CODE_OF_STEP["more_test_rows"]:
            called = called and one.probability >= LEAST_LIKELY
        return not called, not likely, cheapness(one) if likely else (-one.probability, one.money)

    return tuple(sorted(plans, key=place))


def settled_by(goals: Sequence[Goal], plan: Plan | None, *, rung: str) -> tuple[Goal, ...]:
    """Goals that ask for the rows of the plan that is taken, where it is to prove the rung as it is.

    The plan stands on validation and test rows together, a goal on the test rows alone: the same thing is not to be
    told with two figures.

    Args:
        goals: on the test rows.
        plan: the one that is taken; None where there is none.
        rung: that the goals are of.
    """
    if plan is None or plan.rung != rung or not plan.steps or not _is_as_it_is(plan):
        return tuple(goals)
    n_rows = plan.steps[0].labels
    return tuple(
        replace(goal, more_rows=n_rows, at_least=plan.steps[0].at_least)
        if goal.outcome == "undecided" and goal.what in {"accuracy", "macro_f1"}
        else goal
        for goal in goals
    )


def code_of(plan: Plan) -> VerdictCode | None:
    """The verdict that begins with a plan; None for doing nothing.

    Args:
        plan: any.
    """
    return None if plan.first is None else CODE_OF_STEP[plan.first.code]


def cheapness(plan: Plan) -> tuple[bool, float, float]:
    """What plans that do are ordered by.

    A rung that does as it is comes first, whatever it takes to prove it: nothing is in its way but evidence.

    Args:
        plan: any.
    """
    return not _is_as_it_is(plan), plan.money, -plan.probability


def _is_as_it_is(plan: Plan) -> bool:
    return all(step.code == "more_test_rows" for step in plan.steps)


def _does_as_well(fewer: Plan, more: Plan) -> bool:
    """Whether a plan does about what another does, with less to do."""
    codes, others = ({step.code for step in plan.steps} - {"more_test_rows"} for plan in (fewer, more))
    return (
        fewer.rung == more.rung
        and codes < others
        and fewer.money < more.money
        and fewer.probability >= more.probability - HARDLY_LIKELIER
    )


def _every(outcomes: Outcomes, weights: NDArray[np.float64]) -> Iterator[Considered | None]:
    grid = outcomes.draws.grid
    for facts in grid.rungs:
        rung = facts.name
        if rung == "majority" or outcomes.errors(rung) is None:
            continue
        up: tuple[StepCode, ...] = () if facts.in_ladder and grid.whole(rung) is not None else ("scale_up",)
        free = MAX_STEPS - len(up)
        switches = outcomes.switches_of(rung)
        for size in range(free + 1):
            for chosen in combinations(switches, size):
                on = frozenset(chosen)
                yield _plan(outcomes, rung, on, up, more=1.0, weights=weights)
                if size < free:
                    yield _enough_data(outcomes, rung, on, up, weights)


def _enough_data(
    outcomes: Outcomes, rung: str, on: frozenset[str], up: tuple[StepCode, ...], weights: NDArray[np.float64]
) -> Considered | None:
    """The fewest rows with which the target is likely enough to be met; the likeliest number where none is."""
    grid, seen = outcomes.draws.grid, float(outcomes.curves[rung].sizes[-1])
    trusted = [more for more in MORE if more * grid.n_train <= TRUSTED * seen]
    found = [_plan(outcomes, rung, on, up, more=more, weights=weights) for more in trusted]
    known = [one for one in found if one is not None]
    enough = next((one for one in known if one.plan.probability >= ENOUGH), None)
    return enough or max(known, key=lambda one: (one.plan.probability, -one.plan.money), default=None)


def _plan(
    outcomes: Outcomes,
    rung: str,
    on: frozenset[str],
    up: tuple[StepCode, ...],
    *,
    more: float,
    weights: NDArray[np.float64],
) -> Considered | None:
    grid = outcomes.draws.grid
    errors = outcomes.errors(rung, on, more=more)
    if errors is None:
        return None
    score = 1.0 - errors.values[0]
    low, middle_score, high = (weighted_quantile(score, weights, share) for share in (0.05, 0.5, 0.95))
    interval = Interval(low=low, high=high, confidence=0.9)
    steps = steps_of(outcomes, rung, on, up, more=more, score=middle_score, highest=high)
    facts = grid.facts(rung)
    reached = outcomes.draws.reached(errors.values)
    n_labels = sum(step.labels for step in steps)
    minutes = sum(step.minutes for step in steps)
    latency, price = next((cell.latency_ms for cell in grid.of(rung)), 0.0), facts.price_per_message
    if RETRIEVAL in on and (reading := outcomes.asked(rung, RETRIEVAL)) is not None:
        latency, price = reading.latency_ms, reading.price_per_message or price  # What is read is paid for.
    if FORM in on and (held := outcomes.asked(rung, FORM)) is not None:
        price = max(price, held.price_per_message or 0.0)  # An endpoint is asked twice.
    answering = grid.prices.messages * (latency / 3.6e6 * grid.prices.per_hour + price)
    money = (
        n_labels * grid.prices.per_label
        + len(steps) * grid.prices.per_step
        + minutes / 60.0 * grid.prices.per_hour
        + answering
    )
    plan = Plan(
        steps=steps,
        rung=rung,
        score=middle_score,
        interval=interval,
        probability=float(weights @ reached),
        money=float(f"{money:.2g}"),  # It stands on what was timed: two digits are all that holds.
        predicted=errors.predicted,
    )
    return Considered(plan=plan, reached=reached, score=score)
