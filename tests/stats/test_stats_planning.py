import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from suffice.stats.binomial import lower_bound
from suffice.stats.planning import (
    MAX_ROWS,
    accuracy_needed,
    errors_allowed,
    power,
    rows_at_least,
    rows_needed,
    rows_to_prove_anything,
)


@pytest.mark.parametrize(("n", "expected"), [(58, None), (59, 0), (300, 8), (600, 20), (1_000, 38)])
def test_errors_allowed_for_95_percent(n, expected):
    # 8, 20 and 38 were simulated beforehand; 0.95 ** 59 = 0.0485 and 0.95 ** 58 = 0.0510 by hand.
    assert errors_allowed(n, target=0.95, alpha=0.05) == expected


def test_the_first_opening_allows_as_many_errors_at_300_and_600_rows():
    assert [errors_allowed(n, target=0.95, alpha=0.04) for n in (300, 600)] == [8, 20]


@given(st.integers(1, 3_000), st.floats(0.3, 0.995), st.floats(0.002, 0.3))
def test_errors_allowed_are_the_most_whose_lower_bound_reaches_the_target(n, target, alpha):
    allowed = errors_allowed(n, target=target, alpha=alpha)
    if allowed is None:
        assert lower_bound(n, n, alpha=alpha) < target + 1e-9
    else:
        assert lower_bound(n - allowed, n, alpha=alpha) >= target - 1e-9
        assert allowed == n or lower_bound(n - allowed - 1, n, alpha=alpha) < target + 1e-9


@pytest.mark.parametrize(
    ("target", "alpha", "expected"), [(0.95, 0.05, 59), (0.85, 0.04, 20), (0.5, 0.25, 2), (0.2, 0.008, 3)]
)
def test_fewest_rows_that_prove_anything(target, alpha, expected):
    # By hand: ln 0.05 / ln 0.95 = 58.4; ln 0.04 / ln 0.85 = 19.8; 0.5 ** 2 = 0.25; 0.2 ** 3 = 0.008.
    assert rows_to_prove_anything(target=target, alpha=alpha) == expected
    assert errors_allowed(expected, target=target, alpha=alpha) == 0
    assert errors_allowed(expected - 1, target=target, alpha=alpha) is None


def test_power_is_the_binomial_chance_of_few_enough_errors():
    # 8 errors are allowed in 300 rows.
    assert power(300, 0.98, target=0.95, alpha=0.05) == pytest.approx(stats.binom.cdf(8, 300, 0.02), abs=1e-12)
    assert power(58, 1.0, target=0.95, alpha=0.05) == 0.0


@pytest.mark.parametrize(("true_accuracy", "expected"), [(0.96, 2_698), (0.97, 601), (0.98, 234), (1.0, 59)])
def test_rows_needed_is_the_first_tooth_that_reaches_80_percent(true_accuracy, expected):
    # Worked out with 60-digit decimals at 2,697 (level 0.050024: one error fewer is allowed) and 2,698 (0.049581).
    assert rows_needed(target=0.95, true_accuracy=true_accuracy, alpha=0.05) == expected
    assert power(expected, true_accuracy, target=0.95, alpha=0.05) >= 0.8
    assert power(expected - 1, true_accuracy, target=0.95, alpha=0.05) < 0.8


@settings(max_examples=40)
@given(
    target=st.floats(0.03, 0.98),
    share_of_rest=st.floats(0.1, 0.99),
    alpha=st.sampled_from([0.2, 0.05, 0.04, 0.005]),
    wanted=st.floats(0.3, 0.97),
)
def test_rows_needed_agrees_with_trying_every_number_of_rows(target, share_of_rest, alpha, wanted):
    true_accuracy = target + share_of_rest * (1 - target)
    n = np.arange(1, 3_001)
    most = stats.binom.ppf(alpha, n, 1 - target)
    # A chance of exactly alpha is allowed, whatever the last digit of a float says.
    most = np.where(stats.binom.cdf(most, n, 1 - target) <= alpha * (1 + 1e-9), most, most - 1)
    enough = stats.binom.cdf(most, n, 1 - true_accuracy) >= wanted
    found = rows_needed(target=target, true_accuracy=true_accuracy, alpha=alpha, power=wanted)
    if enough.any():
        assert found == n[enough.argmax()]
    else:
        assert found is None or found > 3_000


def test_no_number_of_rows_proves_what_is_not_so():
    assert rows_needed(target=0.95, true_accuracy=0.95, alpha=0.05) is None
    assert rows_needed(target=0.95, true_accuracy=0.9, alpha=0.05) is None


def test_an_accuracy_next_to_the_target_needs_too_many_rows_to_name():
    # The normal formula, (1.645 + 0.842)^2 * 0.95 * 0.05 / d^2, gives 816,000 at d = 0.0006 and 2,900,000 at 0.0003.
    assert rows_needed(target=0.95, true_accuracy=0.9506, alpha=0.05) == pytest.approx(816_000, rel=0.01)
    assert rows_needed(target=0.95, true_accuracy=0.9503, alpha=0.05) is None
    assert MAX_ROWS == 1_000_000


@given(st.integers(100, 5_000), st.floats(0.5, 0.97))
def test_the_accuracy_that_is_needed_is_proven_just_so_often(n, target):
    needed = accuracy_needed(n, target=target, alpha=0.05)
    assert power(n, needed, target=target, alpha=0.05) == pytest.approx(0.8, abs=1e-6)


def test_with_too_few_rows_no_accuracy_is_enough():
    assert accuracy_needed(30, target=0.95, alpha=0.05) is None


@pytest.mark.parametrize(("right", "n", "more"), [(18, 19, 47_108), (17, 18, 10_811)])
def test_rows_that_a_handful_asks_for_are_a_guess_and_the_least_is_told(right, n, more):
    highest = float(stats.beta.isf(0.04, right + 1, n - right))  # Clopper and Pearson's upper bound.
    found = rows_at_least(more, n=n, target=0.95, highest=highest, alpha=0.04)
    # 62 or 63 rows, all right, prove 0.95 by hand: ln 0.04 / ln 0.95 = 62.8, which 0.9977 ** 63 = 0.86 does.
    assert found == 63 - n
    assert rows_at_least(10 * n, n=n, target=0.95, highest=highest, alpha=0.04) is None


def test_rows_to_name_are_never_more_than_the_estimate_asks_for():
    assert rows_at_least(2_000, n=100, target=0.95, highest=0.951, alpha=0.04) == 2_000
