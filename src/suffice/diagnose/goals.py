"""The target, taken apart into goals, each held against rows by one-sided bounds: exact ones, but for macro-F1."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from suffice.records.grid import Grid, Measured
from suffice.records.labels import LabelSet
from suffice.records.task import TargetSpec
from suffice.records.verdict import Goal, Outcome
from suffice.stats.f1 import macro_f1, macro_f1_draws
from suffice.stats.groups import design_effect
from suffice.stats.paired import PairedCounts, paired_counts
from suffice.stats.planning import MAX_ROWS, rows_at_least
from suffice.stats.proof import Proof, effective_rows, proof_from_draws, proof_of_fraction
from suffice.stats.tango import difference_upper_bound, non_inferiority, rows_for_non_inferiority

N_DRAWS = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A rung's answers on rows whose labels are known."""

    rung: str
    """Name in the ladder."""
    run: str
    """Name of the run."""
    ids: tuple[str, ...]
    """Row ids, length N."""
    y_true: NDArray[np.int64]
    """Label codes of the rows, shape [N]."""
    y_pred: NDArray[np.int64]
    """Label codes of the answers, shape [N]."""
    groups: NDArray[np.int64]
    """Group codes, shape [N]."""
    labels: LabelSet
    """The K labels."""

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each answer is the row's label, shape [N]."""
        return np.asarray(self.y_true == self.y_pred)

    def on(self, ids: frozenset[str]) -> Judged:
        """The rows of these ids, ordered by id."""
        order = np.array(sorted((i for i, name in enumerate(self.ids) if name in ids), key=lambda i: self.ids[i]))
        return Judged(
            rung=self.rung,
            run=self.run,
            ids=tuple(self.ids[i] for i in order),
            y_true=self.y_true[order],
            y_pred=self.y_pred[order],
            groups=self.groups[order],
            labels=self.labels,
        )


def judged_of(grid: Grid, cell: Measured) -> Judged:
    """A cell's answers on the rows that it was asked.

    Args:
        grid: has the labels of the rows.
        cell: a finished cell.
    """
    rows = np.flatnonzero(cell.judged)
    return Judged(
        rung=cell.rung,
        run=cell.run,
        ids=tuple(map(str, rows)),
        y_true=grid.y_true[rows],
        y_pred=cell.y_pred[rows],
        groups=grid.groups[rows],
        labels=LabelSet(names=grid.labels),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Paired:
    """A rung and what it is measured against."""

    comparator: Judged
    """The best rung on validation."""
    majority: Judged | None
    """The rung that every other must beat; None where it was not run."""


def goals_of(
    judged: Judged, target: TargetSpec, *, labels: LabelSet, alpha: float, paired: Paired | None, seed: int
) -> tuple[Goal, ...]:
    """Everything that must hold for the target to be met, on these rows.

    All goals must be proven, so that each may be taken at the full level: the chance that a rung which misses one of
    them passes is at most alpha (intersection-union test).

    Args:
        judged: the rung's answers.
        target: the task's target.
        labels: the K labels.
        alpha: level of each one-sided bound.
        paired: for a target relative to the best rung; None for an absolute one.
        seed: of the bootstrap of macro-F1.

    Source: Berger 1982, Technometrics 24 (intersection-union tests); bounds as in stats.proof and stats.tango.
    """
    goals = [_recall(judged, name, least, labels=labels, alpha=alpha) for name, least in target.recall.items()]
    if target.at_least is not None:
        goals.insert(0, _absolute(judged, target, labels=labels, alpha=alpha, seed=seed))
    if target.within is not None:
        assert paired is not None, "a relative target is held against a comparator"
        goals.insert(0, _within(judged, paired.comparator, margin=target.within, alpha=alpha))
        if paired.majority is not None:
            goals.insert(1, _within(judged, paired.majority, margin=0.0, alpha=alpha))
    return tuple(goals)


def _absolute(judged: Judged, target: TargetSpec, *, labels: LabelSet, alpha: float, seed: int) -> Goal:
    assert target.at_least is not None
    effect = design_effect(judged.right, judged.groups)
    if target.metric == "accuracy":
        proof = proof_of_fraction(
            int(judged.right.sum()), len(judged.right), target=target.at_least, alpha=alpha, design_effect=effect
        )
        return _goal("accuracy", proof)
    arguments = {"n_labels": len(labels)}
    draws = macro_f1_draws(judged.y_true, judged.y_pred, **arguments, groups=judged.groups, n_draws=N_DRAWS, seed=seed)
    proof = proof_from_draws(
        draws,
        estimate=macro_f1(judged.y_true, judged.y_pred, **arguments),
        n=len(judged.right),
        target=target.at_least,
        alpha=alpha,
        design_effect=effect,
    )
    return _goal("macro_f1", proof)


def _recall(judged: Judged, name: str, least: float, *, labels: LabelSet, alpha: float) -> Goal:
    of_label = judged.y_true == labels.names.index(name)
    if not of_label.any():
        return _unmeasured(f"recall of {name}", target=least, alpha=alpha)
    effect = design_effect(judged.right[of_label], judged.groups[of_label])
    proof = proof_of_fraction(
        int(judged.right[of_label].sum()), int(of_label.sum()), target=least, alpha=alpha, design_effect=effect
    )
    return _goal(f"recall of {name}", proof)


def _unmeasured(what: str, *, target: float, alpha: float) -> Goal:
    """No row has the label: anything is possible."""
    return Goal(
        what=what,
        outcome="undecided",
        n=0,
        n_effective=0.0,
        estimate=None,
        lower=0.0,
        upper=1.0,
        alpha=alpha,
        target=target,
        more_rows=None,
    )


def _within(judged: Judged, comparator: Judged, *, margin: float, alpha: float) -> Goal:
    """At most `margin` worse than the comparator; with margin 0, better. A run is as good as itself, and no better."""
    what = f"accuracy {'against' if margin else 'above'} {comparator.rung}"
    if judged.run == comparator.run:
        return _itself(what, n=len(judged.ids), margin=margin, alpha=alpha)
    common = frozenset(judged.ids) & frozenset(comparator.ids)
    first, second = judged.on(common), comparator.on(common)
    counts = paired_counts(first.right, second.right)
    effect = design_effect(first.right.astype(float) - second.right.astype(float), first.groups)
    test = non_inferiority(counts, margin=margin, alpha=alpha, design_effect=effect)
    upper = difference_upper_bound(counts, alpha=alpha, design_effect=effect)
    outcome: Outcome = "proven" if test.holds else "refuted" if upper < -margin else "undecided"
    return Goal(
        what=what,
        outcome=outcome,
        n=counts.n,
        n_effective=effective_rows(counts.n, effect),
        estimate=counts.difference,
        lower=test.lower,
        upper=upper,
        alpha=alpha,
        target=-margin,
        more_rows=_more_pairs(counts, margin=margin, alpha=alpha, effect=effect) if outcome == "undecided" else 0,
    )


def _itself(what: str, *, n: int, margin: float, alpha: float) -> Goal:
    return Goal(
        what=what,
        outcome="proven" if margin else "refuted",
        n=n,
        n_effective=float(n),
        estimate=0.0,
        lower=0.0,
        upper=0.0,
        alpha=alpha,
        target=-margin,
        more_rows=0,
    )


def _more_pairs(counts: PairedCounts, *, margin: float, alpha: float, effect: float | None) -> int | None:
    """Further rows that would show it if the counts were the truth; to refute it is to show it of the other model."""
    if counts.difference < -margin:
        counts, margin = counts.swapped, -margin
    discordant = (counts.n_only_first + counts.n_only_second) / counts.n
    needed = rows_for_non_inferiority(
        discordance=max(discordant, 1.0 / counts.n), margin=margin, alpha=alpha, difference=counts.difference
    )
    return None if needed is None or needed > MAX_ROWS else max(0, ceil(needed * (effect or 1.0)) - counts.n)


def _goal(what: str, proof: Proof) -> Goal:
    return Goal(
        what=what,
        outcome=proof.outcome,
        n=proof.n,
        n_effective=proof.n_effective,
        estimate=proof.estimate,
        lower=proof.lower,
        upper=proof.upper,
        alpha=proof.alpha,
        target=proof.target,
        more_rows=proof.more_rows,
        at_least=_at_least(proof),
    )


def _at_least(proof: Proof) -> int | None:
    if proof.method != "exact" or not proof.more_rows:
        return None
    return rows_at_least(proof.more_rows, n=proof.n, target=proof.target, highest=proof.upper, alpha=proof.alpha)
