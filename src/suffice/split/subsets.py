"""Parts of a split: nested training subsets, tune rows, folds. Stratified by label; a group is never split."""

from __future__ import annotations

from dataclasses import dataclass

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

    Args:
        rows: positions in the data version, shape [R].
        strata: labels and groups of all rows.
        n: how many rows are wanted; groups are taken in order while they fit.
        seed: subset seed.

    Returns:
        Positions in the order of `rows`, at most n of them.
    """
    return _first(rows, strata, n=n, seed=seed, purpose="subset")


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

    Args:
        rows: positions, shape [R].
        strata: labels and groups of all rows.
        n_folds: at least 2.
        seed: which of many divisions.
    """
    order = _by_label(rows, strata, seed=seed, purpose="folds")
    fold_of = np.zeros(len(strata.keys), dtype=np.int64)
    fold_of[order] = np.arange(len(order)) % n_folds
    return fold_of[strata.groups[rows]]


def _by_label(rows: NDArray[np.int64], strata: Strata, *, seed: int, purpose: str) -> NDArray[np.int64]:
    """Group codes present in `rows`, label by label, in hash order within each label (of the group's first row)."""
    present, first = np.unique(strata.groups[rows], return_index=True)
    draws = keyed_fractions([strata.keys[g] for g in present], seed=seed, purpose=purpose)
    return present[np.lexsort((draws, strata.y[rows[first]]))]


def _first(rows: NDArray[np.int64], strata: Strata, *, n: int, seed: int, purpose: str) -> NDArray[np.int64]:
    """The rows of the first groups that hold at most n rows, in an order whose every beginning keeps label shares."""
    groups = strata.groups[rows]
    ordered = _by_label(rows, strata, seed=seed, purpose=purpose)
    label_of = np.zeros(len(strata.keys), dtype=np.int64)
    label_of[groups[::-1]] = strata.y[rows][::-1]
    labels = label_of[ordered]
    _, starts, counts = np.unique(labels, return_index=True, return_counts=True)
    share = (np.arange(len(ordered)) - np.repeat(starts, counts) + 0.5) / np.repeat(counts, counts)
    order = ordered[np.lexsort((labels, share))]
    sizes = np.bincount(groups, minlength=len(strata.keys))
    return rows[np.isin(groups, order[np.cumsum(sizes[order]) <= n])]
