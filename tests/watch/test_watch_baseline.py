"""Which requests are the baseline."""

from __future__ import annotations

import pytest

from suffice.watch.baseline import LEAST_REQUESTS, baseline_of


@pytest.mark.parametrize(("days", "n_folds"), [(3.5, 3), (6.9, 3), (7.5, 7), (30.0, 7)])
def test_it_is_three_days_and_seven_as_soon_as_there_are_more(traffic, days, n_folds):
    requests = traffic(days=days, per_day=1_000)
    found = baseline_of(requests)
    assert found.by_hour
    assert found.n_folds == n_folds
    assert found.n == pytest.approx(n_folds * 1_000, rel=0.1)


def test_before_that_it_is_the_first_two_thousand_in_parts(traffic):
    found = baseline_of(traffic(days=1.0, per_day=5_000))
    assert not found.by_hour
    assert (found.n, found.n_folds) == (LEAST_REQUESTS, 10)


def test_of_seldom_requests_it_is_as_many_days_as_two_thousand_take(traffic):
    found = baseline_of(traffic(days=60.0, per_day=100))
    assert found.by_hour
    assert found.n == LEAST_REQUESTS
    assert found.n_folds == pytest.approx(20, abs=2)


def test_fewer_are_no_baseline(traffic):
    assert baseline_of(traffic(days=30.0, per_day=60)) is None
