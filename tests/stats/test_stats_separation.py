import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from suffice.records.evidence import INSEPARABLE_AUC, LabelPair
from suffice.stats.separation import confused_pairs, inseparable_labels, labels_that_are_one


def said(predicted, *, n_labels=3, sure=0.8):
    """Probabilities under which each row is taken for a label."""
    return np.eye(n_labels)[predicted] * (sure - (1 - sure) / (n_labels - 1)) + (1 - sure) / (n_labels - 1)


def answers(*counts):
    """Rows of label a taken for label b, `n` of each `(a, b, n)`."""
    y, predicted = (np.repeat([count[k] for count in counts], [count[2] for count in counts]) for k in (0, 1))
    return said(predicted), y


def test_rows_taken_for_the_other_label_are_counted_both_ways():
    probs, y = answers((0, 0, 20), (0, 1, 4), (1, 0, 3), (1, 1, 13), (2, 2, 10), (2, 0, 1))
    (pair,) = confused_pairs(probs, y)
    assert (pair.first, pair.second, pair.n_rows, pair.n_confused) == (0, 1, 40, 7)
    # By hand, of 24 x 16 pairs: 20 x 13 are in order, 4 x 3 the wrong way round, the others tied and count half.
    assert pair.auc == pytest.approx((20 * 13 + (20 * 3 + 4 * 13) / 2) / (24 * 16))


@pytest.mark.parametrize(("confused", "right", "found"), [(5, 45, 1), (4, 5, 0), (5, 46, 0)])
def test_a_pair_is_looked_at_from_five_rows_and_a_tenth_on(confused, right, found):
    assert len(confused_pairs(*answers((0, 1, confused), (0, 0, right - 5), (1, 1, 5)))) == found


def test_the_most_confused_pair_comes_first():
    probs, y = answers((0, 1, 5), (0, 0, 5), (1, 1, 5), (1, 2, 9), (2, 2, 5))
    assert [(pair.first, pair.second) for pair in confused_pairs(probs, y)] == [(1, 2), (0, 1)]


def test_a_label_that_no_row_has_is_no_half_of_a_pair():
    assert confused_pairs(*answers((0, 1, 30), (2, 2, 30))) == []


@given(st.integers(0, 10_000), st.integers(1, 3))
def test_the_area_is_that_of_scikit_learn(seed, steps):
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1, 2], 20)
    # Halves to eighths, so that rows tie.
    probs = rng.multinomial(2**steps, np.full(3, 1 / 3), size=60) / 2.0**steps
    for pair in confused_pairs(probs, y):
        rows = np.isin(y, [pair.first, pair.second])
        odds = np.log(probs[rows, pair.second] + 1e-300) - np.log(probs[rows, pair.first] + 1e-300)
        assert pair.auc == pytest.approx(roc_auc_score(y[rows] == pair.second, odds))


def pair_of(first, second, auc):
    return LabelPair(first=first, second=second, n_rows=40, n_confused=10, auc=auc)


def test_labels_are_inseparable_up_to_half_the_way_to_a_perfect_order():
    same = inseparable_labels([pair_of(0, 2, INSEPARABLE_AUC), pair_of(1, 2, INSEPARABLE_AUC + 0.01)], n_labels=4)
    expected = np.eye(4, dtype=bool)
    expected[0, 2] = expected[2, 0] = True
    assert same.tolist() == expected.tolist()


def test_without_pairs_every_label_is_only_itself():
    assert inseparable_labels([], n_labels=3).tolist() == np.eye(3, dtype=bool).tolist()


def same_of(n_labels, *pairs):
    same = np.eye(n_labels, dtype=bool)
    for a, b in pairs:
        same[a, b] = same[b, a] = True
    return same


def test_labels_of_which_none_is_told_from_another_are_one():
    assert labels_that_are_one(same_of(8, (0, 3), (0, 5), (3, 5))) == [(0, 3), (0, 5), (3, 5)]


def test_a_chain_whose_ends_are_told_apart_is_no_label_under_several_names():
    assert labels_that_are_one(same_of(8, (1, 2), (2, 3))) == []


def test_where_more_than_three_hang_together_little_can_be_told_and_the_others_stand():
    crowd = [(a, b) for a in range(4) for b in range(a)]
    assert labels_that_are_one(same_of(12, *crowd, (7, 9))) == [(7, 9)]


@pytest.mark.parametrize(("n_labels", "expected"), [(2, []), (3, [(0, 1)]), (4, [(0, 1)])])
def test_two_labels_are_left_at_least(n_labels, expected):
    assert labels_that_are_one(same_of(n_labels, (0, 1))) == expected


def test_every_label_may_be_one_of_a_pair():
    assert labels_that_are_one(same_of(4, (0, 2), (1, 3))) == [(0, 2), (1, 3)]
