"""Thresholds that months without a change seldom cross."""

from __future__ import annotations

import numpy as np
import pytest

from suffice.stats.cusum import cusum, peaks
from suffice.watch.baseline import baseline_of
from suffice.watch.streams import streams_of
from suffice.watch.thresholds import paths, thresholds


@pytest.mark.parametrize("days", [1.0, 8.0])
@pytest.mark.parametrize("again", [True, False])
def test_paths_are_as_long_as_asked_and_stay_in_the_baseline(traffic, days, again):
    baseline = baseline_of(traffic(days=days, per_day=3_000))
    drawn = list(paths(baseline, total=310_000, again=again, seed=0))
    assert sum(map(len, drawn)) == 310_000
    assert min(path.min() for path in drawn) >= 0
    assert max(path.max() for path in drawn) < baseline.n
    # Everything has a chance to come.
    assert len(np.unique(np.concatenate(drawn))) > 0.95 * baseline.n


def test_a_drawn_day_keeps_its_hours(traffic):
    requests = traffic(days=8.0, per_day=4_000)
    path = next(paths(baseline_of(requests), total=50_000, again=True, seed=1))
    hours = requests.hours[path]
    steps = np.diff(hours)
    assert ((np.abs(steps) <= 3) | (np.abs(steps) >= 21)).all()


def test_where_no_block_comes_again_a_day_has_each_request_once(traffic):
    baseline = baseline_of(traffic(days=8.0, per_day=4_000))
    path = next(paths(baseline, total=3_000, again=False, seed=1))
    assert len(np.unique(path)) == len(path)


def test_false_alarms_keep_to_the_budget(traffic):
    """Budget: one in 30 days of 1,000 requests, so 10 in 300 days; half of it is held back."""
    requests = traffic(days=307.0, per_day=1_000, seed=3)
    baseline = baseline_of(requests)
    streams = streams_of(requests, baseline, tolerance=0.0)
    heights = thresholds(streams, baseline, per_day=1_000.0, seed=0)
    live = np.arange(baseline.n, len(requests.at))
    alarms = sum((peaks(cusum(one.increments(live))) > h).sum() for one, h in zip(streams, heights, strict=True))
    assert alarms <= 10
    # And the thresholds are none that nothing ever reaches.
    loose = thresholds(streams, baseline, per_day=1_000.0, alarm_days=0.5, seed=0)
    assert all(low < high for low, high in zip(loose, heights, strict=True))
    assert sum((peaks(cusum(one.increments(live))) > h).sum() for one, h in zip(streams, loose, strict=True)) > 20


def test_the_same_seed_gives_the_same_thresholds(traffic):
    requests = traffic(days=8.0, per_day=500)
    baseline = baseline_of(requests)
    streams = streams_of(requests, baseline, tolerance=0.01)
    assert thresholds(streams, baseline, per_day=500.0, seed=4) == thresholds(streams, baseline, per_day=500.0, seed=4)
