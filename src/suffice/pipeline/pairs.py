"""Labels that no rung can tell apart, by the answers on the rows that compare rungs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.pipeline.answered import Answered
from suffice.stats.separation import confused_pairs, inseparable_labels, labels_that_are_one

MIN_ROWS = 10
"""Rows of two labels together below which nothing is said of them."""


def inseparable_pairs(rungs: Sequence[Answered]) -> tuple[tuple[str, str], ...]:
    """Pairs of labels that every rung confuses and whose rows none of them can put in order.

    Args:
        rungs: answers of rungs on all rows; `majority`, and those that state no probabilities, say nothing.
    """
    told = [(one, probs) for one in rungs if (probs := _probabilities(one)) is not None]
    if not told:
        return ()
    names = told[0][0].predictions.labels.names
    apart = np.zeros((len(names), len(names)), dtype=np.bool_)
    for one, probs in told:
        pairs = [p for p in confused_pairs(probs, one.y_true) if p.n_rows >= MIN_ROWS]
        apart |= ~inseparable_labels(pairs, n_labels=len(names))
    return tuple((names[a], names[b]) for a, b in labels_that_are_one(~apart))


def _probabilities(one: Answered) -> NDArray[np.float64] | None:
    return None if one.manifest.cell.rung == "majority" else one.predictions.probs
