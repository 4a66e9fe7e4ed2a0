"""Answering only where it is safe: a threshold on confidence whose risk is promised, or a reason why none is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from suffice.records.promise import AnsweredLabel, Promise, TriedThreshold
from suffice.stats.binomial import upper_bound
from suffice.stats.groups import design_effect
from suffice.stats.planning import POWER, rows_needed, rows_to_prove_anything
from suffice.stats.proof import effective_rows

N_THRESHOLDS = 20
MOST_ROWS = 20_000
"""Above so many rows no number is given: the rows at hand hardly tell the risk from what is promised."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What a model says of rows, and whether it is right."""

    confidence: NDArray[np.float64]
    """Probability of each answer, shape [N]."""
    y_pred: NDArray[np.int64]
    """Label codes of the answers, shape [N]."""
    y_true: NDArray[np.int64]
    """Label codes of the rows, shape [N]."""
    groups: NDArray[np.int64] | None = None
    """Group codes, shape [N]; None where every row is its own."""
    outside: NDArray[np.bool_] | None = None
    """Whether each row is taken for out of scope, shape [N]; None where that is not told."""

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each answer is the row's label, shape [N]."""
        return np.asarray(self.y_true == self.y_pred)


def thresholds_of(confidence: NDArray[np.float64], *, n: int = N_THRESHOLDS) -> tuple[float, ...]:
    """Thresholds that leave even shares of messages answered, the highest first; the last answers every message.

    Args:
        confidence: of answers on rows that are not those which the thresholds are held against, shape [V].
        n: how many, before equal ones become one.

    Source: STATISTICS of the project, section 7.
    """
    levels = 1.0 - np.arange(1, n) / n
    found = [float(value) for value in np.quantile(confidence, levels, method="higher")]
    return tuple(sorted({*found, 0.0}, reverse=True))


def promise(
    said: Said, thresholds: Sequence[float], *, max_error: float, confidence: float, labels: Sequence[str]
) -> Promise:
    """The lowest threshold down to which every test passes, beginning where enough rows are answered to begin.

    The order is fixed before a label is read, so that each test may be taken at the full level: the first that fails
    ends it. What is promised then is wrong in at most a share `1 - confidence` of calibration draws.

    Args:
        said: of calibration rows, which neither training, choice nor `thresholds` has seen; N may be 0.
        thresholds: highest first.
        max_error: the most that may be wrong of the answers given, between 0 and 1.
        confidence: between 0 and 1.
        labels: the K labels.

    Source: fixed-sequence testing: Bauer (1991), Multiple testing in clinical trials, Statistics in Medicine 10; for
        selective risk: Geifman and El-Yaniv (2017), Selective Classification for Deep Neural Networks, NeurIPS, and
        Angelopoulos et al. (2021), Learn then Test, arXiv 2110.01052, section 2.2. Rows in groups count as fewer, as in
        `proof.effective_rows`.
    """
    level = 1.0 - confidence
    least = rows_to_prove_anything(target=1.0 - max_error, alpha=level)
    tried: list[TriedThreshold] = []
    chosen: float | None = None
    for value in thresholds:
        one = _tried(said, value, max_error=max_error, least=least)
        tried.append(one)
        if one.p is None:
            continue
        if one.p > level:
            break
        chosen = value
    given = said.confidence >= chosen if chosen is not None else np.zeros(len(said.right), dtype=np.bool_)
    why = None if chosen is not None else _why(tried, least=least, max_error=max_error, confidence=confidence)
    return Promise(
        max_error=max_error,
        confidence=confidence,
        threshold=chosen,
        n=len(said.right),
        n_answered=int(given.sum()),
        n_wrong=int((given & ~said.right).sum()),
        labels=_by_label(said, given, labels=labels, level=level),
        tried=tuple(tried),
        why=why,
    )


def rows_for_a_promise(said: Said, thresholds: Sequence[float], *, max_error: float, confidence: float) -> int | None:
    """The fewest calibration rows with which the first test that is taken passes four times in five.

    With so many rows, that is the test at the first threshold above which enough are answered to begin.

    Args:
        said: of rows that tell how often answers above each threshold are wrong, such as those of validation.
        thresholds: highest first.
        max_error: the most that may be wrong of the answers given.
        confidence: of the promise.

    Returns:
        Rows, or None where at no threshold the errors of these rows are clearly below what is promised.

    Source: the power of the exact binomial test, as in `planning.rows_needed`.
    """
    level = 1.0 - confidence
    least = rows_to_prove_anything(target=1.0 - max_error, alpha=level)
    shares = [float((said.confidence >= value).mean()) if len(said.right) else 0.0 for value in thresholds]
    # Surer answers are taken to be right as often as less sure ones at least: of the surest there are few to tell by.
    right = np.maximum.accumulate([_rightness(said, value) for value in thresholds][::-1])[::-1]
    found = []
    for i, share in enumerate(shares):
        # By the chance of the draw the test may begin one threshold lower.
        truth = float(right[i : i + 2].min())
        answered = rows_needed(target=1.0 - max_error, true_accuracy=truth, alpha=level, power=POWER)
        if answered is not None and share:
            rows = math.ceil(answered / share)
            if i == 0 or rows * shares[i - 1] < least:  # Otherwise a higher threshold is the first.
                found.append(rows)
    fewest = min(found, default=None)
    return None if fewest is None or fewest > MOST_ROWS else fewest


def _rightness(said: Said, value: float) -> float:
    """Of answers above a threshold, with half an error more than were seen: none in a few rows promises no none."""
    given = said.confidence >= value
    return (float(said.right[given].sum()) + 0.5) / (float(given.sum()) + 1.0)


def _tried(said: Said, value: float, *, max_error: float, least: int) -> TriedThreshold:
    given = said.confidence >= value
    n, wrong = int(given.sum()), int((given & ~said.right).sum())
    if not n:
        return TriedThreshold(value=value, n_answered=0.0, n_wrong=0.0, p=None)
    groups = None if said.groups is None else said.groups[given]
    n_effective = effective_rows(n, design_effect(said.right[given], groups))
    n_wrong = wrong * n_effective / n
    # P(errors <= w) of n independent rows as an incomplete beta function, which takes counts that are not whole.
    p = float(special.betainc(n_effective - n_wrong, n_wrong + 1.0, 1.0 - max_error)) if n_effective > n_wrong else 1.0
    return TriedThreshold(value=value, n_answered=n_effective, n_wrong=n_wrong, p=p if n_effective >= least else None)


def _why(tried: Sequence[TriedThreshold], *, least: int, max_error: float, confidence: float) -> str:
    answered = max((one.n_answered for one in tried), default=0.0)
    if answered < least:
        return (
            f"even without an error, {least:,} independent calibration rows that are answered would be needed to "
            f"promise at most {max_error:g} wrong with confidence {confidence:g}; there are {answered:,.0f}"
        )
    first = next(one for one in tried if one.p is not None)
    return (
        f"of the {first.n_answered:,.0f} calibration rows that the model is surest of, {first.n_wrong:,.0f} are wrong: "
        f"too many to promise at most {max_error:g}"
    )


def _by_label(
    said: Said, given: NDArray[np.bool_], *, labels: Sequence[str], level: float
) -> tuple[AnsweredLabel, ...]:
    found = []
    for code, label in enumerate(labels):
        rows = given & (said.y_pred == code)
        n, wrong = int(rows.sum()), int((rows & ~said.right).sum())
        upper = upper_bound(wrong, n, alpha=level) if n else None
        found.append(AnsweredLabel(label=label, n=n, n_wrong=wrong, upper=upper))
    return tuple(found)
