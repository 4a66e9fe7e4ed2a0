import itertools

import numpy as np
import pytest

from suffice.errors import DataError
from suffice.stats.wordings import best_and_worst, cochran_q, spread_between, spread_of


def test_q_of_three_wordings_by_hand():
    right = np.array([[1, 1, 1, 1, 0, 1], [1, 0, 1, 0, 0, 1], [0, 0, 1, 0, 0, 1]], dtype=bool)
    # Right per wording 5, 3, 2; per row 2, 1, 3, 1, 0, 3. Q = 2 (3 (25 + 9 + 4) - 100) / (30 - (4 + 1 + 9 + 1 + 9)).
    found = cochran_q(right)
    assert found.statistic == pytest.approx(2 * 14 / 6)
    # The upper tail of chi-squared with two degrees of freedom is exp(-Q / 2).
    assert found.p_value == pytest.approx(np.exp(-14 / 6))
    assert (found.df, found.n_informative) == (2, 3)


def test_q_of_two_wordings_is_mcnemars_statistic():
    rng = np.random.default_rng(0)
    right = rng.random((2, 300)) < np.array([[0.8], [0.7]])
    b, c = (right[0] & ~right[1]).sum(), (right[1] & ~right[0]).sum()
    # (b - c)^2 / (b + c): Cochran (1950), section 3.
    assert cochran_q(right).statistic == pytest.approx((b - c) ** 2 / (b + c))


def test_wordings_that_answer_alike_have_a_p_value_of_one():
    right = np.tile(np.arange(20) % 2 == 0, (4, 1))
    assert (cochran_q(right).statistic, cochran_q(right).p_value) == (0.0, 1.0)
    assert spread_between(right, groups=None) == 0.0
    assert spread_of(right, groups=None, seed=0).p_value == 1.0


def alike(rng, *, n_wordings=5, n=200, disagreement=0.12):
    """Wordings of one accuracy, any two of which differ on a share of the rows: each turns answers with chance f."""
    turned = (1 - np.sqrt(1 - 2 * disagreement)) / 2
    return (rng.random(n) < 0.85) ^ (rng.random((n_wordings, n)) < turned)


def test_five_equal_wordings_on_200_rows_lie_four_points_apart():
    rng = np.random.default_rng(0)
    spreads = [np.ptp(alike(rng).mean(axis=1)) for _ in range(4_000)]
    # The range of five normal values is 2.326 deviations, here of sqrt(0.12 / 2 / 200): 4.03 points. STATISTICS of the
    # project, section 8, has 4.1 by a simulation of its own.
    assert np.mean(spreads) == pytest.approx(0.0403, abs=0.0008)
    nulls = [spread_of(alike(rng), groups=None, seed=seed, n_draws=200).null_mean for seed in range(50)]
    assert np.mean(nulls) == pytest.approx(0.0403, abs=0.001)


def test_the_null_value_is_exceeded_as_seldom_as_it_says():
    rng = np.random.default_rng(1)
    found = [spread_of(alike(rng), groups=None, seed=seed, n_draws=300) for seed in range(400)]
    # Nominal 5%; the standard error of 400 is 1.1 points, and ties make it less.
    assert np.mean([one.p_value <= 0.05 for one in found]) < 0.075
    assert np.mean([one.value > one.null_95 for one in found]) < 0.075


def test_the_p_value_is_that_of_all_permutations():
    right = np.array([[1, 1, 1, 0], [0, 0, 1, 1], [0, 1, 1, 0]], dtype=bool)
    # Two answers of one wording are told from the others in each informative row: all 6^3 orders, by hand of a loop.
    rows = right[:, [0, 1, 3]].astype(int)
    spreads = [
        np.ptp(sum(rows[list(order), k] for k, order in enumerate(orders)))
        for orders in itertools.product(itertools.permutations(range(3)), repeat=3)
    ]
    seen = np.ptp(right.sum(axis=1))
    found = spread_of(right, groups=None, seed=0, n_draws=20_000)
    assert found.value == pytest.approx(seen / 4)
    assert found.p_value == pytest.approx(np.mean(np.array(spreads) >= seen), abs=0.01)
    assert found.null_mean == pytest.approx(np.mean(spreads) / 4, abs=0.01)


def test_a_wording_that_is_worse_is_shown():
    rng = np.random.default_rng(2)
    right = alike(rng, n=1_000)
    right[3] &= rng.random(1_000) < 0.85
    found = spread_of(right, groups=None, seed=0)
    assert found.p_value < 0.01
    assert found.value > found.null_95
    assert cochran_q(right).p_value < 1e-6
    assert best_and_worst(["a", "b", "c", "d", "e"], right)[1] == "d"


def test_noise_is_taken_out_of_the_deviation_between_wordings():
    rng = np.random.default_rng(3)
    # True accuracies with a deviation of 3 points: -3, 0 and 3 (the variance of three values is divided by two).
    chances = np.array([[0.77], [0.80], [0.83]])
    variances = [spread_between(rng.random((3, 400)) < chances, groups=None) ** 2 for _ in range(800)]
    plain = [(rng.random((3, 400)) < chances).mean(axis=1).var(ddof=1) for _ in range(800)]
    # What is below 0 counts as 0, which leaves the mean a little above.
    assert np.mean(variances) == pytest.approx(0.03**2, rel=0.08)
    assert np.mean(plain) == pytest.approx(0.03**2 + 0.8 * 0.2 / 400, rel=0.08)
    assert np.median([spread_between(alike(rng), groups=None) for _ in range(200)]) < 0.01


def test_copies_in_one_group_are_permuted_together():
    rng = np.random.default_rng(4)
    right = np.repeat(alike(rng, n=100), 4, axis=1)
    alone = spread_of(right, groups=None, seed=0)
    together = spread_of(right, groups=np.repeat(np.arange(100), 4), seed=0)
    # A quarter of the information: twice the spread by chance.
    assert together.null_mean / alone.null_mean == pytest.approx(2.0, rel=0.15)
    assert spread_between(right, groups=np.repeat(np.arange(100), 4)) <= spread_between(right, groups=None)


def test_nothing_scored_is_an_error_not_a_zero():
    none = np.zeros((3, 0), dtype=bool)
    for of in (cochran_q, lambda right: spread_between(right, groups=None)):
        with pytest.raises(DataError, match=r"got: 0 rows(.|\n)*fix: check that the split has rows"):
            of(none)
    with pytest.raises(DataError, match="got: 0 rows"):
        spread_of(none, groups=None, seed=0)
