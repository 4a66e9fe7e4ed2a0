import math

import numpy as np
import pytest

from suffice.errors import DataError
from suffice.stats.likelihood_ratio import likelihood_ratio


def test_ratio_and_interval_by_hand():
    # 8 of 10 against 5 of 20: 3.2. Variance of the log 1/8 - 1/10 + 1/5 - 1/20 = 0.175.
    found = likelihood_ratio(8, 10, 5, 20)
    assert found.value == pytest.approx(3.2)
    reach = math.exp(1.959964 * math.sqrt(0.175))
    assert (found.interval.low, found.interval.high) == pytest.approx((3.2 / reach, 3.2 * reach), rel=1e-6)
    assert not found.smoothed


def test_a_finding_never_seen_without_the_cause_gets_half_a_case():
    found = likelihood_ratio(6, 10, 0, 20)
    # (6.5 / 11) / (0.5 / 21).
    assert found.value == pytest.approx(6.5 / 11 * 21 / 0.5)
    assert found.smoothed
    assert (found.found_when_not, found.n_not) == (0, 20)
    assert found.interval.low > 1.0


def test_a_finding_seen_in_no_case_or_in_every_case_tells_nothing():
    for seen in (likelihood_ratio(0, 10, 0, 10), likelihood_ratio(10, 10, 10, 10)):
        assert seen.value == pytest.approx(1.0)
        assert seen.smoothed
        assert seen.interval.low < 1.0 < seen.interval.high


def test_seen_in_every_case_with_the_cause_and_some_without_needs_no_half():
    # 10 of 10 against 5 of 10: 2, variance 0 + 1/5 - 1/10.
    found = likelihood_ratio(10, 10, 5, 10)
    assert (found.value, found.smoothed) == (pytest.approx(2.0), False)
    assert found.interval.high == pytest.approx(2.0 * math.exp(1.959964 * math.sqrt(0.1)), rel=1e-6)


def test_the_interval_covers_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(1_000):
        found = likelihood_ratio(int(rng.binomial(30, 0.6)), 30, int(rng.binomial(60, 0.2)), 60)
        covered.append(found.interval.low <= 3.0 <= found.interval.high)
    assert 0.93 < np.mean(covered) < 0.975


def test_no_case_on_one_side_is_an_error_that_says_which():
    with pytest.raises(DataError, match=r"cases with the cause: a figure needs at least one row\n  got: 0 rows"):
        likelihood_ratio(0, 0, 1, 2)
    with pytest.raises(DataError, match=r"cases without the cause(.|\n)*fix: "):
        likelihood_ratio(1, 2, 0, 0)
