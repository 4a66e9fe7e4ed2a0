import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.errors import DataError
from suffice.stats.groups import design_effect, least_design_effect
from suffice.stats.proof import proof_of_fraction


def test_independent_rows_have_no_design_effect():
    assert design_effect([1, 0, 1], None) is None
    assert design_effect([1, 0, 1], np.array([5, 2, 9])) is None


def test_every_row_twice_halves_what_is_known():
    # By hand: (2 n - 1) / (n - 1) for n pairs of copies, 199 / 99 here; not 2 because the pairs' mean is estimated.
    once = np.random.default_rng(0).random(100) < 0.8
    assert design_effect(np.repeat(once, 2), np.repeat(np.arange(100), 2)) == pytest.approx(199 / 99)


def test_unequal_groups_follow_the_linearised_ratio():
    # By hand: mean 3/6; residual sums of the groups 1.5 (1, 1, 1), -1 (0, 0), -0.5 (0), squares 3.5;
    # together 3/2 * 3.5 / 36; alone (1.5 / 5) / 6 = 0.05.
    found = design_effect([1, 1, 1, 0, 0, 0], np.array([0, 0, 0, 1, 1, 2]))
    assert found == pytest.approx(1.5 * 3.5 / 36 / 0.05)


def test_groups_that_spread_evenly_never_count_as_more_than_rows_that_are_a_little_alike():
    # By hand: pairs, 1 + 0.05 (2 - 1).
    assert design_effect([1, 0, 1, 0, 1, 0], np.array([0, 0, 1, 1, 2, 2])) == pytest.approx(1.05)


def test_rows_that_are_all_right_say_nothing_of_their_groups_and_the_least_is_taken():
    # By hand: a row meets a group of (3^2 + 2^2 + 1^2) / 6 rows on average.
    groups = np.array([0, 0, 0, 1, 1, 2])
    assert design_effect([1] * 6, groups) == pytest.approx(1 + 0.05 * (14 / 6 - 1)) == least_design_effect(groups)
    assert least_design_effect(np.arange(4)) is None


@given(st.lists(st.integers(0, 20), min_size=30, max_size=120), st.integers(0, 29))
def test_an_error_never_leaves_a_better_bound_than_none(groups, wrong):
    codes = np.array(groups)
    right = np.ones(len(codes), dtype=bool)
    none = proof_of_fraction(len(codes), len(codes), target=0.9, alpha=0.04, design_effect=design_effect(right, codes))
    right[wrong] = False
    one = proof_of_fraction(
        len(codes) - 1, len(codes), target=0.9, alpha=0.04, design_effect=design_effect(right, codes)
    )
    assert one.lower <= none.lower


def test_one_group_counts_as_one_row():
    assert design_effect([1, 0, 1, 1], np.array([3, 3, 3, 3])) == 4.0
    # Whatever its rows say, and before they are seen: what a plan promises is what the test will be taken for.
    assert design_effect([1, 1, 1, 1], np.array([3, 3, 3, 3])) == least_design_effect(np.array([3, 3, 3, 3])) == 4.0


@given(st.lists(st.tuples(st.sampled_from([-1, 0, 1]), st.integers(0, 6)), min_size=1, max_size=60))
def test_at_least_one_and_the_same_in_any_order(rows):
    values, groups = (np.array(column) for column in zip(*rows, strict=True))
    found = design_effect(values, groups)
    assert found is None or found >= 1.0
    # The order of rows and the names of groups do not matter.
    again = design_effect(values[::-1], 100 - groups[::-1])
    assert (found is None) == (again is None)
    assert found is None or found == pytest.approx(again)


def test_no_rows_are_an_error():
    with pytest.raises(DataError, match=r"got: 0 rows(.|\n)*fix: check that the split has rows"):
        design_effect([], None)
