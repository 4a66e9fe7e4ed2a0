"""Cumulative sums, their peaks, and how seldom a threshold is crossed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from suffice.stats.cusum import crossing, cusum, peaks, threshold


def test_sums_begin_again_where_they_would_fall_below_nothing():
    # By hand: 1, 0, 0 (not -1), 2, 5, 4.
    assert cusum(np.array([1.0, -1.0, -1.0, 2.0, 3.0, -1.0])).tolist() == [1.0, 0.0, 0.0, 2.0, 5.0, 4.0]


def test_the_sums_are_those_of_page_one_after_the_other():
    z = np.random.default_rng(0).normal(-0.1, 1.0, 500)
    expected, total = [], 0.0
    for one in z:
        total = max(total + one, 0.0)
        expected.append(total)
    assert cusum(z) == pytest.approx(np.array(expected), abs=1e-9)


def test_every_excursion_has_one_peak():
    assert peaks(np.array([1.0, 0.0, 2.0, 5.0, 4.0, 0.0, 0.0, 3.0])).tolist() == [1.0, 5.0, 3.0]
    assert peaks(np.zeros(4)).tolist() == []
    assert peaks(np.empty(0)).tolist() == []


def test_a_crossing_tells_where_its_excursion_began():
    sums = np.array([0.0, 1.0, 0.0, 0.0, 2.0, 5.0, 6.0])
    assert crossing(sums, 4.0) == (5, 4)
    assert crossing(sums, 0.5) == (1, 1)
    assert crossing(np.array([5.0]), 4.0) == (0, 0)
    assert crossing(sums, 6.0) is None
    assert crossing(np.empty(0), 1.0) is None


def test_a_threshold_is_crossed_as_often_as_was_asked():
    """Steps of +1 with probability 0.3: a sum reaches h from 1 with probability (r^-1 - 1) / (r^-h - 1), r = 3 / 7."""
    generator = np.random.default_rng(1)
    n, rate = 400_000, 1e-4
    walk = [peaks(cusum(np.where(generator.random(n) < 0.3, 1.0, -1.0))) for _ in range(5)]
    height = threshold(walk, n=5 * n, rate=rate)
    fresh = peaks(cusum(np.where(generator.random(2_000_000) < 0.3, 1.0, -1.0)))
    # A height between two whole numbers; the rates there differ by 7 / 3.
    low, high = (fresh > math.ceil(height)).mean() * len(fresh), (fresh > math.floor(height) - 1).mean() * len(fresh)
    assert low <= rate * 2_000_000 * 1.2
    assert high >= rate * 2_000_000 / 1.2


def test_what_lies_further_beyond_what_was_seen_is_less_sure():
    heights = np.sort(np.random.default_rng(2).exponential(1.0, 1_000))
    seen = threshold([heights], n=1_000, rate=0.05, n_tail=10)
    far = threshold([heights], n=1_000, rate=1e-6, n_tail=10)
    sure = threshold([heights], n=1_000, rate=1e-6, n_tail=500)
    assert seen < far
    # True: ln(1e6) = 13.8 for exponential peaks of scale 1.
    assert sure == pytest.approx(13.8, abs=1.5)
    scale = (heights[-10:] - heights[-11]).mean()
    assert far > heights[-11] + scale * math.log(10 / (1e-6 * 1_000))


def test_without_excursions_it_is_the_bound_for_likelihood_ratios():
    assert threshold([np.empty(0)], n=100, rate=0.1) == pytest.approx(math.log(10))
    assert threshold([], n=100, rate=1e-6) == pytest.approx(13.8, abs=0.02)
