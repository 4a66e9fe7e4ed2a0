"""Thresholds on how far messages lie, by hand; the area under the curve by scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from suffice.errors import DataError
from suffice.stats.scope import rows_for_a_threshold, separation, threshold


def test_separation_is_the_area_under_the_curve() -> None:
    draw = np.random.default_rng(0)
    inside, outside = draw.integers(0, 9, 40).astype(float), draw.integers(3, 12, 25).astype(float)
    expected = roc_auc_score(np.repeat([0, 1], [40, 25]), np.concatenate([inside, outside]))
    assert separation(inside, outside) == pytest.approx(expected)
    assert separation(inside, inside) == pytest.approx(0.5)
    assert separation(inside, inside + 100.0) == 1.0


def test_nothing_to_separate_is_an_error() -> None:
    with pytest.raises(DataError, match=r"messages out of scope: a figure needs at least one row\n  got: 0 rows"):
        separation(np.ones(3), np.empty(0))


def test_a_threshold_at_one_in_twenty_needs_nineteen_messages() -> None:
    # With none of 19 refused, the next is refused with a chance of at most 1 in 20.
    assert rows_for_a_threshold(0.05) == 19
    assert rows_for_a_threshold(0.1) == 9
    scores = np.arange(19.0)
    assert threshold(scores, np.empty(0), max_refused=0.05) == 18.0
    assert threshold(scores[:18], np.empty(0), max_refused=0.05) is None


def test_as_many_are_refused_as_may_be_where_nothing_is_gained_by_fewer() -> None:
    # Of 99, four are refused: the next with a chance of 5 in 100.
    inside = np.arange(99.0)
    cut = threshold(inside, np.empty(0), max_refused=0.05)
    assert cut == 94.0
    assert (inside > cut).sum() == 4
    assert threshold(inside, np.array([94.5]), max_refused=0.05) == 94.0


def test_no_more_are_refused_than_it_gains() -> None:
    # All that is outside lies beyond the first: to go lower would refuse and catch nothing.
    assert threshold(np.arange(99.0), np.full(10, 200.0), max_refused=0.05) == 98.0
    # Of ten outside, eight lie above 96.5: two refused of 99 for eight of ten.
    outside = np.array([97.5] * 8 + [1.0] * 2)
    assert threshold(np.arange(99.0), outside, max_refused=0.05) == 97.0


def test_what_is_foretold_holds_over_many_draws() -> None:
    draw = np.random.default_rng(0)
    refused = []
    for _ in range(400):
        cut = threshold(draw.random(60), np.empty(0), max_refused=0.1)
        assert cut is not None
        refused.append(1.0 - cut)
    # By hand: the sixth largest of 60, the expected share above it is 6 of 61.
    assert np.mean(refused) == pytest.approx(6 / 61, abs=0.006)
