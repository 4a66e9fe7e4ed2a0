import numpy as np
import pytest
from scipy.stats import binom, binomtest

from suffice.errors import DataError
from suffice.stats.apart import difference_of_apart


def test_the_interval_squares_up_the_two_exact_ones():
    found = difference_of_apart((56, 70), (48, 80), confidence=0.95)
    # scipy's Clopper-Pearson intervals of either, put together by hand as in Newcombe's method 10.
    one, other = (binomtest(k, n).proportion_ci(0.95, method="exact") for k, n in ((56, 70), (48, 80)))
    assert found.low == pytest.approx(0.2 - np.hypot(0.8 - one.low, other.high - 0.6))
    assert found.high == pytest.approx(0.2 + np.hypot(one.high - 0.8, 0.6 - other.low))
    # Newcombe (1998), table II, example (a): 0.0524 to 0.3339 with Wilson's intervals, which are a little narrower.
    assert found.low < 0.0524
    assert found.high > 0.3339


def test_seen_from_the_other_side_only_signs_change():
    one, other = (
        difference_of_apart((9, 10), (3, 7), confidence=0.9),
        difference_of_apart((3, 7), (9, 10), confidence=0.9),
    )
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


@pytest.mark.parametrize(("n", "p", "m", "q"), [(20, 0.9, 300, 0.95), (60, 0.8, 200, 0.8), (12, 0.99, 900, 0.9)])
def test_it_covers_what_it_says_it_does(n, p, m, q):
    # Exact coverage: every outcome of the two binomials, weighed by its probability.
    covered = 0.0
    likely = [k for k in range(m + 1) if binom.pmf(k, m, q) > 1e-6]
    for k in range(n + 1):
        for j in likely:
            found = difference_of_apart((k, n), (j, m), confidence=0.95)
            if found.low <= p - q <= found.high:
                covered += binom.pmf(k, n, p) * binom.pmf(j, m, q)
    assert covered >= 0.95


def test_nothing_scored_is_an_error_not_a_zero():
    with pytest.raises(DataError, match="got: 0 rows"):
        difference_of_apart((0, 0), (1, 2), confidence=0.95)
