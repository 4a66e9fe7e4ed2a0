"""Labels that no rung can tell apart, by answers on rows that it was not fitted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.pipeline.cells.answered import Answered
from suffice.pipeline.cells.repaired import Repaired
from suffice.records.evidence import INSEPARABLE_AUC
from suffice.stats.separation import confused_pairs, labels_that_are_one, order_of_pair

MIN_ROWS = 10
"""Rows of two labels together below which nothing is said of them."""
LEAST_TOLD = 0.5
"""How much likelier rows of two labels are answered with one of the two than other rows are: below it the two are told
from no label, and what they have in common is that the rung can do neither. Source of the measure: Youden (1950), Index
for rating diagnostic tests, Cancer 3."""


def inseparable_pairs(
    rungs: Sequence[Answered], repaired: Mapping[str, Repaired], y: NDArray[np.int64]
) -> tuple[tuple[str, str], ...]:
    """Pairs of labels that a rung confuses and whose rows no rung can put in order.

    Args:
        rungs: answers of rungs on all rows; `majority`, and those that state no probabilities, say nothing.
        repaired: rung to what it said of training rows that it was fitted without: these count beside the rows that
            compare rungs.
        y: label codes of all rows of the material, shape [N].
    """
    said = [found for one in rungs if (found := _said(one, repaired.get(one.manifest.cell.rung), y)) is not None]
    if not said:
        return ()
    names = rungs[0].predictions.labels.names
    candidates = {pair for probs, y_true in said for pair in not_told_apart(probs, y_true)}
    same = np.eye(len(names), dtype=np.bool_)
    for a, b in candidates:
        same[a, b] = same[b, a] = not any(told_apart(probs, y_true, a, b) for probs, y_true in said)
    return tuple((names[a], names[b]) for a, b in labels_that_are_one(same))


def not_told_apart(probs: NDArray[np.float64], y: NDArray[np.int64]) -> tuple[tuple[int, int], ...]:
    """Pairs of labels that are told from the others and not from each other.

    Args:
        probs: of rows that the rung was not fitted on, shape [N, K].
        y: label codes, shape [N].
    """
    predicted = probs.argmax(axis=1)
    return tuple(
        (pair.first, pair.second)
        for pair in confused_pairs(probs, y)
        if pair.inseparable and pair.n_rows >= MIN_ROWS and _told(predicted, y, pair.first, pair.second) >= LEAST_TOLD
    )


def told_apart(probs: NDArray[np.float64], y: NDArray[np.int64], a: int, b: int) -> bool:
    """Whether a rung puts the rows of two labels in order; few rows tell nothing.

    Args:
        probs: of rows that the rung was not fitted on, shape [N, K].
        y: label codes, shape [N].
        a: one label.
        b: the other.
    """
    sizes = [int((y == code).sum()) for code in (a, b)]
    return sum(sizes) >= MIN_ROWS and min(sizes) > 0 and order_of_pair(probs, y, a, b) > INSEPARABLE_AUC


def _told(predicted: NDArray[np.int64], y: NDArray[np.int64], a: int, b: int) -> float:
    answered, are = np.isin(predicted, [a, b]), np.isin(y, [a, b])
    return 0.0 if are.all() else float(answered[are].mean() - answered[~are].mean())


def _said(
    one: Answered, repaired: Repaired | None, y: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]] | None:
    """Probabilities and labels of all rows that a rung answered without having been fitted on them."""
    probs = one.predictions.probs
    if one.manifest.cell.rung == "majority" or probs is None:
        return None
    if repaired is None:
        return probs, one.y_true
    seen = one.manifest.judged_on == "out_of_fold"  # Then the training rows are among the answers already.
    rows = repaired.rows[:0] if seen else repaired.rows
    return np.concatenate([probs, repaired.probs[: len(rows)]]), np.concatenate([one.y_true, y[rows]])
