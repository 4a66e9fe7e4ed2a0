"""Pairs of labels that predictions out of fold cannot tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.stats import rankdata

from suffice.records.evidence import LabelPair

MIN_CONFUSED = 5
"""Rows of a pair that are taken for the other label before the pair is looked at."""
MIN_SHARE = 0.10
"""Of the pair's rows that are."""
MAX_TOGETHER = 3
"""Labels that may be one: where more hang together, it is not that they are one, but that little can be told."""
MIN_LEFT = 2
"""Labels that must be left once those are one."""


def confused_pairs(probs: NDArray[np.float64], y: NDArray[np.int64]) -> list[LabelPair]:
    """Pairs of labels that are taken for each other often, the most confused first.

    Args:
        probs: out of fold, shape [M, K].
        y: label codes, shape [M].

    Source: the area under the curve as a rank statistic: Hanley and McNeil (1982), Radiology 143.
    """
    n_labels, predicted = probs.shape[1], probs.argmax(axis=1)
    counts = np.zeros((n_labels, n_labels), dtype=np.int64)
    np.add.at(counts, (y, predicted), 1)
    mutual = np.triu(counts + counts.T, k=1)
    sizes = np.bincount(y, minlength=n_labels)
    pairs = []
    for a, b in zip(*np.nonzero(mutual >= MIN_CONFUSED), strict=True):
        if mutual[a, b] >= MIN_SHARE * (sizes[a] + sizes[b]) and min(sizes[a], sizes[b]):
            pairs.append(
                LabelPair(
                    first=int(a),
                    second=int(b),
                    n_rows=int(sizes[a] + sizes[b]),
                    n_confused=int(mutual[a, b]),
                    auc=order_of_pair(probs, y, int(a), int(b)),
                )
            )
    return sorted(pairs, key=lambda pair: (-pair.n_confused, pair.first, pair.second))


def inseparable_labels(pairs: Sequence[LabelPair], *, n_labels: int) -> NDArray[np.bool_]:
    """Which labels the data cannot tell apart, shape [K, K], symmetric, true on the diagonal.

    Args:
        pairs: as `confused_pairs` gives them.
        n_labels: K.

    Source: none; it spreads the pairs of `confused_pairs` over a matrix.
    """
    same = np.eye(n_labels, dtype=np.bool_)
    for pair in pairs:
        if pair.inseparable:
            same[pair.first, pair.second] = same[pair.second, pair.first] = True
    return same


def labels_that_are_one(same: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Pairs of labels that may be made one: few together, and none of those together told from another.

    A chain whose ends can be told apart is an order, not one label under several names.

    Args:
        same: whether two labels cannot be told apart, shape [K, K], symmetric, true on the diagonal.

    Source: this project's; complete linkage, where nearness is to be told apart by no rung: Everitt et al. (2011),
        Cluster Analysis, 5th ed., section 4.2.
    """
    n_groups, group = connected_components(csr_array(same.astype(np.int64)), directed=False)
    found: list[tuple[int, int]] = []
    n_left = len(same)
    for code in range(n_groups):
        members = np.flatnonzero(group == code)
        if 1 < len(members) <= MAX_TOGETHER and same[np.ix_(members, members)].all():
            found += list(combinations(members.tolist(), 2))
            n_left -= len(members) - 1
    return found if n_left >= MIN_LEFT else []


def order_of_pair(probs: NDArray[np.float64], y: NDArray[np.int64], a: int, b: int) -> float:
    """How well the rows of two labels are put in order by the odds of one over the other: 0.5 by chance, 1 wholly.

    Args:
        probs: of rows that were not fitted on, shape [M, K].
        y: label codes, shape [M]; each of the two has a row.
        a: one label.
        b: the other.

    Source: the area under the curve as a rank statistic: Hanley and McNeil (1982), Radiology 143.
    """
    rows = np.flatnonzero((y == a) | (y == b))
    ranks = rankdata(np.log(probs[rows, b] + 1e-300) - np.log(probs[rows, a] + 1e-300))
    of_b = y[rows] == b
    n_b, n_a = int(of_b.sum()), int((~of_b).sum())
    return float((ranks[of_b].sum() - n_b * (n_b + 1) / 2) / (n_a * n_b))
