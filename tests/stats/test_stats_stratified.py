from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import betabinom

from suffice.errors import DataError
from suffice.stats.stratified import PRIOR, Sampled, estimate_count


def sampled(n_rows, n_seen, n_found):
    return Sampled(n_rows=n_rows, n_seen=n_seen, n_found=n_found)


def test_what_was_looked_at_whole_is_counted_without_doubt():
    found = estimate_count([sampled(10, 10, 3), sampled(5, 5, 0)], seed=0)
    assert (found.estimate, found.low, found.high) == (3, 3, 3)
    assert (found.n_rows, found.n_seen, found.n_found) == (15, 15, 3)


# One stratum: what was found, and a beta-binomial of the rows not seen, by scipy.
def test_one_stratum_has_the_quantiles_of_the_beta_binomial():
    found = estimate_count([sampled(1_000, 100, 7)], seed=1, n_draws=200_000)
    law = betabinom(900, 7 + PRIOR, 93 + PRIOR)
    for value, share in ((found.low, 0.05), (found.estimate, 0.5), (found.high, 0.95)):
        assert value == pytest.approx(7 + law.ppf(share), abs=1.5)


# Neutral: the median of the posterior is the fraction seen, here 7%, and for no case at all it is near none.
def test_the_estimate_is_neither_drawn_up_nor_down_by_the_prior():
    assert estimate_count([sampled(1_000, 100, 7)], seed=0).estimate == pytest.approx(70, abs=2)
    assert estimate_count([sampled(1_000, 100, 0)], seed=0).estimate <= 3


def test_a_stratum_without_a_case_may_have_none_more_and_one_of_cases_alone_nothing_else():
    found = estimate_count([sampled(1_000, 100, 0), sampled(50, 50, 4)], seed=0)
    assert (found.low, found.estimate > 4, found.high > found.estimate) == (4, True, True)
    assert estimate_count([sampled(60, 40, 40)], seed=0).high == 60
    # The other ends are those of the beta-binomial, by scipy.
    law = betabinom(900, PRIOR, 100 + PRIOR)
    assert found.high == pytest.approx(4 + law.ppf(0.95), abs=1.5)


def test_strata_add_up():
    whole = estimate_count([sampled(50, 50, 40), sampled(1_000, 100, 7)], seed=0)
    assert whole.estimate == pytest.approx(40 + 70, abs=3)


def test_the_same_seed_gives_the_same_interval():
    strata = [sampled(1_000, 100, 7), sampled(200, 40, 9)]
    assert estimate_count(strata, seed=3) == estimate_count(strata, seed=3)


# 300 populations of two strata, the rates drawn; a nominal 90% within the noise of the simulation (sd 1.7 points).
def test_the_interval_covers_as_often_as_it_says():
    generator, covered = np.random.default_rng(0), []
    for seed in range(300):
        strata, truth = [], 0
        for n_rows, n_seen in ((400, 60), (7_000, 130)):
            n_true = generator.binomial(n_rows, generator.uniform(0.005, 0.3))
            n_found = generator.hypergeometric(n_true, n_rows - n_true, n_seen)
            strata.append(sampled(n_rows, n_seen, int(n_found)))
            truth += n_true
        found = estimate_count(strata, seed=seed, n_draws=2_000)
        covered.append(found.low <= truth <= found.high)
    assert np.mean(covered) > 0.86


def test_a_stratum_that_nobody_looked_at_is_an_error_and_not_a_guess():
    with pytest.raises(DataError, match=r"reviewed rows: a figure needs at least one row\n  got: 0 rows"):
        estimate_count([sampled(10, 10, 1), sampled(100, 0, 0)], seed=0)


def test_an_empty_stratum_adds_nothing():
    assert estimate_count([sampled(0, 0, 0), sampled(10, 10, 1)], seed=0).estimate == 1
