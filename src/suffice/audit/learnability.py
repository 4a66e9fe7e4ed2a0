"""What can be learned from the set, as a whole and per label, and whether more rows would help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.audit.check import Audited, Check, Found, without_evidence
from suffice.errors import quoted
from suffice.records.evaluation import Interval
from suffice.records.evidence import AnswersAtSize, Evidence
from suffice.records.labels import LabelSet
from suffice.records.learnability import LabelReach, Learnability, MoreRows, Reach
from suffice.stats.binomial import interval, upper_bound
from suffice.stats.groups import design_effect
from suffice.stats.paired import paired_counts
from suffice.stats.tango import difference_lower_bound, difference_upper_bound

LEAST_GAIN = 0.02
"""Over the commonest label: what every rung surely stays under has nothing to learn."""
HELPS, HARDLY = 0.005, 0.01
"""Accuracy that the last doubling surely brought at least, or surely stayed under."""
LEAST_RECALL = 0.5
"""A label that surely is missed more often than it is found is not learned."""
MAX_NAMED = 5


def learnability_of(evidence: Evidence, labels: LabelSet, groups: NDArray[np.int64]) -> Learnability:
    """Sums up the out-of-fold answers.

    Args:
        evidence: what cheap rungs say of M rows.
        labels: the K labels.
        groups: group codes of these rows, shape [M].
    """
    counts = np.bincount(evidence.y, minlength=len(labels))
    doubled, doubled_interval = _last_doubling(evidence.curve, groups)
    return Learnability(
        n=len(evidence.y),
        chance=1.0 / len(labels),
        majority=float(counts.max() / counts.sum()),
        rungs=tuple(
            _reach(one.rung, one.n_train, one.log_probs.argmax(axis=1) == evidence.y, groups)
            for one in evidence.out_of_fold
        ),
        curve=tuple(_reach(point.rung, point.n_train, point.correct, groups) for point in evidence.curve),
        last_doubling=doubled,
        last_doubling_interval=doubled_interval,
        more_rows=_more_rows(doubled_interval),
        per_label=tuple(_of_label(k, name, evidence) for k, name in enumerate(labels.names) if counts[k]),
    )


def _reach(rung: str, n_train: int, correct: NDArray[np.bool_], groups: NDArray[np.int64]) -> Reach:
    effect = design_effect(correct, groups) or 1.0
    return Reach(
        rung=rung,
        n_train=n_train,
        accuracy=float(correct.mean()),
        interval=interval(float(correct.sum()) / effect, len(correct) / effect),
    )


def _last_doubling(curve: Sequence[AnswersAtSize], groups: NDArray[np.int64]) -> tuple[float | None, Interval | None]:
    if len(curve) < 2:
        return None, None
    whole, half = curve[-1].correct, curve[-2].correct
    counts = paired_counts(whole, half)
    effect = design_effect(whole.astype(np.float64) - half, groups)
    return counts.difference, Interval(
        low=difference_lower_bound(counts, alpha=0.025, design_effect=effect),
        high=difference_upper_bound(counts, alpha=0.025, design_effect=effect),
        confidence=0.95,
    )


def _more_rows(gained: Interval | None) -> MoreRows:
    if gained is None:
        return "unclear"
    if gained.low >= HELPS:
        return "helps"
    return "hardly" if gained.high < HARDLY else "unclear"


def _of_label(k: int, name: str, evidence: Evidence) -> LabelReach:
    rows = evidence.y == k
    found = evidence.curve[-1].correct[rows]
    half = evidence.curve[-2].correct[rows] if len(evidence.curve) > 1 else None
    return LabelReach(
        label=name,
        n=int(rows.sum()),
        recall=float(found.mean()),
        interval=interval(float(found.sum()), float(rows.sum())),
        recall_of_half=None if half is None else float(half.mean()),
    )


def _look(audited: Audited) -> Iterator[Found]:
    models = audited.models
    said = learnability_of(models, audited.labels, audited.splits.groups[models.rows])
    best = max(said.rungs, key=lambda reach: reach.accuracy)
    no_rows = np.array([], dtype=np.int64)
    if all(reach.interval.high < said.majority + LEAST_GAIN for reach in said.rungs):
        got = (
            f"out of fold the best of the cheap rungs, {best.rung}, is right in {best.accuracy:.1%}, and the commonest"
        )
        yield Found(
            rows=no_rows,
            got=f"{got} label alone in {said.majority:.1%}",
            fix="see whether the message holds what the label depends on; if not, add a column that does to data.text",
        )
    unlearned = [
        reach for reach in said.per_label if upper_bound(reach.recall * reach.n, reach.n, alpha=0.05) < LEAST_RECALL
    ]
    if unlearned and len(said.per_label) > 1:
        named = ", ".join(
            f"{quoted(reach.label)} ({reach.recall:.0%} of {reach.n:,})" for reach in unlearned[:MAX_NAMED]
        )
        more = f" and {len(unlearned) - MAX_NAMED} more" if len(unlearned) > MAX_NAMED else ""
        of_these = [audited.labels.names.index(reach.label) for reach in unlearned]
        yield Found(
            rows=models.rows[np.isin(models.y, of_these)],
            got=f"found less than half of the time, out of fold: {named}{more}",
            fix="label more rows of these, or merge them with what they are taken for",
            score=len(unlearned) / len(said.per_label),
        )


LEARNABILITY = Check(
    code="learnability",
    severity="warn",
    rule="what is asked must be learnable from the messages at all",
    look=_look,
    needs=without_evidence,
)
