from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.split import Strata, folds, nested_subset, subset_gaps, tune_rows

SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=30)


def strata_of(sizes: list[int], *, n_labels: int = 3) -> Strata:
    """Groups of these sizes, one after another; labels in turn by group."""
    groups = np.repeat(np.arange(len(sizes)), sizes)
    return Strata(y=groups % n_labels, groups=groups, keys=tuple(f"group {n}" for n in range(len(sizes))))


def singles(n: int, *, n_labels: int = 3) -> Strata:
    return strata_of([1] * n, n_labels=n_labels)


def everything(strata: Strata) -> np.ndarray:
    return np.arange(len(strata.y))


def subset(strata: Strata, n: int, *, seed: int = 0) -> np.ndarray:
    return nested_subset(everything(strata), strata, n=n, seed=seed)


def whole(rows: np.ndarray, strata: Strata) -> bool:
    inside = set(strata.groups[rows].tolist())
    return len(rows) == sum(np.isin(strata.groups, list(inside)))


@given(SIZES, st.integers(0, 3))
def test_subsets_are_nested_whole_and_no_larger_than_asked_for(sizes, seed):
    strata = strata_of(sizes)
    subsets = [subset(strata, n, seed=seed) for n in range(0, len(strata.y) + 1, 7)]
    assert all(set(small.tolist()) <= set(large.tolist()) for small, large in pairwise(subsets))
    assert all(whole(rows, strata) for rows in subsets)
    assert all(len(rows) <= 7 * k for k, rows in enumerate(subsets))
    assert len(subset(strata, len(strata.y))) == len(strata.y)


@given(SIZES.map(lambda sizes: [1, 1, *sizes]), st.integers(1, 400))
def test_a_subset_holds_half_of_what_was_asked_for_unless_the_rest_is_larger_groups(sizes, n):
    strata = strata_of(sizes)
    n, rows = min(n, len(strata.y)), subset(strata, n)
    left = [size for group, size in enumerate(sizes) if group not in strata.groups[rows]]
    assert 2 * len(rows) >= n or min(left) > len(rows)


def test_one_large_customer_neither_fills_nor_ends_a_small_subset():
    strata = strata_of([1_000] + [1] * 1_000)
    for seed in range(10):
        assert len(subset(strata, 800, seed=seed)) == 800
        assert 0 not in strata.groups[subset(strata, 800, seed=seed)]


def test_a_subset_smaller_than_every_group_is_empty():
    assert len(subset(strata_of([5, 5]), 4)) == 0


@pytest.mark.parametrize("n", [10, 40, 160])
def test_every_subset_keeps_the_shares_of_the_labels(n):
    # 60%, 30% and 10% of 1,000 rows; each label is within one row of its share.
    y = np.repeat([0, 1, 2], [600, 300, 100])
    strata = Strata(y=y, groups=np.arange(1_000), keys=tuple(map(str, range(1_000))))
    counts = np.bincount(y[subset(strata, n)], minlength=3)
    assert np.all(np.abs(counts - np.array([0.6, 0.3, 0.1]) * n) <= 1)


def test_rows_come_in_the_order_they_were_given_and_only_from_those():
    strata = singles(100)
    rows = np.arange(50, 100)
    taken = nested_subset(rows, strata, n=20, seed=0)
    assert np.all(np.diff(taken) > 0)
    assert set(taken.tolist()) <= set(rows.tolist())


def test_another_seed_is_another_subset_and_0_is_a_seed():
    strata = singles(200)
    assert not np.array_equal(subset(strata, 50, seed=0), subset(strata, 50, seed=1))
    assert np.array_equal(subset(strata, 50, seed=0), subset(strata, 50, seed=0))


@pytest.mark.parametrize(("n_rows", "n_tune"), [(100, 50), (499, 50), (500, 50), (800, 80), (12_000, 1_000)])
def test_tune_rows_are_a_tenth_between_fifty_and_a_thousand(n_rows, n_tune):
    strata = singles(n_rows)
    assert len(tune_rows(everything(strata), strata, seed=0)) == n_tune


@given(SIZES)
def test_tune_rows_split_no_group(sizes):
    strata = strata_of(sizes)
    assert whole(tune_rows(everything(strata), strata, seed=0), strata)


def test_tune_rows_are_not_the_smallest_subset():
    # Independent draws share a tenth of their rows on average; the same draw would share all.
    strata = singles(1_000, n_labels=1)
    shared = np.intersect1d(tune_rows(everything(strata), strata, seed=0), subset(strata, 100, seed=0))
    assert len(shared) < 30


@given(st.integers(2, 5), st.integers(1, 60), st.integers(1, 4))
def test_folds_of_single_rows_are_balanced_in_every_label(n_folds, n_rows, n_labels):
    strata = singles(n_rows, n_labels=n_labels)
    fold = folds(everything(strata), strata, n_folds=n_folds, seed=0)
    counts = np.array([np.bincount(fold[strata.y == k], minlength=n_folds) for k in range(n_labels)])
    assert np.all(np.ptp(counts, axis=1) <= 1)
    assert np.ptp(counts.sum(axis=0)) <= 1


@given(SIZES, st.integers(2, 5))
def test_folds_of_groups_split_none_and_differ_by_no_more_than_a_label_s_largest(sizes, n_folds):
    strata = strata_of(sizes)
    fold = folds(everything(strata), strata, n_folds=n_folds, seed=0)
    assert all(len(set(fold[strata.groups == group].tolist())) == 1 for group in range(len(sizes)))
    for k in np.unique(strata.y):
        counts = np.bincount(fold[strata.y == k], minlength=n_folds)
        assert np.ptp(counts) <= np.bincount(strata.groups[strata.y == k]).max()


def test_another_seed_is_another_division():
    strata = singles(60)
    assert not np.array_equal(
        folds(everything(strata), strata, n_folds=3, seed=0), folds(everything(strata), strata, n_folds=3, seed=1)
    )


def test_folds_are_of_the_rows_given():
    strata = singles(30, n_labels=1)
    fold = folds(np.array([29, 3, 7, 11]), strata, n_folds=2, seed=0)
    assert sorted(fold.tolist()) == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("sizes", "gaps"),
    [
        ([1] * 8, ()),
        ([8], ((0, 8),)),
        ([3, 3, 3], ((0, 3),)),
        ([1, 1, 2, 3, 9], ((14, 16),)),
        ([1] * 10 + [40], ((20, 50),)),
    ],
)
def test_between_which_sizes_no_subset_holds_half(sizes, gaps):
    strata = strata_of(sizes)
    rows = np.arange(sum(sizes))
    assert subset_gaps(rows, strata) == gaps
    for n in range(1, len(rows) + 1):
        halves = [2 * len(nested_subset(rows, strata, n=n, seed=seed)) >= n for seed in range(5)]
        assert halves == [not any(low < n < high for low, high in gaps)] * 5
