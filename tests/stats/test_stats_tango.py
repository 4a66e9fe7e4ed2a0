import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special, stats

from suffice.errors import DataError
from suffice.stats.paired import PairedCounts, paired_counts
from suffice.stats.tango import (
    difference_interval,
    difference_lower_bound,
    difference_upper_bound,
    non_inferiority,
    non_inferiority_power,
    rows_for_non_inferiority,
)

COUNTS = st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(1, 300)).map(
    lambda c: PairedCounts(n=sum(c), n_only_first=c[0], n_only_second=c[1])
)


@pytest.mark.parametrize(
    ("b", "c", "n", "alpha", "low", "high", "within"),
    [
        # 95% intervals: R package ratesci on the table of Fagerland, Lydersen and Laake (2014); R package
        # contingencytables, Tango_asymptotic_score_CI_paired_2x2(cavo_2012).
        (1, 7, 21, 0.025, -0.517, -0.026, 5e-4),
        (6, 16, 161, 0.025, -0.1240, -0.0054, 5e-5),
        # R package PropCIs: scoreci.mp(28, 25, 618, 0.90).
        (25, 28, 618, 0.05, -0.0247, 0.0148, 5e-5),
    ],
)
def test_bounds_agree_with_published_intervals(b, c, n, alpha, low, high, within):
    counts = PairedCounts(n=n, n_only_first=b, n_only_second=c)
    assert difference_lower_bound(counts, alpha=alpha) == pytest.approx(low, abs=within)
    assert difference_upper_bound(counts, alpha=alpha) == pytest.approx(high, abs=within)


@pytest.mark.parametrize(("b", "c", "n"), [(3, 9, 200), (0, 4, 60), (12, 0, 150), (20, 25, 100), (0, 0, 80)])
@pytest.mark.parametrize("margin", [0.01, 0.02, 0.1])
def test_p_value_agrees_with_maximising_the_constrained_likelihood(b, c, n, margin):
    # The definition: the trinomial likelihood with p_first_only = q - margin, maximised over q by a numeric search.
    def loss(q):
        return -special.xlogy(b, q - margin) - special.xlogy(c, q) - special.xlogy(n - b - c, 1 - 2 * q + margin)

    tight = {"xatol": 1e-12}
    q = optimize.minimize_scalar(loss, bounds=(margin, (1 + margin) / 2), method="bounded", options=tight).x
    z = (b - c + n * margin) / math.sqrt(n * (2 * q - margin * (1 + margin)))
    found = non_inferiority(PairedCounts(n=n, n_only_first=b, n_only_second=c), margin=margin, alpha=0.05)
    assert found.p_value == pytest.approx(stats.norm.sf(z), rel=1e-4, abs=1e-12)


def trinomial(n, b_chance, c_chance, most):
    """All counts b, c up to `most` with their probabilities."""
    b, c = (grid.ravel() for grid in np.meshgrid(np.arange(most), np.arange(most)))
    b, c = b[b + c <= n], c[b + c <= n]
    ways = special.gammaln(n + 1) - special.gammaln(b + 1) - special.gammaln(c + 1) - special.gammaln(n - b - c + 1)
    rest = special.xlogy(n - b - c, 1 - b_chance - c_chance)
    return b, c, np.exp(ways + special.xlogy(b, b_chance) + special.xlogy(c, c_chance) + rest)


def chance_of_success(n, *, discordance, difference, margin, most):
    b, c, chance = trinomial(n, (discordance + difference) / 2, (discordance - difference) / 2, most)
    assert chance.sum() == pytest.approx(1.0, abs=1e-6)
    likely = chance > 1e-9
    return sum(
        p * non_inferiority(PairedCounts(n=n, n_only_first=x, n_only_second=y), margin=margin, alpha=0.05).holds
        for x, y, p in zip(b[likely].tolist(), c[likely].tolist(), chance[likely].tolist(), strict=True)
    )


@pytest.mark.parametrize(("n", "discordance"), [(200, 0.05), (300, 0.03), (300, 0.08), (600, 0.08)])
def test_the_score_test_holds_its_level_at_the_margin(n, discordance):
    # Exact, over all outcomes: the first model is truly worse by just the margin of two points.
    assert chance_of_success(n, discordance=discordance, difference=-0.02, margin=0.02, most=90) <= 0.051


def test_power_is_near_the_exact_one():
    exact = chance_of_success(500, discordance=0.08, difference=0.0, margin=0.03, most=60)
    assert non_inferiority_power(500, discordance=0.08, margin=0.03, alpha=0.05) == pytest.approx(exact, abs=0.02)


def test_power_without_a_margin_by_hand():
    # The null allows the variance 0.3 (McNemar), the truth 0.3 - 0.2^2: (sqrt(30) 0.2 - 1.6449 sqrt(0.3)) / sqrt(0.26).
    found = non_inferiority_power(30, discordance=0.3, difference=0.2, margin=0.0, alpha=0.05)
    assert found == pytest.approx(stats.norm.cdf(0.38149), abs=1e-5)
    assert rows_for_non_inferiority(discordance=0.3, difference=0.2, margin=0.0, alpha=0.05, power=found - 1e-6) == 30


def test_a_margin_of_one_point_needs_about_4900_rows():
    # Simulated beforehand: about 4,900 rows for 80% power at 8% discordance. The plain normal formula, with the true
    # variance in both places, gives 6.183 * 0.08 / 0.01^2 = 4,946.
    rows = rows_for_non_inferiority(discordance=0.08, margin=0.01, alpha=0.05)
    assert rows == pytest.approx(4_946, rel=0.015)
    assert non_inferiority_power(rows, discordance=0.08, margin=0.01, alpha=0.05) >= 0.8
    assert non_inferiority_power(rows - 1, discordance=0.08, margin=0.01, alpha=0.05) < 0.8


def test_no_rows_show_as_good_what_is_worse_by_the_margin():
    assert rows_for_non_inferiority(discordance=0.08, margin=0.02, difference=-0.02, alpha=0.05) is None


def test_without_a_margin_it_is_mcnemars_score_test():
    # By hand: z = (b - c) / sqrt(b + c) = 8 / sqrt(16) = 2.
    found = non_inferiority(PairedCounts(n=400, n_only_first=12, n_only_second=4), margin=0.0, alpha=0.05)
    assert found.p_value == pytest.approx(stats.norm.sf(2.0))
    assert found.holds


def test_two_models_that_never_differ_are_not_better_than_each_other():
    same = PairedCounts(n=500, n_only_first=0, n_only_second=0)
    assert non_inferiority(same, margin=0.0, alpha=0.05).p_value == 0.5
    # By hand: z = sqrt(500 * 0.02 / 0.98) = 3.19.
    assert non_inferiority(same, margin=0.02, alpha=0.05).p_value == pytest.approx(stats.norm.sf(3.1944), rel=1e-3)


@given(COUNTS, st.floats(0.001, 0.5), st.floats(0.005, 0.4))
def test_the_test_and_its_bound_say_the_same(counts, margin, alpha):
    found = non_inferiority(counts, margin=margin, alpha=alpha)
    assert -1.0 <= found.lower <= counts.difference
    if abs(found.p_value - alpha) > 1e-6:
        assert found.holds == (found.lower >= -margin)


@given(COUNTS, st.floats(1.0, 5.0))
def test_rows_in_groups_never_say_more(counts, design_effect):
    plain = difference_lower_bound(counts, alpha=0.05)
    assert difference_lower_bound(counts, alpha=0.05, design_effect=design_effect) <= plain + 1e-9
    found = non_inferiority(counts, margin=0.02, alpha=0.05, design_effect=design_effect)
    assert found.n_effective == pytest.approx(counts.n / design_effect)
    assert found.lower == pytest.approx(difference_lower_bound(counts, alpha=0.05, design_effect=design_effect))


def test_a_model_that_is_wrong_wherever_the_other_is_right_has_the_lowest_bound():
    assert difference_lower_bound(PairedCounts(n=9, n_only_first=0, n_only_second=9), alpha=0.05) == -1.0
    assert difference_upper_bound(PairedCounts(n=9, n_only_first=9, n_only_second=0), alpha=0.05) == 1.0


def differing_models(n, seed):
    rng = np.random.default_rng(seed)
    second = rng.random(n) < 0.85
    return second ^ (rng.random(n) < 0.1), second


def test_the_interval_of_many_rows_is_near_the_normal_one():
    first, second = differing_models(2_000, seed=0)
    counts = paired_counts(first, second)
    # The textbook standard error of a paired difference; at 200 discordant rows the two agree.
    share = (counts.n_only_first + counts.n_only_second) / counts.n
    error = np.sqrt((share - counts.difference**2) / counts.n)
    found = difference_interval(first, second, groups=None)
    expected = (counts.difference - 1.96 * error, counts.difference + 1.96 * error)
    assert (found.low, found.high) == pytest.approx(expected, abs=0.12 * error)
    assert found.confidence == 0.95


def test_models_that_agree_on_every_row_have_an_interval_with_a_width():
    # By hand: the bounds solve d^2 n^2 = z^2 n d (1 - d), so that d = z^2 / (n + z^2), with z = 1.645 and n = 225.
    same = np.ones(225, dtype=bool)
    found = difference_interval(same, same, groups=None, confidence=0.9)
    assert (found.low, found.high) == pytest.approx((-0.01188, 0.01188), abs=5e-6)


def test_copies_in_one_group_widen_the_interval():
    first, second = (np.repeat(right, 4) for right in differing_models(300, seed=1))
    alone = difference_interval(first, second, groups=None)
    together = difference_interval(first, second, groups=np.repeat(np.arange(300), 4))
    # Four copies carry a quarter of the information: twice the width.
    assert (together.high - together.low) / (alone.high - alone.low) == pytest.approx(2.0, rel=0.12)


def test_an_interval_over_nothing_is_an_error():
    none = np.array([], dtype=np.bool_)
    with pytest.raises(DataError, match="got: 0 rows"):
        difference_interval(none, none, groups=None)
