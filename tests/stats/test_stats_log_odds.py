import numpy as np
import pytest

from suffice.stats.log_odds import log_odds_z


def test_the_difference_is_told_in_standard_errors():
    # By hand: a prior of 16 * (11, 11, 10) / 32 = (5.5, 5.5, 5) makes counts of 15.5 of 32 and 6.5 of 32; log odds
    # ln(15.5 / 16.5) - ln(6.5 / 25.5) = 1.30436, over sqrt(1 / 15.5 + 1 / 6.5) = 0.46729.
    z = log_odds_z(np.array([10.0, 1.0, 5.0]), np.array([1.0, 10.0, 5.0]))
    assert z == pytest.approx([2.7913, -2.7913, 0.0], abs=1e-4)


def test_a_rare_word_never_leads_a_frequent_one_of_the_same_odds():
    rare, frequent, rest = log_odds_z(np.array([2.0, 40.0, 400.0]), np.array([1.0, 20.0, 400.0]))
    assert frequent > rare > 0.0 > rest


def test_a_heavier_prior_draws_words_to_no_difference():
    one, other = np.array([10.0, 1.0]), np.array([1.0, 10.0])
    light, heavy = (log_odds_z(one, other, prior_weight=weight)[0] for weight in (1.0, 100.0))
    assert light > heavy > 0.0


@pytest.mark.parametrize("counts", [([0.0, 0.0], [0.0, 0.0]), ([3.0], [2.0]), ([3.0, 0.0], [2.0, 0.0])])
def test_where_there_is_nothing_to_hold_a_word_against_no_word_is_told(counts):
    assert not log_odds_z(np.array(counts[0]), np.array(counts[1])).any()
