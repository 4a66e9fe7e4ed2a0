"""Means that few known rows correct."""

from __future__ import annotations

import numpy as np
import pytest

from suffice.errors import DataError
from suffice.stats.prediction_powered import prediction_powered_mean


def test_by_hand():
    said, known_said, known = np.array([0.8, 0.6, 0.7, 0.9]), np.array([0.5, 0.7]), np.array([1.0, 0.0])
    mean, interval = prediction_powered_mean(said, known_said, known)
    # Means 0.75 and (0.5 - 0.7) / 2 = -0.1; variances 0.05 / 3 / 4 and 0.72 / 2.
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
    # 95% of 400 is 380, with a standard deviation of 4.4; rows of 0 and 1 cost a little.
    assert 366 <= covered <= 393


def test_few_rows_are_an_error():
    with pytest.raises(DataError, match="at least one row"):
        prediction_powered_mean(np.array([0.5, 0.5]), np.array([0.5]), np.array([1.0]))
    with pytest.raises(DataError, match="0 rows"):
        prediction_powered_mean(np.array([0.5]), np.array([0.5, 0.6]), np.array([1.0, 0.0]))
