"""Labels that no rung can tell apart, by the answers on the rows that compare rungs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from suffice.pipeline.answered import Answered
from suffice.stats.separation import confused_pairs, inseparable_labels

MIN_ROWS = 10
"""Rows of two labels together below which nothing is said of them."""
MAX_TOGETHER = 3
"""Labels that may be one: where more hang together, it is not that they are one, but that little can be told."""
MAX_SHARE = 0.5
"""Of all labels that may be part of a pair, for the same reason."""


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
    same = ~apart
    n_together, component = connected_components(csr_array(same.astype(np.int64)), directed=False)
    found: list[tuple[str, str]] = []
    n_involved = 0
    for code in range(n_together):
        members = np.flatnonzero(component == code)
        # A chain of which the ends can be told apart is an order, not one label under several names.
        if 1 < len(members) <= MAX_TOGETHER and same[np.ix_(members, members)].all():
            found += [(names[a], names[b]) for a, b in combinations(members.tolist(), 2)]
            n_involved += len(members)
    return tuple(found) if n_involved <= MAX_SHARE * len(names) else ()


def _probabilities(one: Answered) -> NDArray[np.float64] | None:
    return None if one.manifest.cell.rung == "majority" else one.predictions.probs
