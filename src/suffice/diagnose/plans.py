"""Plans of up to two steps: how likely each reaches the target, what it costs, and which one is taken."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import ceil

import numpy as np
from numpy.typing import NDArray

from suffice.diagnose.curves import TRUSTED
from suffice.diagnose.draws import weighted_quantile
from suffice.diagnose.outcomes import EVAL_LABELS, MERGE_LABELS, TRAINING, Outcomes
from suffice.records.causes import VerdictCode
from suffice.records.diagnosis import CODE_OF_STEP, LEAST_LIKELY, STEP_ORDER, Plan, Step, StepCode
from suffice.records.evaluation import Interval
from suffice.records.grid import Grid
from suffice.records.run import FORM, PROMPT, RETRIEVAL, TRAIN_LABELS
from suffice.records.verdict import Goal
from suffice.stats.openings import FIRST_ALPHA
from suffice.stats.planning import MAX_ROWS, rows_at_least, rows_needed
from suffice.text.counted import counted
from suffice.text.kind_words import ANSWERED, ASKED
from suffice.text.rounding import about_rows

ENOUGH = 0.8
"""Probability with which a plan is taken. Source: STATISTICS of the project, section 6."""
MORE = (1.25, 1.5, 2.0, 3.0, 4.0)
"""Training rows that a plan may ask for, over those at hand: beyond four times a forecast is rough, and no plan stands
on one. Source: STATISTICS of the project, sections 4 and 6."""
MAX_STEPS = 2
MOST_LABELS = 100_000
"""Labels beyond which a plan is none: so many are asked for where a score lies on the target, or below it."""
MIN_ROWS_TO_PROVE = 10
HARDLY_LIKELIER = 0.05
"""What a further step must add to the probability."""
LOOK_AT = 1.5
"""Training rows that a person looks at for each that the repair of labels would change."""


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
    steps = _steps(outcomes, rung, on, up, more=more, score=middle_score, highest=high)
    facts = grid.facts(rung)
    reached = outcomes.draws.reached(errors.values)
    n_labels = sum(step.labels for step in steps)
    minutes = sum(step.minutes for step in steps)
    latency, price = next((cell.latency_ms for cell in grid.of(rung)), 0.0), facts.price_per_message
    if RETRIEVAL in on and (reading := outcomes.asked(rung, RETRIEVAL)) is not None:
        latency, price = reading.latency_ms, reading.price_per_message or price  # What is read is paid for.
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


def _steps(
    outcomes: Outcomes,
    rung: str,
    on: frozenset[str],
    up: tuple[StepCode, ...],
    *,
    more: float,
    score: float,
    highest: float,
) -> tuple[Step, ...]:
    grid = outcomes.draws.grid
    minutes = grid.facts(rung).seconds_per_row * grid.n_train * more / 60.0
    label, asked = "label" if grid.kind == "classify" else "write the right answers of", ASKED[grid.kind]
    found: dict[StepCode, Step] = {}
    if TRAINING in on:
        what = f"train {rung} with other settings"
        found["fix_training"] = Step(code="fix_training", what=what, labels=0, minutes=minutes)
    if FORM in on:
        what = f"make {rung} end its answers in the form that is asked for (answer.hold_form)"
        sets = "answer.hold_form=true"
        if grid.kind == "tools":
            what = f"hold {rung} to the tools of each request (tools.held, which goes with tools.form: json)"
            sets = "tools.form=json tools.held=true"
        found["fix_format"] = Step(code="fix_format", what=what, labels=0, minutes=minutes, sets=sets)
    if PROMPT in on:
        what = f"tell {rung} what to do in other words (instruction)"
        sets = f"instruction={json.dumps(outcomes.wording(rung), ensure_ascii=False)}"  # Which is YAML as well.
        found["fix_prompt"] = Step(code="fix_prompt", what=what, labels=0, minutes=minutes, sets=sets)
    if RETRIEVAL in on:
        what = f"let {rung} read what the knowledge has for a {asked} (knowledge.use: always)"
        trained = minutes if grid.facts(rung).trains else 0.0
        sets = "knowledge.use=always"
        found["add_retrieval"] = Step(code="add_retrieval", what=what, labels=0, minutes=trained, sets=sets)
    if EVAL_LABELS in on:
        found["clean_eval_labels"] = _clean_eval_labels(grid, does=label, score=score)
    if TRAIN_LABELS in on:
        n_rows = min(grid.n_train, ceil(LOOK_AT * grid.n_flagged))
        what = f"look at the labels of the {counted(n_rows, 'most suspect training message')}"
        found["clean_train_labels"] = Step(code="clean_train_labels", what=what, labels=n_rows, minutes=minutes)
    if MERGE_LABELS in on:
        names = "; ".join(f"{one} and {other}" for one, other in grid.pairs)
        what = f"make one label of {names}"
        found["merge_labels"] = Step(code="merge_labels", what=what, labels=0, minutes=minutes)
    if up:
        what = f"train {rung} on all {grid.n_train:,} {asked}s"
        found["scale_up"] = Step(code="scale_up", what=what, labels=0, minutes=minutes)
    if more != 1.0:
        n_rows = round(grid.n_train * (more - 1.0))
        what = f"{label} about {about_rows(n_rows)} more training {asked}s"
        found["more_data"] = Step(code="more_data", what=what, labels=n_rows, minutes=minutes)
    if not found and grid.facts(rung).price_per_message:
        what = f"keep prompting {rung}"
        found["keep_prompting"] = Step(code="keep_prompting", what=what, labels=0, minutes=0.0)
    elif not found:
        found["more_test_rows"] = _more_test_rows(grid, rung, does=label, score=score, highest=highest)
    return tuple(found[code] for code in STEP_ORDER if code in found)


def _clean_eval_labels(grid: Grid, *, does: str, score: float) -> Step:
    """A person's look at the validation rows, and fresh test rows: the sealed ones have labels of the same kind, and
    once they are looked at they are spent.

    Source: STATISTICS of the project, sections 2 (shown or relabelled test rows prove nothing) and 5 (labels of
        evaluation change by a person's decision that is made without seeing predictions);
        `docs/decisions/0050-a-fresh-test-behind-cleaned-labels.md`.
    """
    asked, answered = ASKED[grid.kind], ANSWERED[grid.kind]
    what = f"look at the {answered}s of the {counted(grid.n_validation, f'validation {asked}')}, predictions unseen"
    n_fresh = _fresh_rows(grid, score)
    if n_fresh:
        why = "as many as the sealed test has" if n_fresh == grid.n_test else f"enough to prove {grid.target.at_least}"
        what = (
            f"{what}, and {does} {counted(n_fresh, f'fresh test {asked}')} ({why}; the sealed ones have the same "
            "fault, and prove nothing once they are looked at)"
        )
    return Step(code="clean_eval_labels", what=what, labels=grid.n_validation + n_fresh, minutes=0.0)


def _fresh_rows(grid: Grid, score: float) -> int:
    """Rows of a test that takes the sealed one's place: those that prove the target, if the score is the truth, and no
    more than the sealed one has, since every other plan is content with a test of that size.
    """
    assert grid.target.at_least is not None, "plans are made for a target of its own"
    needed = rows_needed(target=grid.target.at_least, true_accuracy=min(score, 1.0), alpha=FIRST_ALPHA)
    return grid.n_test if needed is None else min(needed, grid.n_test)


def _more_test_rows(grid: Grid, rung: str, *, does: str, score: float, highest: float) -> Step:
    asked = ASKED[grid.kind]
    n_rows, target, at_least = _rows_to_prove(grid, score), grid.target.at_least, None
    if target is not None:
        known = len(grid.y_true) + grid.n_test
        at_least = rows_at_least(n_rows, n=known, target=target, highest=min(highest, 1.0), alpha=FIRST_ALPHA)
    if at_least is None:
        what = f"{does} about {about_rows(n_rows)} more held-out {asked}s, to prove {rung}"
    else:
        what = (
            f"{does} at least {about_rows(at_least)} more held-out {asked}s, to prove {rung}; they tell how many more"
        )
    return Step(code="more_test_rows", what=what, labels=n_rows, minutes=0.0, at_least=at_least)


def _rows_to_prove(grid: Grid, score: float) -> int:
    """Further test rows that prove the target of a rung as it is, if its score is the truth."""
    target = grid.target.at_least
    if target is None:
        return 0
    needed = rows_needed(target=target, true_accuracy=min(score, 1.0), alpha=FIRST_ALPHA)
    return max(MIN_ROWS_TO_PROVE, (needed or MAX_ROWS) - grid.n_test)
