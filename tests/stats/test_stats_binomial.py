import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from suffice.errors import DataError
from suffice.stats.binomial import interval, lower_bound, upper_bound


@pytest.mark.parametrize(("n_correct", "n"), [(292, 300), (0, 7), (7, 7), (1, 40), (77, 80)])
def test_bounds_are_those_of_scipy(n_correct, n):
    # scipy.stats.binomtest, method "exact", with the alternative that leaves the other side open.
    below = stats.binomtest(n_correct, n, alternative="greater").proportion_ci(0.95, method="exact").low
    above = stats.binomtest(n_correct, n, alternative="less").proportion_ci(0.95, method="exact").high
    assert lower_bound(n_correct, n, alpha=0.05) == pytest.approx(below, abs=1e-9)
    assert upper_bound(n_correct, n, alpha=0.05) == pytest.approx(above, abs=1e-9)


def test_two_sided_interval_is_that_of_scipy():
    expected = stats.binomtest(270, 300).proportion_ci(0.9, method="exact")
    found = interval(270, 300, confidence=0.9)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert found.confidence == 0.9


def test_all_right_gives_the_textbook_lower_bound():
    # By hand: with no error in n rows the bound p solves p ** n = alpha.
    assert lower_bound(50, 50, alpha=0.05) == pytest.approx(0.05 ** (1 / 50), abs=1e-12)


@pytest.mark.parametrize("alpha", [0.05, 0.04, 0.005])
@pytest.mark.parametrize("n", [5, 60, 300])
def test_bounds_hold_their_level_at_every_true_accuracy(n, alpha):
    # Exact, by summing the binomial over all outcomes whose bound would be wrong.
    counts = np.arange(n + 1)
    lower = np.array([lower_bound(k, n, alpha=alpha) for k in counts])
    upper = np.array([upper_bound(k, n, alpha=alpha) for k in counts])
    for true in np.linspace(0.02, 0.98, 49):
        chance = stats.binom.pmf(counts, n, true)
        assert chance[lower > true].sum() <= alpha + 1e-12
        assert chance[upper < true].sum() <= alpha + 1e-12


@given(st.integers(1, 2_000), st.floats(0, 1), st.floats(1.0, 8.0), st.floats(0.001, 0.5))
def test_bounds_enclose_the_estimate_and_widen_with_fewer_rows(n, share, design_effect, alpha):
    n_correct = round(share * n)
    few, right = n / design_effect, n_correct / n * (n / design_effect)
    lower, upper = lower_bound(right, few, alpha=alpha), upper_bound(right, few, alpha=alpha)
    assert 0.0 <= lower <= n_correct / n + 1e-9
    assert n_correct / n - 1e-9 <= upper <= 1.0
    assert lower <= lower_bound(n_correct, n, alpha=alpha) + 1e-9


def test_nothing_scored_is_an_error_not_a_zero():
    with pytest.raises(DataError, match=r"scored rows(.|\n)*got: 0 rows(.|\n)*give more labelled data"):
        lower_bound(0, 0, alpha=0.05)
