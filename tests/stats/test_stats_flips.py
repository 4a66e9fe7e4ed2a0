"""Flips of answers, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from suffice.errors import DataError
from suffice.stats.flips import flip_rate

# Of ten rows with right code 0: three go from right to wrong, one from wrong to right, one from label 1 to label 2.
FIRST = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 2])
SECOND = np.array([0, 0, 0, 1, 1, 2, 0, 2, 1, 2])
TRUE = np.zeros(10, dtype=np.int64)


def test_flips_are_counted_both_ways_and_between_wrong_labels() -> None:
    found = flip_rate(FIRST, SECOND, TRUE, groups=np.arange(10), is_free=False)
    assert (found.n, found.n_right_to_wrong, found.n_wrong_to_right, found.n_wrong_to_other) == (10, 3, 1, 1)
    assert found.rate == pytest.approx(0.5)
    assert found.difference == pytest.approx(-0.2)
    low, high = binomtest(5, 10).proportion_ci(0.95, method="exact")
    assert (found.interval.low, found.interval.high) == (pytest.approx(low), pytest.approx(high))
    # McNemar, exact: of four rows three or more on one side, twice (1 + 4) / 16.
    assert found.p_value == pytest.approx(10 / 16)
    assert found.difference_interval.low < -0.2 < found.difference_interval.high


def test_nothing_is_said_of_one_wrong_value_for_another_where_answers_are_free() -> None:
    first, second = (np.array([1, 1, 0, 0]), np.array([1, 0, 1, 0]))
    found = flip_rate(first, second, np.ones(4, dtype=np.int64), groups=np.arange(4), is_free=True)
    assert (found.n_right_to_wrong, found.n_wrong_to_right, found.n_wrong_to_other, found.rate) == (1, 1, None, 0.5)


def test_rows_of_one_group_tell_less() -> None:
    alone = flip_rate(FIRST, SECOND, TRUE, groups=np.arange(10), is_free=False)
    pairs = flip_rate(FIRST, SECOND, TRUE, groups=np.repeat(np.arange(5), 2), is_free=False)
    assert pairs.rate == alone.rate
    assert pairs.interval.high - pairs.interval.low > alone.interval.high - alone.interval.low


def test_no_flip_at_all_leaves_room_for_some() -> None:
    found = flip_rate(FIRST, FIRST, TRUE, groups=np.arange(10), is_free=False)
    # Clopper-Pearson of 0 in 10: 1 - 0.025^(1/10).
    assert (found.rate, found.interval.low, found.p_value) == (0.0, 0.0, 1.0)
    assert found.interval.high == pytest.approx(1 - 0.025**0.1)


def test_nothing_answered_is_an_error_not_a_zero() -> None:
    none = np.empty(0, dtype=np.int64)
    with pytest.raises(DataError):
        flip_rate(none, none, none, groups=none, is_free=True)
