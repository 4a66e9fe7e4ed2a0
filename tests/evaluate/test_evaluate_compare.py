from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suffice.errors import DataError
from suffice.evaluate import compare
from suffice.records.evaluation import Predictions
from suffice.records.labels import LabelSet

Y = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
BETTER = [0, 0, 0, 0, 1, 1, 1, 2, 2, 0]
WORSE = [0, 0, 0, 0, 1, 1, 2, 1, 0, 0]
HOW = {"names": ("embed-1", "tfidf-1"), "split": "validation"}


def test_figures_are_those_of_the_rows_on_which_the_two_differ(predict):
    found = compare(predict(BETTER), predict(WORSE), Y, groups=np.arange(10), **HOW)
    assert (found.first, found.second, found.split, found.n) == ("embed-1", "tfidf-1", "validation", 10)
    assert (found.n_only_first, found.n_only_second) == (3, 0)
    assert found.difference == pytest.approx(0.3)
    # Exact McNemar by hand: 2 * 0.5 ** 3.
    assert found.p_value == pytest.approx(0.25)
    assert found.interval.low < 0.3 < found.interval.high


def test_two_answers_that_are_wrong_alike_or_otherwise_do_not_differ(predict):
    found = compare(predict([1, 1]), predict([2, 1]), np.array([0, 0]), groups=np.arange(2), **HOW)
    assert (found.difference, found.p_value, found.n_only_first, found.n_only_second) == (0.0, 1.0, 0, 0)


def test_copies_in_one_group_widen_the_interval(predict):
    y, better, worse = (np.repeat(one, 6) for one in (Y, BETTER, WORSE))
    alone = compare(predict(better), predict(worse), y, groups=np.arange(60), **HOW).interval
    together = compare(predict(better), predict(worse), y, groups=np.repeat(np.arange(10), 6), **HOW).interval
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_two_runs_that_agree_on_every_row_are_told_with_an_interval_that_has_a_width(predict):
    found = compare(predict(BETTER * 20), predict(BETTER * 20), np.tile(Y, 20), groups=np.arange(200), **HOW)
    # By hand: without a row that differs, Tango's bounds are z^2 / (n + z^2) on either side, with z = 1.96.
    assert (found.difference, found.p_value) == (0.0, 1.0)
    assert (found.interval.low, found.interval.high) == pytest.approx((-0.01885, 0.01885), abs=5e-6)


def test_rows_and_labels_are_matched_by_name(predict):
    second = predict(WORSE)
    rows, columns = [3, 1, 4, 0, 9, 2, 6, 5, 8, 7], [2, 0, 1]
    shuffled = replace(
        second,
        ids=tuple(second.ids[row] for row in rows),
        labels=LabelSet(names=tuple(second.labels.names[k] for k in columns)),
        probs=second.probs[rows][:, columns],
    )
    expected = compare(predict(BETTER), second, Y, groups=np.arange(10), **HOW)
    assert compare(predict(BETTER), shuffled, Y, groups=np.arange(10), **HOW) == expected


def test_rows_that_only_one_answered_are_counted_and_one_is_named(predict):
    second = predict(WORSE)
    second = replace(second, ids=(*second.ids[:8], "x", "y"))
    got = "got: not in both: 4 of the validation rows, such as 'id8'"
    with pytest.raises(
        DataError, match=rf"embed-1 and tfidf-1: .*same validation rows\n  {got}\n  fix: run both on the"
    ):
        compare(predict(BETTER), second, Y, groups=np.arange(10), **HOW)


def test_rows_that_only_the_second_answered_are_an_error_too(predict):
    with pytest.raises(DataError, match=r"got: not in both: 2 of the validation rows, such as 'id10'\n  fix: .*seed"):
        compare(predict(BETTER), predict([*WORSE, 0, 0]), Y, groups=np.arange(10), **HOW)


def test_labels_that_only_one_knows_are_counted_and_one_is_named(predict):
    with pytest.raises(DataError, match="got: not in both: 1 of the labels, such as 'd'"):
        compare(predict(BETTER), predict(WORSE, n_labels=4), Y, groups=np.arange(10), **HOW)


def test_nothing_scored_is_an_error_not_a_zero(predict):
    none = np.array([], dtype=np.int64)
    with pytest.raises(DataError, match=r"validation rows of embed-1 and tfidf-1: .*\n  got: 0 rows\n  fix: check"):
        compare(predict([]), predict([]), none, groups=none, **HOW)


@pytest.mark.parametrize("outside", [-1, 3])
def test_a_label_outside_the_set_is_our_own_fault(predict, outside):
    with pytest.raises(AssertionError, match="labels of scored rows are in the label set"):
        compare(predict([0, 1]), predict([0, 1]), np.array([0, outside]), groups=np.arange(2), **HOW)


ROWS = st.lists(st.tuples(*[st.integers(0, 2)] * 4), min_size=1, max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(ROWS)
def test_seen_from_the_other_side_only_signs_change(predict, rows):
    y, first, second, groups = (np.array(column) for column in zip(*rows, strict=True))
    one = compare(predict(first), predict(second), y, groups=groups, **HOW)
    other = compare(predict(second), predict(first), y, groups=groups, **HOW)
    assert one.difference == -other.difference
    assert one.p_value == pytest.approx(other.p_value)
    assert (one.interval.low, one.interval.high) == pytest.approx((-other.interval.high, -other.interval.low))
    assert (one.n_only_first, one.n_only_second) == (other.n_only_second, other.n_only_first)


def test_an_invented_answer_is_wrong_in_a_comparison_whatever_the_order_of_labels(predict):
    names = ("c", "b", "a")
    ids = tuple(f"id{row}" for row in range(10))
    # Right on nine rows but for one invented; the last of the labels is not taken for it.
    codes = np.array([2, 2, 2, -1, 1, 1, 1, 0, 0, 0])
    hosted = Predictions(ids=ids, labels=LabelSet(names=names), probs=None, n_truncated=0, given=codes)
    found = compare(predict(BETTER), hosted, Y, groups=np.arange(10), **HOW)
    assert (found.n_only_first, found.n_only_second) == (1, 1)
