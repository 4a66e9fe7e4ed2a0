"""Parts of a split: nested training subsets, tune rows, folds. Stratified by label; a group is never split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from suffice.split.keyed import keyed_fractions

MIN_TUNE, MAX_TUNE = 50, 1_000
TUNE_SHARE = 0.10


@dataclass(frozen=True, kw_only=True, slots=True)
class Strata:
    """What a division of rows must respect, for all N rows of a data version."""

    y: NDArray[np.int64]
    """Label codes, shape [N]."""
    groups: NDArray[np.int64]
    """Group codes, shape [N]."""
    keys: tuple[str, ...]
    """Name of each group, length G."""


def nested_subset(rows: NDArray[np.int64], strata: Strata, *, n: int, seed: int) -> NDArray[np.int64]:
    """The first `n` rows or so in an order that keeps label shares; a larger n keeps the smaller one's rows.

    A group stands in the order only where the groups before it hold as many rows as it does: one customer with a
    thousand messages neither fills nor ends a small subset, and the order is the same for every n.

    Args:
        rows: positions in the data version, shape [R].
        strata: labels and groups of all rows.
        n: how many rows are wanted; groups are taken in order while they fit, so that at least half of n comes
            unless every group left is larger than all before it together.
        seed: subset seed.

    Returns:
        Positions in the order of `rows`, at most n of them; none where the smallest group is larger than n.
    """
    return _first(rows, strata, n=n, seed=seed, purpose="subset")


def subset_gaps(rows: NDArray[np.int64], strata: Strata) -> tuple[tuple[int, int], ...]:
    """Between which numbers of rows no nested subset holds half of what is asked for, whatever its seed.

    So it is where every group left is larger than all others together: from twice these rows to all of them with it.

    Args:
        rows: positions in the data version, shape [R].
        strata: labels and groups of all rows.
    """
    sizes = np.sort(np.bincount(strata.groups[rows]))
    up_to = np.cumsum(sizes[sizes > 0])
    before = np.concatenate([[0], up_to[:-1]])
    return tuple((int(2 * low), int(high)) for low, high in zip(before, up_to, strict=True) if high > 2 * low + 1)


def tune_rows(rows: NDArray[np.int64], strata: Strata, *, seed: int) -> NDArray[np.int64]:
    """The training rows that choices made while fitting are made on: 10%, at least 50, at most 1,000.

    Args:
        rows: positions of the training rows, shape [R].
        strata: labels and groups of all rows.
        seed: the task's `split.seed`.
    """
    n = int(min(MAX_TUNE, max(MIN_TUNE, round(TUNE_SHARE * len(rows)))))
    return _first(rows, strata, n=n, seed=seed, purpose="tune")


def folds(rows: NDArray[np.int64], strata: Strata, *, n_folds: int, seed: int) -> NDArray[np.int64]:
    """Fold of each row, shape [R], from 0 to n_folds - 1; labels spread evenly, groups intact.

    Groups of a label are dealt out in turn, large ones first: the folds' rows of a label then differ by no more than
    its largest group.

    Args:
        rows: positions, shape [R].
        strata: labels and groups of all rows.
        n_folds: at least 2.
        seed: which of many divisions.
    """
    dealt = _by_label(rows, strata, seed=seed, purpose="folds")
    order = dealt[np.lexsort((-_group_sizes(rows, strata)[dealt], _group_labels(rows, strata)[dealt]))]
    fold_of = np.zeros(len(strata.keys), dtype=np.int64)
    fold_of[order] = np.arange(len(order)) % n_folds
    return fold_of[strata.groups[rows]]


def _by_label(rows: NDArray[np.int64], strata: Strata, *, seed: int, purpose: str) -> NDArray[np.int64]:
    """Group codes present in `rows`, label by label, in hash order within each label."""
    present = np.unique(strata.groups[rows])
    draws = keyed_fractions([strata.keys[g] for g in present], seed=seed, purpose=purpose)
    return present[np.lexsort((draws, _group_labels(rows, strata)[present]))]


def _group_labels(rows: NDArray[np.int64], strata: Strata) -> NDArray[np.int64]:
    """Label of each group's first row, shape [G]; 0 for groups without a row."""
    label_of = np.zeros(len(strata.keys), dtype=np.int64)
    label_of[strata.groups[rows][::-1]] = strata.y[rows][::-1]
    return label_of


def _group_sizes(rows: NDArray[np.int64], strata: Strata) -> NDArray[np.int64]:
    """How many of `rows` each group holds, shape [G]."""
    return np.bincount(strata.groups[rows], minlength=len(strata.keys))


def _first(rows: NDArray[np.int64], strata: Strata, *, n: int, seed: int, purpose: str) -> NDArray[np.int64]:
    """The rows of the first groups that hold at most n rows, in an order whose every beginning keeps label shares."""
    ordered = _by_label(rows, strata, seed=seed, purpose=purpose)
    labels = _group_labels(rows, strata)[ordered]
    _, starts, counts = np.unique(labels, return_index=True, return_counts=True)
    share = (np.arange(len(ordered)) - np.repeat(starts, counts) + 0.5) / np.repeat(counts, counts)
    even = ordered[np.lexsort((labels, share))]
    sizes = _group_sizes(rows, strata)
    order = even[_small_before_large(sizes[even].tolist())]
    return rows[np.isin(strata.groups[rows], order[np.cumsum(sizes[order]) <= n])]


def _small_before_large(sizes: Sequence[int]) -> list[int]:
    """Positions 0 to G - 1 in their order, but each only after others that together hold as many rows as it does.

    What never finds so many before it comes last, smallest first.
    """
    order: list[int] = []
    waiting: list[tuple[int, int]] = []
    n_before, smallest = 0, min(sizes, default=0)
    for place, size in enumerate(sizes):
        heappush(waiting, (size, place))
        while waiting and waiting[0][0] <= max(n_before, smallest):
            taken, first = heappop(waiting)
            n_before += taken
            order.append(first)
    return order + [place for _, place in sorted(waiting)]
