import numpy as np
import pytest
from scipy import stats

from suffice.evaluate import compare
from suffice.evaluate.slices import slices
from suffice.records.slices import Aspects, Slice

Y_TRUE = [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
Y_PRED = [0, 0, 0, 1, 1, 1, 1, 1, 1, 0]


def named(*members):
    kinds = [
        Slice(name="abc"[k], says=f"it is {'abc'[k]}", member=np.array(member, dtype=bool))
        for k, member in enumerate(members)
    ]
    return Aspects(slices=tuple(kinds), times=())


FIRST_FOUR = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]


def test_a_slice_has_its_exact_interval_and_its_difference_from_all(score):
    (one,) = slices(score(Y_TRUE, Y_PRED, aspects=named(FIRST_FOUR)))
    assert (one.name, one.says, one.n, one.n_correct, one.accuracy) == ("a", "it is a", 4, 3, 0.75)
    # scipy's own Clopper-Pearson interval.
    expected = stats.binomtest(3, 4).proportion_ci(0.95, method="exact")
    assert (one.interval.low, one.interval.high) == pytest.approx((expected.low, expected.high))
    assert one.against_all == pytest.approx(0.75 - 0.8)
    # By hand: 0.6 of the rows are outside it, and 3 of 4 against 5 of 6 is a difference of -1/12.
    assert one.against_all == pytest.approx(0.6 * (3 / 4 - 5 / 6))
    assert one.against_all_interval.low < one.against_all < one.against_all_interval.high


def test_a_slice_of_all_rows_differs_from_nothing(score):
    (one,) = slices(score(Y_TRUE, Y_PRED, aspects=named([1] * 10)))
    assert (one.accuracy, one.against_all, one.against_all_interval) == (0.8, 0.0, None)


def test_a_slice_that_no_row_is_in_is_measured_as_nothing_and_not_as_zero(score):
    (one,) = slices(score(Y_TRUE, Y_PRED, aspects=named([0] * 10)))
    assert (one.n, one.accuracy, one.interval, one.against_all) == (0, None, None, None)


def test_rows_in_groups_count_as_fewer(score):
    twice = [y for y in Y_TRUE for _ in "12"], [y for y in Y_PRED for _ in "12"]
    inside = named([m for m in FIRST_FOUR for _ in "12"])
    (alone,) = slices(score(*twice, aspects=inside))
    (together,) = slices(score(*twice, groups=[row // 2 for row in range(20)], aspects=inside))
    assert together.accuracy == alone.accuracy
    for which in ("interval", "against_all_interval"):
        wide, narrow = getattr(together, which), getattr(alone, which)
        assert wide.high - wide.low > narrow.high - narrow.low


def test_no_slices_are_asked_for_and_none_are_told(score):
    assert slices(score(Y_TRUE, Y_PRED)) == ()


def test_slices_of_other_rows_are_our_own_fault(score):
    with pytest.raises(AssertionError, match="slices say of every row if it is in"):
        score(Y_TRUE, Y_PRED, aspects=named([1, 0]))


def test_two_runs_are_compared_on_every_slice_with_all_of_them_taken_into_account(predict):
    y = np.zeros(40, dtype=np.int64)
    better, worse = [0] * 40, [1] * 8 + [0] * 32
    members = [[1] * 8 + [0] * 32, [0] * 8 + [1] * 32, [0] * 40]
    found = compare(
        predict(better),
        predict(worse),
        y,
        groups=np.arange(40),
        names=("a", "b"),
        split="validation",
        slices=named(*members).slices,
    )
    first, rest, none = found.slices
    assert (first.name, first.n, first.difference, first.n_only_first, first.n_only_second) == ("a", 8, 1.0, 8, 0)
    # Exact McNemar by hand: 2 * 0.5 ** 8; over the two slices with rows, q is p times two.
    assert (first.p_value, first.q_value) == pytest.approx((2 * 0.5**8, 4 * 0.5**8))
    assert (rest.n, rest.difference, rest.p_value, rest.q_value) == (32, 0.0, 1.0, 1.0)
    assert (none.n, none.difference, none.interval, none.p_value, none.q_value) == (0, None, None, None, None)
