import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from suffice.errors import DataError
from suffice.records.labels import INVENTED, LabelSet
from suffice.stats.f1 import confusion_counts, f1_of_labels, invented_counts, label_scores, macro_f1, macro_f1_draws
from suffice.stats.groups import codes_or_rows
from suffice.stats.resampling import group_draws

NAMES = ("bill", "card", "loan", "other")
ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=50)


def made_up(n, n_labels, seed):
    rng = np.random.default_rng(seed)
    y_true = rng.integers(n_labels, size=n)
    return y_true, np.where(rng.random(n) < 0.8, y_true, rng.integers(n_labels, size=n))


@given(ROWS)
def test_label_scores_are_those_of_scikit_learn(rows):
    y_true, y_pred = (np.array(column) for column in zip(*rows, strict=True))
    counts = confusion_counts(y_true, y_pred, n_labels=4)
    assert (counts == metrics.confusion_matrix(y_true, y_pred, labels=range(4))).all()
    expected = metrics.precision_recall_fscore_support(y_true, y_pred, labels=range(4), zero_division=np.nan)
    for k, score in enumerate(label_scores(counts, LabelSet(names=NAMES))):
        assert (score.label, score.support) == (NAMES[k], expected[3][k])
        assert score.precision is None if np.isnan(expected[0][k]) else score.precision == pytest.approx(expected[0][k])
        if score.support:
            assert (score.recall, score.f1) == pytest.approx((expected[1][k], expected[2][k]))
        else:
            assert (score.recall, score.f1) == (None, None)


@given(ROWS)
def test_macro_f1_is_scikit_learns_over_the_labels_with_support(rows):
    y_true, y_pred = (np.array(column) for column in zip(*rows, strict=True))
    expected = metrics.f1_score(y_true, y_pred, labels=np.unique(y_true), average="macro", zero_division=0)
    assert macro_f1(y_true, y_pred, n_labels=4) == pytest.approx(expected)


def test_a_label_without_rows_costs_only_the_labels_it_was_taken_for():
    # By hand: label 0 has F1 2 * 1 / (2 + 1) = 2/3, label 1 has 1; label 2 has no rows and no F1.
    assert macro_f1(np.array([0, 0, 1]), np.array([0, 2, 1]), n_labels=3) == pytest.approx(5 / 6)


@pytest.mark.parametrize("grouped", [False, True])
def test_draws_are_macro_f1_of_the_resampled_rows(grouped):
    y_true, y_pred = made_up(30, 4, seed=1)
    groups = np.arange(30) // 3 if grouped else None
    codes, n_groups = codes_or_rows(30, groups)
    found = macro_f1_draws(y_true, y_pred, n_labels=4, groups=groups, seed=0, n_draws=25)
    times = np.concatenate(list(group_draws(n_groups, n_draws=25, seed=0))).astype(int)[:, codes]
    # The slow way: repeat each row as often as its group was drawn and score what results.
    slow = [macro_f1(np.repeat(y_true, row), np.repeat(y_pred, row), n_labels=4) for row in times]
    assert found == pytest.approx(np.array(slow))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 3)), min_size=1, max_size=50))
def test_an_invented_answer_is_to_scikit_learn_a_label_that_no_row_has(rows):
    y_true, y_pred = (np.array(column) for column in zip(*rows, strict=True))
    elsewhere = np.where(y_pred == INVENTED, 4, y_pred)
    expected = metrics.precision_recall_fscore_support(y_true, elsewhere, labels=range(4), zero_division=np.nan)
    counts, invented = (count(y_true, y_pred, n_labels=4) for count in (confusion_counts, invented_counts))
    assert counts.sum() + invented.sum() == len(rows)
    for k, score in enumerate(label_scores(counts, LabelSet(names=NAMES), invented=invented)):
        assert score.support == expected[3][k]
        assert score.precision is None if np.isnan(expected[0][k]) else score.precision == pytest.approx(expected[0][k])
        assert score.recall is None if not score.support else score.recall == pytest.approx(expected[1][k])
    present = np.unique(y_true)
    macro = metrics.f1_score(y_true, elsewhere, labels=present, average="macro", zero_division=0)
    assert macro_f1(y_true, y_pred, n_labels=4) == pytest.approx(macro)


def test_draws_count_invented_answers_as_macro_f1_does():
    y_true, y_pred = made_up(30, 4, seed=1)
    y_pred[::5] = INVENTED
    found = macro_f1_draws(y_true, y_pred, n_labels=4, groups=None, seed=0, n_draws=25)
    times = np.concatenate(list(group_draws(30, n_draws=25, seed=0))).astype(int)
    slow = [macro_f1(np.repeat(y_true, row), np.repeat(y_pred, row), n_labels=4) for row in times]
    assert found == pytest.approx(np.array(slow))


def test_copies_in_one_group_widen_the_draws():
    y_true, y_pred = made_up(100, 4, seed=2)
    y_true, y_pred, groups = np.repeat(y_true, 4), np.repeat(y_pred, 4), np.repeat(np.arange(100), 4)
    alone = macro_f1_draws(y_true, y_pred, n_labels=4, groups=None, seed=0).std()
    together = macro_f1_draws(y_true, y_pred, n_labels=4, groups=groups, seed=0).std()
    # Four copies carry a quarter of the information: twice the standard error.
    assert together / alone == pytest.approx(2.0, rel=0.1)


def test_nothing_scored_is_an_error_not_a_zero():
    none = np.array([], dtype=np.int64)
    with pytest.raises(DataError, match=r"got: 0 rows(.|\n)*give more labelled data"):
        macro_f1(none, none, n_labels=3)
    with pytest.raises(DataError, match="got: 0 rows"):
        macro_f1_draws(none, none, n_labels=3, groups=None, seed=0)


def test_f1_of_each_label_counts_only_what_was_asked():
    # Of label 0 two of three asked rows are right and one row of label 1 is given it; label 2 has no row.
    y_true, y_pred = np.array([0, 0, 0, 1, 0]), np.array([0, 0, 1, 0, -2])
    found = f1_of_labels(y_pred, y_true, n_labels=3)
    assert found[:2] == pytest.approx([4 / 6, 0.0])
    assert np.isnan(found[2])
