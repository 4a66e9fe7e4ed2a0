import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.errors import DataError
from suffice.stats.binomial import lower_bound, upper_bound
from suffice.stats.planning import power
from suffice.stats.proof import effective_rows, proof_from_draws, proof_of_fraction


@pytest.mark.parametrize(
    ("n_correct", "outcome"),
    [(300, "proven"), (292, "proven"), (291, "undecided"), (279, "undecided"), (278, "refuted")],
)
def test_outcome_at_300_rows_and_a_target_of_95_percent(n_correct, outcome):
    # 8 errors are allowed. By scipy, at a true 0.95, P(21 errors or more) = 0.078 and P(22 or more) = 0.049.
    found = proof_of_fraction(n_correct, 300, target=0.95, alpha=0.05)
    assert found.outcome == outcome
    assert found.lower == lower_bound(n_correct, 300, alpha=0.05)
    assert found.upper == upper_bound(n_correct, 300, alpha=0.05)
    assert (found.method, found.n, found.n_effective, found.estimate) == ("exact", 300, 300.0, n_correct / 300)


def test_once_decided_no_more_rows_are_asked_for():
    for n_correct in (300, 200):
        found = proof_of_fraction(n_correct, 300, target=0.95, alpha=0.05)
        assert (found.more_rows, found.why_no_number) == (0, None)


@given(st.integers(2, 400), st.floats(1.0, 5.0))
def test_once_decided_no_more_rows_are_asked_for_in_groups_either(n, effect):
    found = proof_of_fraction(n, n, target=0.01, alpha=0.5, design_effect=effect)
    assert (found.outcome, found.more_rows) == ("proven", 0)


def test_more_rows_make_a_test_with_80_percent_power():
    # At a true 0.97, 601 rows reach 80%; 97 of 100 right leaves 501.
    found = proof_of_fraction(97, 100, target=0.95, alpha=0.05)
    assert (found.outcome, found.more_rows) == ("undecided", 501)


def test_more_rows_below_the_target_would_refute_it():
    # By symmetry: to refute 0.95 at a true 0.92 is to prove an error rate above 0.05 at a true 0.08.
    found = proof_of_fraction(92, 100, target=0.95, alpha=0.05)
    assert found.outcome == "undecided"
    total = 100 + found.more_rows
    assert power(total, 0.08, target=0.05, alpha=0.05) >= 0.8
    assert power(total - 1, 0.08, target=0.05, alpha=0.05) < 0.8


def test_an_estimate_on_the_target_gets_a_reason_instead_of_a_number():
    found = proof_of_fraction(285, 300, target=0.95, alpha=0.05)
    assert found.more_rows is None
    assert found.why_no_number == "0.9500 is so near the target 0.95 that over 1,000,000 rows were needed"


def test_rows_in_groups_count_as_fewer():
    # By hand: 300 rows with 6 errors tell as much as 150 rows with 3 where the design effect is 2.
    alone = proof_of_fraction(294, 300, target=0.96, alpha=0.05)
    grouped = proof_of_fraction(294, 300, target=0.96, alpha=0.05, design_effect=2.0)
    assert grouped.n_effective == 150.0
    assert grouped.lower == pytest.approx(lower_bound(147, 150, alpha=0.05))
    assert grouped.lower < alone.lower < alone.upper < grouped.upper
    assert effective_rows(300, None) == 300.0


def test_further_rows_come_in_groups_as_well():
    # 601 independent rows at a true 0.97 (above) are 1,202 rows that count half, of which 200 are at hand.
    assert proof_of_fraction(194, 200, target=0.95, alpha=0.05, design_effect=2.0).more_rows == 1_002


@given(st.integers(1, 400), st.floats(0, 1), st.floats(0.05, 0.99), st.floats(1, 6))
def test_a_proof_never_contradicts_its_numbers(n, share, target, design_effect):
    found = proof_of_fraction(round(share * n), n, target=target, alpha=0.05, design_effect=design_effect)
    assert found.lower <= found.estimate + 1e-9
    assert found.upper >= found.estimate - 1e-9
    assert (found.outcome == "proven") == (found.lower >= target)
    assert (found.outcome == "refuted") == (found.upper < target)
    assert (found.more_rows is None) == (found.why_no_number is not None)
    if found.outcome == "undecided" and found.more_rows is not None:
        assert found.more_rows > 0


NORMAL = np.random.default_rng(0).normal(size=20_000)


@pytest.mark.parametrize(("estimate", "outcome"), [(0.94, "proven"), (0.905, "undecided"), (0.86, "refuted")])
def test_draws_decide_by_their_quantiles(estimate, outcome):
    draws = estimate + 0.01 * NORMAL
    found = proof_from_draws(draws, estimate=estimate, n=800, target=0.9, alpha=0.05)
    assert (found.outcome, found.method) == (outcome, "bootstrap")
    # The 5% quantile of a normal distribution with standard deviation 0.01.
    assert found.lower == pytest.approx(estimate - 0.01645, abs=5e-4)
    assert found.upper == pytest.approx(estimate + 0.01645, abs=5e-4)


@pytest.mark.parametrize("centre", [0.88, 0.92])
def test_bounds_take_the_cautious_side_of_draws_that_are_off_centre(centre):
    # Draws 0.02 below the estimate: percentiles 0.8636 to 0.8964, turned round 0.9036 to 0.9364; above it, the reverse.
    found = proof_from_draws(centre + 0.01 * NORMAL, estimate=0.9, n=800, target=0.95, alpha=0.05)
    assert (found.lower, found.upper) == pytest.approx((0.8636, 0.9364), abs=5e-4)


def test_rows_that_are_all_right_do_not_prove_by_showing_no_spread():
    # By hand: 0.05 ** (1 / 20) = 0.861; 59 rows without an error are needed for 0.95.
    found = proof_from_draws(np.ones(2_000), estimate=1.0, n=20, target=0.95, alpha=0.05)
    assert (found.outcome, found.more_rows) == ("undecided", 39)
    assert found.lower == pytest.approx(0.05 ** (1 / 20))
    grouped = proof_from_draws(np.ones(2_000), estimate=1.0, n=20, target=0.95, alpha=0.05, design_effect=2.0)
    assert grouped.lower == pytest.approx(0.05 ** (1 / 10))


def test_more_rows_from_draws_follow_the_normal_formula():
    # By hand: (1.645 + 0.842)^2 * 0.01^2 * 800 / 0.01^2 = 4,946.
    found = proof_from_draws(0.91 + 0.01 * NORMAL, estimate=0.91, n=800, target=0.9, alpha=0.05)
    assert found.more_rows == pytest.approx(4_946 - 800, rel=0.03)
    # The spread of draws by group has the groups in it: the further rows, in groups like these, are as many.
    draws = 0.91 + 0.01 * NORMAL
    grouped = proof_from_draws(draws, estimate=0.91, n=800, target=0.9, alpha=0.05, design_effect=2.0)
    assert grouped.more_rows == pytest.approx(found.more_rows, abs=1)


def test_draws_on_the_target_get_a_reason_instead_of_a_number():
    found = proof_from_draws(0.9 + 0.01 * NORMAL, estimate=0.9, n=800, target=0.9, alpha=0.05)
    assert (found.outcome, found.more_rows) == ("undecided", None)
    assert "so near the target 0.9 " in found.why_no_number


def test_nothing_scored_is_an_error_not_a_zero():
    with pytest.raises(DataError, match=r"got: 0 rows(.|\n)*give more labelled data"):
        proof_of_fraction(0, 0, target=0.9, alpha=0.05)
    with pytest.raises(DataError, match=r"bootstrap draws: (.|\n)*got: 0 rows"):
        proof_from_draws(np.array([]), estimate=0.9, n=10, target=0.9, alpha=0.05)
