"""Means that few known rows correct."""

from __future__ import annotations

import numpy as np
import pytest

from suffice.errors import DataError
from suffice.stats.prediction_powered import prediction_powered_mean


def test_by_hand():
    said, known_said, known = np.array([0.8, 0.6, 0.7, 0.9]), np.array([0.5, 0.7]), np.array([1.0, 0.0])
    mean, interval = prediction_powered_mean(said, known_said, known)
    # Means 0.75 and (0.5 - 0.7) / 2 = -0.1; variances 0.05 / 3 / 4 and 0.72 / 2; one right of two is between 0.013 and
    # 0.987, which is the narrower side: the normal half width of what corrects is 1.18.
    assert mean == pytest.approx(0.65)
    half = 1.959964 * (0.05 / 3 / 4 + 0.72 / 2) ** 0.5
    assert (interval.low, interval.high) == (max(0.65 - half, 0.0), min(0.65 + half, 1.0))


def test_the_interval_covers_though_the_model_is_sure_of_too_much():
    generator, covered = np.random.default_rng(0), 0
    for _ in range(400):
        p = generator.beta(8, 2, 1_100)
        right = (generator.random(1_100) < p - 0.1).astype(float)
        mean, interval = prediction_powered_mean(p[100:], p[:100], right[:100])
        covered += interval.low <= 0.7 <= interval.high
        assert interval.low <= mean <= interval.high
    # 95% of 400 is 380, with a standard deviation of 4.4; the exact interval of the known rows may add to it.
    assert covered >= 366


@pytest.mark.parametrize(("n", "share"), [(50, 0.99), (62, 0.97), (62, 0.99), (100, 0.9), (200, 0.97)])
def test_it_covers_with_few_known_rows_of_which_hardly_one_is_wrong(n, share):
    generator, missed, draws = np.random.default_rng(n), 0, 2_000
    for _ in range(draws):
        p = generator.beta(40.0, 40.0 * (1.0 - share) / share, n + 2_000)
        right = (generator.random(n) < p[:n]).astype(float)
        _, interval = prediction_powered_mean(p[n:], p[:n], right)
        missed += not interval.low <= share <= interval.high
    # 5% of 2,000 is 100, with a standard deviation of 9.7. The normal interval alone misses 1,200 at 50 rows and a
    # share of 0.99, and 350 at 62 rows and 0.97.
    assert missed <= 100 + 2 * 9.7


def test_rows_without_an_error_leave_room_for_one():
    said = np.full(62, 0.999)
    mean, interval = prediction_powered_mean(np.full(1_000, 0.999), said, np.ones(62))
    # Clopper and Pearson: the lower end of 62 of 62 is 0.025 ** (1 / 62).
    assert mean == pytest.approx(1.0)
    assert interval.low == pytest.approx(0.025 ** (1 / 62))
    assert interval.high == 1.0


def test_few_rows_are_an_error():
    with pytest.raises(DataError, match="at least one row"):
        prediction_powered_mean(np.array([0.5, 0.5]), np.array([0.5]), np.array([1.0]))
    with pytest.raises(DataError, match="0 rows"):
        prediction_powered_mean(np.array([0.5]), np.array([0.5, 0.6]), np.array([1.0, 0.0]))
