import numpy as np
import pytest

from suffice.errors import DataError
from suffice.stats.paired import paired_counts
from suffice.stats.rounds import rounds_that_paid
from suffice.stats.tango import difference_lower_bound, difference_upper_bound


def right(n_wrong, n=500):
    """Right but for the first rows."""
    return np.arange(n) >= n_wrong


def test_the_last_round_with_a_shown_gain_is_the_last_that_paid():
    # 100, 60, 30 wrong of 500, nested: each gain is without a row lost. Then nothing more.
    found = rounds_that_paid([right(100), right(60), right(30), right(30), right(29)], groups=None)
    assert (found.last_paid, found.n_since) == (2, 2)
    assert found.gain == pytest.approx(1 / 500)
    counts = paired_counts(right(29), right(30))
    assert found.gain_lower == difference_lower_bound(counts, alpha=0.05)
    # Tango's bound of one row won of 500 reaches further than that of none.
    assert found.gain_upper == difference_upper_bound(counts, alpha=0.05)


def test_small_gains_add_up_until_they_are_shown():
    # One row more in each round: one row won is not shown at 5%, three without a loss are (z of 3 in 500 is 1.73).
    found = rounds_that_paid([right(30 - k) for k in range(4)], groups=None)
    assert (found.last_paid, found.n_since, found.gain) == (3, 0, None)
    assert rounds_that_paid([right(30 - k) for k in range(3)], groups=None).last_paid == 0


def test_a_round_that_paid_last_leaves_none_since():
    found = rounds_that_paid([right(100), right(50)], groups=None)
    assert (found.last_paid, found.n_since, found.gain_upper) == (1, 0, None)


def test_equal_rounds_pay_as_seldom_as_alpha_says():
    rng = np.random.default_rng(0)
    paid = []
    for _ in range(500):
        hard = rng.random(400)
        paid.append(rounds_that_paid([hard + 0.1 * rng.random(400) > 0.2 for _ in range(2)], groups=None).last_paid)
    assert np.mean(paid) < 0.07


def test_groups_make_a_gain_harder_to_show():
    first, second = right(30), right(26)
    assert rounds_that_paid([first, second], groups=None).last_paid == 1
    assert rounds_that_paid([first, second], groups=np.arange(500) // 10).last_paid == 0


def test_no_round_is_an_error_not_a_zero():
    with pytest.raises(DataError, match=r"rounds: a figure needs at least one row\n  got: 0 rows\n  fix: "):
        rounds_that_paid([], groups=None)
    with pytest.raises(DataError, match="scored rows"):
        rounds_that_paid([right(0, n=0)], groups=None)
