"""The grid to what is in the way: curves, forecasts, the gap, and plans, all from one set of joint draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from suffice.diagnose.ceiling import label_ceiling
from suffice.diagnose.curves import Curve, rows_needed
from suffice.diagnose.draws import Draws
from suffice.diagnose.flip import flip_of
from suffice.diagnose.foretold import foretold
from suffice.diagnose.gap import NEXT_RUNG, gap_of
from suffice.diagnose.interventions import interventions_of
from suffice.diagnose.knowledge import uses_of
from suffice.diagnose.outcomes import Outcomes
from suffice.diagnose.plans import considered_plans, ordered
from suffice.diagnose.sensitivity import sensitivities_of
from suffice.diagnose.winners import called_for, sharpened, winners
from suffice.records.diagnosis import Diagnosis, Forecast, Gain, Plan, RowsNeeded
from suffice.records.grid import Grid, Measured
from suffice.records.next_cells import Skipped
from suffice.records.verdict import Goal
from suffice.stats.groups import design_effect
from suffice.stats.openings import FIRST_ALPHA
from suffice.stats.paired import paired_counts
from suffice.stats.planning import accuracy_needed
from suffice.stats.tango import difference_lower_bound, difference_upper_bound, rows_for_non_inferiority
from suffice.text.counted import counted
from suffice.text.kind_words import ANSWERED, ASKED
from suffice.text.rounding import about_rows, asked_points, points

FORECAST_AT = (2, 4, 8)
"""Times the rows at hand."""
LEAST_GAIN = 0.02
"""What a rung must be able to gain over the commonest label. Source: STATISTICS of the project, section 6."""
ALPHA = 0.05
MAX_GAINS = 10
MAX_PLANS = 8


def diagnose(grid: Grid, *, rung: str, goals: tuple[Goal, ...], skipped: tuple[Skipped, ...], seed: int) -> Diagnosis:
    """What is in the way of the target.

    Args:
        grid: what was run.
        rung: the proposed one, whose gap it is.
        goals: the target on the sealed test for that rung; empty while it is sealed, or spent.
        skipped: cells that were not run.
        seed: of the draws.
    """
    draws = Draws(grid=grid, seed=seed)
    outcomes = Outcomes(draws=draws)
    absolute = grid.target.at_least is not None
    weights, tested = _weights(draws, rung, goals), _tested(grid, goals)
    curves = outcomes.curves
    following = None if NEXT_RUNG in grid.skip else _next_rung(grid, rung)
    considered = considered_plans(outcomes, weights=weights) if absolute else ()
    drawn = winners(considered, weights, provable=_provable(grid, *tested)) if absolute else {}
    plans = ordered([one.plan for one in considered], called_for=called_for(drawn))
    return Diagnosis(
        gap=gap_of(outcomes, rung, next_rung=following, n_test=tested[0], alpha=tested[1]),
        curves=tuple(point for curve in curves.values() for point in curve.points()),
        forecast=tuple(one for curve in curves.values() for one in _forecasts(curve, grid)),
        train_accuracy=None if (whole := grid.whole(rung)) is None else whole.train_accuracy,
        foretold=foretold(grid, seed=seed),
        rows_needed=_rows_needed(grid, curves, weights) if absolute else (),
        gains=_gains(grid, rung),
        label_ceiling=label_ceiling(grid) if grid.kind == "classify" else None,
        plans=_shown(plans),
        flip=flip_of(considered, plans, grid, weights),
        drawn=drawn,
        chances=sharpened(drawn),
        not_learnable=_not_learnable(grid),
        not_run=tuple((f"{one.rung}: {one.what}", one.why) for one in skipped),
        notes=_notes(curves),
        over_commonest=_chance_alone(grid),
        interventions=interventions_of(outcomes, rung=rung, next_rung=following),
        knowledge=uses_of(outcomes),
        sensitivity=sensitivities_of(grid),
    )


def _shown(plans: Sequence[Plan]) -> tuple[Plan, ...]:
    """The first plans, and the first of each rung that has none among them: its break-even stands on one."""
    first = {plan.rung: plan for plan in reversed(plans)}
    of_others = [plan for plan in plans[MAX_PLANS:] if first[plan.rung] is plan]
    return (*plans[:MAX_PLANS], *of_others)


def _weights(draws: Draws, rung: str, goals: tuple[Goal, ...]) -> NDArray[np.float64]:
    """Of the draws, shape [D]: how likely each makes what the sealed test showed of the rung that it was opened for.

    Source: importance resampling: Smith and Gelfand (1992), Bayesian Statistics without Tears, The American
        Statistician 46.
    """
    whole = draws.grid.whole(rung)
    goal = next((goal for goal in goals if goal.what == draws.grid.target.metric), None)
    even = np.full(draws.n_draws, 1.0 / draws.n_draws)
    if goal is None or goal.estimate is None or whole is None:
        return even
    likelihood = _log_likelihood(goal, np.clip(1.0 - draws.errors(whole)[0], 1e-6, 1.0 - 1e-6))
    weights = np.exp(likelihood - likelihood.max())
    return np.asarray(weights / weights.sum())


def _log_likelihood(goal: Goal, score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of what the test showed, for each true score, but for a constant, shape [D].

    Rows in groups count as the independent ones that tell as much. Macro-F1 has no count of right rows: it is taken
    from the normal law that has the two bounds as its quantiles.
    """
    assert goal.estimate is not None, "it was measured"
    if goal.what == "macro_f1":
        spread = (goal.upper - goal.lower) / (2.0 * float(norm.isf(goal.alpha)))
        return np.asarray(norm.logpdf(goal.estimate, loc=score, scale=max(spread, 1e-6)))
    right = goal.estimate * goal.n_effective
    return np.asarray(right * np.log(score) + (goal.n_effective - right) * np.log1p(-score))


def _tested(grid: Grid, goals: tuple[Goal, ...]) -> tuple[int, float]:
    """Independent test rows, and the level that a bound is taken at: of the first opening while the test is sealed."""
    if not goals:
        return grid.n_test, FIRST_ALPHA
    return int(goals[0].n_effective), goals[0].alpha


def _provable(grid: Grid, n_test: int, alpha: float) -> float | None:
    """The least score that so many test rows would prove four times in five."""
    least = grid.target.at_least
    return None if least is None else accuracy_needed(n_test, target=least, alpha=alpha)


def _next_rung(grid: Grid, rung: str) -> str | None:
    names = [facts.name for facts in grid.rungs if grid.whole(facts.name) is not None]
    after = names[names.index(rung) + 1 :] if rung in names else []
    return next((name for name in after if grid.facts(name).trains), None)


def _forecasts(curve: Curve, grid: Grid) -> tuple[Forecast, ...]:
    if curve.rung == "majority":
        return ()
    sizes = [grid.n_train * times for times in FORECAST_AT]
    if grid.whole(curve.rung) is None:
        sizes = [grid.n_train, *sizes]
    found = (curve.forecast(n) for n in sizes)
    return tuple(one for one in found if one is not None)


def _rows_needed(grid: Grid, curves: dict[str, Curve], weights: NDArray[np.float64]) -> tuple[RowsNeeded, ...]:
    """Of rungs that do not reach the target on all rows as they are."""
    found = []
    for curve in curves.values():
        needed = rows_needed(curve, weights) if grid.facts(curve.rung).trains and curve.rung != "majority" else None
        if needed is not None and (needed.n is None or needed.n > grid.n_train):
            found.append(needed)
    return tuple(found)


def _gains(grid: Grid, rung: str) -> tuple[Gain, ...]:
    """What the labels gained from half of the rows to all of them, those that gained most first."""
    if grid.kind != "classify":
        return ()  # Right and wrong are no labels of which one could gain.
    whole = grid.whole(rung)
    halves = [cell for cell in grid.of(rung) if cell.asked is not None and 0.4 <= cell.n / grid.n_train <= 0.6]
    if whole is None or not halves:
        return ()
    found = []
    for code, label in enumerate(grid.labels):
        of_label = (grid.y_true == code) & whole.judged
        if not of_label.any():
            continue
        before = float(np.mean([(cell.y_pred == code)[of_label & cell.judged].mean() for cell in halves]))
        recall = float((whole.y_pred == code)[of_label].mean())
        if recall > before:
            found.append(Gain(label=label, recall=recall, gained=recall - before, n_rows=int(of_label.sum())))
    return tuple(sorted(found, key=lambda one: (-one.gained, one.recall, one.label))[:MAX_GAINS])


@dataclass(frozen=True, kw_only=True, slots=True)
class _OverCommonest:
    """What a rung gains over the commonest label."""

    rung: str
    least: float
    """One-sided 95% lower bound of the gain."""
    most: float
    """One-sided 95% upper bound of it."""
    n: int
    """Rows that both were asked."""
    n_needed: int
    """Rows that would show the gain to be under two points with 80% power, if there is none."""


def _not_learnable(grid: Grid) -> bool:
    """Whether every rung's gain over the commonest label is under two points at its upper end.

    Source: STATISTICS of the project, section 6: no significant gain is no evidence of none.
    """
    gains = _over_commonest(grid)
    return bool(gains) and all(one.most < LEAST_GAIN for one in gains)


def _over_commonest(grid: Grid) -> tuple[_OverCommonest, ...]:
    """What every rung gains over the commonest label, on the most rows that it was run on; nothing where a rung of the
    ladder was not run, which could be the one that learns.
    """
    majority = grid.whole("majority")
    named = [facts.name for facts in grid.rungs if facts.in_ladder and facts.name != "majority"]
    largest = [max(grid.of(rung), key=lambda cell: (cell.whole, cell.n), default=None) for rung in named]
    others = [cell for cell in largest if cell is not None]
    if majority is None or not others or len(others) < len(largest) or grid.target.metric != "accuracy":
        return ()
    if (majority.y_pred == grid.y_true)[majority.judged].mean() >= 1.0 - LEAST_GAIN:
        return ()  # So much can be gained by nothing, learnable or not.
    return tuple(_gained_over(grid, cell, majority) for cell in others)


def _gained_over(grid: Grid, cell: Measured, majority: Measured) -> _OverCommonest:
    """Source: bounds by Tango (1998), as in `stats.tango`; rows by Nam (1997), as there."""
    both = cell.judged & majority.judged
    first, second = (one.y_pred[both] == grid.y_true[both] for one in (cell, majority))
    effect = design_effect(first.astype(float) - second.astype(float), grid.groups[both])
    counts = paired_counts(first, second)
    discordance = max(1, counts.n_only_first + counts.n_only_second) / counts.n
    needed = rows_for_non_inferiority(discordance=discordance, margin=LEAST_GAIN, alpha=ALPHA)
    assert needed is not None, "a margin can be shown where there is no difference"
    return _OverCommonest(
        rung=cell.rung,
        least=difference_lower_bound(counts, alpha=ALPHA, design_effect=effect),
        most=difference_upper_bound(counts, alpha=ALPHA, design_effect=effect),
        n=counts.n,
        n_needed=ceil(needed * (effect or 1.0)),
    )


def _chance_alone(grid: Grid) -> str | None:
    """That no rung is shown to learn anything, where that is not shown to be so either."""
    gains = _over_commonest(grid)
    if not gains or any(one.least > 0.0 for one in gains) or _not_learnable(grid):
        return None
    best = max(gains, key=lambda one: one.most)
    return (
        f"no rung is shown to beat the commonest {ANSWERED[grid.kind]}: on {counted(best.n, ASKED[grid.kind])} "
        f"{best.rung} gains at most {points(best.most, bound='upper', against=LEAST_GAIN)} over it (95% sure); about "
        f"{about_rows(max(one.n_needed for one in gains))} would show a gain that is none to be under "
        f"{asked_points(LEAST_GAIN)}"
    )


def _notes(curves: dict[str, Curve]) -> tuple[str, ...]:
    borrowed = [rung for rung, curve in curves.items() if curve.seeds.is_borrowed(rung)]
    if not borrowed:
        return ()
    all_borrowed = len(borrowed) == sum(curve.seeds.of(rung) is not None for rung, curve in curves.items())
    whose = "what is usual, as no rung was run twice at a size" if all_borrowed else "another rung's"
    return (f"run once at each size, so that the chance of subsets and seeds is {whose}: {', '.join(borrowed)}",)
