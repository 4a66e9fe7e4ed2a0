"""Target less score, taken apart into what each switch brings."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
from numpy.typing import NDArray

from suffice.diagnose.outcomes import EVAL_LABELS, MERGE_LABELS, RETRAINED, TRAINING, Outcomes
from suffice.diagnose.pairs import gain_interval, of_seeds, unseen
from suffice.records.diagnosis import Gap, Share
from suffice.records.grid import Grid
from suffice.records.run import FORM, PROMPT, RETRIEVAL, TRAIN_LABELS, TRAIN_TRACES
from suffice.stats.planning import errors_allowed
from suffice.stats.shapley import apportion

NEXT_RUNG = "next_rung"
MAX_SWITCHES = 4
IMPORTANCE = (TRAINING, RETRIEVAL, FORM, PROMPT, TRAIN_LABELS, TRAIN_TRACES, EVAL_LABELS, NEXT_RUNG, MERGE_LABELS)
"""Which switches are kept where there are more than four."""


def gap_of(outcomes: Outcomes, rung: str, *, next_rung: str | None, n_test: int, alpha: float) -> Gap | None:
    """The gap of a rung.

    Only switches whose every combination was run, or rescored from a run, take part: what was not run is a forecast,
    and forecasts stand in plans.

    Args:
        outcomes: rungs under switches.
        rung: the one whose gap it is.
        next_rung: the next dearer one that was run on all rows; None where there is none.
        n_test: independent rows of the sealed test.
        alpha: level that its bound is taken at.

    Source: STATISTICS of the project, section 6; shares as in `stats.shapley`, intervals as in `diagnose.pairs`.
    """
    grid = outcomes.draws.grid
    if grid.target.at_least is None or grid.whole(rung) is None:
        return None
    wanted = [name for name in IMPORTANCE if name in outcomes.switches_of(rung) or (name == NEXT_RUNG and next_rung)]
    for size in range(min(MAX_SWITCHES, len(wanted)), -1, -1):
        for switches in combinations(wanted, size):
            scores = _scores(outcomes, rung, switches, next_rung)
            if scores is not None:
                return _gap(outcomes, rung, switches, scores, evidence=_evidence(grid, n_test, alpha))
    raise AssertionError("without a switch the score is the rung's own")


def _scores(
    outcomes: Outcomes, rung: str, switches: tuple[str, ...], next_rung: str | None
) -> dict[frozenset[str], NDArray[np.float64]] | None:
    """Score of the first goal with each set of switches on, shape [D]; None where one of them was not run."""
    found = {}
    for on in chain.from_iterable(combinations(switches, size) for size in range(len(switches) + 1)):
        ships = next_rung if NEXT_RUNG in on and next_rung else rung
        errors = outcomes.errors(ships, frozenset(on) - {NEXT_RUNG})
        if errors is None or errors.predicted:
            return None
        by_seeds = _of_run(outcomes, ships, frozenset(on))
        moved = sum((_unseen(outcomes, rung, ships, switch) for switch in on), by_seeds)
        found[frozenset(on)] = 1.0 - errors.values[0] + moved
    return found


def _unseen(outcomes: Outcomes, rung: str, ships: str, switch: str) -> NDArray[np.float64]:
    """A switch moves every set that it is in by the same: its solo gain, its last and its share know as little."""
    grid = outcomes.draws.grid
    judged = np.logical_and.reduce([cell.judged for name in {rung, ships} if (cell := grid.whole(name)) is not None])
    return unseen(outcomes.draws, switch, ships if switch == NEXT_RUNG else rung, judged=judged)


def _of_run(outcomes: Outcomes, ships: str, on: frozenset[str]) -> NDArray[np.float64]:
    """By the seeds of the run that the set stands on; sets that rescore one run share it."""
    change = "+".join(name for name in RETRAINED if name in on) or None
    cell = outcomes.draws.grid.whole(ships) if change is None else outcomes.changed(ships, change)
    assert cell is not None, "sets of which a score is known were run"
    return of_seeds(outcomes.seeds, cell, change=change)


def _gap(
    outcomes: Outcomes,
    rung: str,
    switches: tuple[str, ...],
    scores: dict[frozenset[str], NDArray[np.float64]],
    *,
    evidence: float | None,
) -> Gap:
    grid, target = outcomes.draws.grid, outcomes.draws.grid.target.at_least
    assert target is not None, "a relative target has no gap"
    parts = apportion(scores, switches)
    none, every = scores[frozenset()], scores[frozenset(switches)]
    joint = every - none
    return Gap(
        rung=rung,
        metric=grid.target.metric,
        target=target,
        measured=float(none[0]),
        shares=tuple(
            Share(
                cause=name,
                solo=float(part.solo[0]),
                solo_interval=gain_interval(part.solo),
                last_in=float(part.last_in[0]),
                last_in_interval=gain_interval(part.last_in),
                shapley=float(part.shapley[0]),
                shapley_interval=gain_interval(part.shapley),
            )
            for name, part in parts.items()
        ),
        joint=float(joint[0]),
        joint_interval=gain_interval(joint),
        interaction=float(joint[0] - sum(part.solo[0] for part in parts.values())),
        unexplained=float(target - every[0]),
        evidence=evidence,
        reaching=_smallest(scores, target),
    )


def _evidence(grid: Grid, n_test: int, alpha: float) -> float | None:
    """How far above the target a score on the test has to be to prove it; None where no count of errors would."""
    target = grid.target.at_least
    if target is None or not n_test or grid.target.metric != "accuracy":
        return None
    allowed = errors_allowed(n_test, target=target, alpha=alpha)
    return None if allowed is None else (n_test - allowed) / n_test - target


def _smallest(scores: dict[frozenset[str], NDArray[np.float64]], target: float) -> tuple[tuple[str, ...], ...]:
    """Sets of switches that reach the target and of which no part does."""
    reaching: list[frozenset[str]] = []
    for on in sorted(scores, key=len):
        if float(scores[on][0]) >= target and not any(smaller <= on for smaller in reaching):
            reaching.append(on)
    return tuple(tuple(sorted(on)) for on in reaching)
