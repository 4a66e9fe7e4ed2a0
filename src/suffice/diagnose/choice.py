"""Validation proposes: the cheapest rung whose bound reaches the target, or the one likeliest to be confirmed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.stats import beta

from suffice.diagnose.goals import Judged, Paired, goals_of
from suffice.records.labels import LabelSet
from suffice.records.task import TargetSpec
from suffice.records.verdict import Goal, Proposal
from suffice.stats.openings import alpha_of_opening
from suffice.stats.planning import power
from suffice.store.strict_json import digest
from suffice.text.rounding import fraction

CHOICE_ALPHA = 0.05
"""One-sided level at which validation is read; nothing is claimed from it."""


def meets_target(judged: Judged, target: TargetSpec, *, labels: LabelSet, paired: Paired | None, seed: int) -> bool:
    """Whether a rung reaches the target on the rows that compare rungs.

    Args:
        judged: the rung's answers.
        target: the task's target.
        labels: the K labels.
        paired: for a target relative to the best rung.
        seed: of the bootstrap of macro-F1.
    """
    goals = goals_of(judged, target, labels=labels, alpha=CHOICE_ALPHA, paired=paired, seed=seed)
    return all(goal.outcome == "proven" for goal in goals)


def propose(rungs: Sequence[Judged], target: TargetSpec, *, labels: LabelSet, n_test: int, seed: int) -> Proposal:
    """Writes down which rung is put to the test.

    Choosing by bounds and not by point estimates is what makes the choice hold on the test. That the best rung is as
    good as itself shows nothing of cheaper ones: as long as these rows leave one of them open, that one is put to the
    test, and not the best.

    Args:
        rungs: every rung that was run, in order of cost, at least one.
        target: the task's target.
        labels: the K labels.
        n_test: rows of the sealed test: all that may be known of it here.
        seed: of the bootstrap of macro-F1.

    Source: STATISTICS of the project, section 2; of near ties `docs/decisions/0022-near-ties.md`.
    """
    best = max(rungs, key=lambda judged: float(judged.right.mean()))
    majority = next((judged for judged in rungs if judged.rung == "majority"), None)
    paired = Paired(comparator=best, majority=majority) if target.within is not None else None

    def held(judged: Judged) -> tuple[Goal, ...]:
        return goals_of(judged, target, labels=labels, alpha=CHOICE_ALPHA, paired=paired, seed=seed)

    goals = {judged.run: held(judged) for judged in rungs}
    reached = [judged for judged in rungs if all(goal.outcome == "proven" for goal in goals[judged.run])]
    still_open = _cheaper_and_open(rungs, reached, goals, best=best) if paired is not None else []
    comparator = best.rung if target.within is not None else None
    if still_open:
        chosen = _likeliest(still_open, held, n_test=n_test)
        reason = (
            f"{chosen.rung} is cheaper than {best.rung}, the best there, and may be as good: that is put to the test"
        )
    elif reached:
        chosen = reached[0]
        reason = f"{chosen.rung} is the cheapest rung whose lower bound reaches the target there"
    else:
        chosen = _likeliest(rungs, held, n_test=n_test)
        reason = f"no rung's lower bound reaches the target there; {chosen.rung} is the likeliest to be confirmed"
    return Proposal(
        rung=chosen.rung,
        run=chosen.run,
        by="bound" if reached and not still_open else "likeliest",
        comparator=comparator,
        because=(*_figures(goals[chosen.run]), reason),
        goals=goals[chosen.run],
        hypothesis=digest([chosen.run, comparator or "", target.model_dump_json()]),
    )


def _cheaper_and_open(
    rungs: Sequence[Judged], reached: Sequence[Judged], goals: Mapping[str, Sequence[Goal]], *, best: Judged
) -> list[Judged]:
    """Rungs cheaper than the best that may be as good, where none but the best is shown to be."""
    if not reached or reached[0] is not best:
        return []
    cheaper = rungs[: next(place for place, judged in enumerate(rungs) if judged is best)]
    return [judged for judged in cheaper if all(goal.outcome != "refuted" for goal in goals[judged.run])]


def _likeliest(rungs: Sequence[Judged], held: Callable[[Judged], Sequence[Goal]], *, n_test: int) -> Judged:
    """The rung that the test is likeliest to confirm; a dearer one must be likelier on rows that both answered.

    Held each against rows of its own, the rung judged on fewer of them would gain from what its few rows leave open.
    """
    chosen = rungs[0]
    for dearer in rungs[1:]:
        common = frozenset(chosen.ids) & frozenset(dearer.ids)
        one, other = (judged.on(common) if common else judged for judged in (chosen, dearer))
        if _confirmation(other, held(other), n_test=n_test) > _confirmation(one, held(one), n_test=n_test):
            chosen = dearer
    return chosen


def _confirmation(judged: Judged, goals: Sequence[Goal], *, n_test: int) -> tuple[float, float]:
    """How likely the test is to prove the hardest goal: power averaged over what validation leaves possible.

    Where the test has too few rows to prove anything, every rung has power 0: then the rung whose bound comes nearest
    to its target. Rungs that are equal in both are left in order of cost.

    Source: Spiegelhalter, Freedman and Blackburn 1986, Controlled Clinical Trials 7 (predictive power), with
    Jeffreys' prior; for a goal that is a difference, the distance of its bound from the target stands in.
    """
    share = n_test / len(judged.ids)
    powers = [_predictive_power(goal, round(share * goal.n)) for goal in goals]
    return min(powers), min(goal.lower - goal.target for goal in goals)


def _predictive_power(goal: Goal, n_test: int) -> float:
    if goal.estimate is None:
        return 0.0
    if goal.target <= 0.0:
        return goal.lower - goal.target - 1.0
    right = goal.estimate * goal.n
    truths = beta.ppf((np.arange(50) + 0.5) / 50, right + 0.5, goal.n - right + 0.5)
    first = alpha_of_opening(1)
    return float(np.mean([power(n_test, float(p), target=goal.target, alpha=first) for p in truths]))


def _figures(goals: Sequence[Goal]) -> tuple[str, ...]:
    return tuple(
        f"on the rows that compare rungs, {goal.what} is {fraction(goal.estimate, against=goal.target)} over "
        f"{goal.n:,} rows, lower bound {fraction(goal.lower, bound='lower', against=goal.target)}, "
        f"target {fraction(goal.target)}"
        for goal in goals
        if goal.estimate is not None
    )
