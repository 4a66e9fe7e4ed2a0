import pytest
from scipy import stats
from sklearn import metrics

from suffice.evaluate.accuracy import accuracy

Y_TRUE = [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
Y_PRED = [0, 0, 0, 1, 1, 1, 1, 1, 1, 0]


def test_accuracy_has_the_exact_interval(score):
    layer = accuracy(score(Y_TRUE, Y_PRED))
    assert (layer.n, layer.n_correct, layer.accuracy) == (10, 8, 0.8)
    # scipy's own Clopper-Pearson interval.
    expected = stats.binomtest(8, 10).proportion_ci(0.95, method="exact")
    assert (layer.interval.low, layer.interval.high) == pytest.approx((expected.low, expected.high))
    assert layer.interval.confidence == 0.95


def test_rows_that_are_their_own_groups_have_no_design_effect(score):
    assert accuracy(score(Y_TRUE, Y_PRED)).design_effect is None


def test_rows_in_groups_count_as_fewer(score):
    pairs = [row // 2 for row in range(20)]
    layer = accuracy(score([y for y in Y_TRUE for _ in "12"], [y for y in Y_PRED for _ in "12"], groups=pairs))
    assert (layer.n, layer.n_correct) == (20, 16)
    # By hand: the variance with pairs is 10/9 * 6.4 / 20 ** 2, that of single rows 0.16 * 20/19 / 20: 19/9 times.
    assert layer.design_effect == pytest.approx(19 / 9)
    # Clopper-Pearson as beta quantiles, for 80% of 20 * 9/19 rows.
    right, wrong = 0.8 * 180 / 19, 0.2 * 180 / 19
    expected = (stats.beta.ppf(0.025, right, wrong + 1), stats.beta.ppf(0.975, right + 1, wrong))
    assert (layer.interval.low, layer.interval.high) == pytest.approx(expected)


def test_macro_f1_is_over_labels_that_rows_have(score):
    layer = accuracy(score(Y_TRUE, Y_PRED))
    # Label c stands in no row and is left out, as when scikit-learn is not told of it.
    assert layer.macro_f1 == pytest.approx(metrics.f1_score(Y_TRUE, Y_PRED, average="macro"))
    assert layer.macro_f1_interval.low < layer.macro_f1 < layer.macro_f1_interval.high


def test_copies_in_one_group_widen_the_interval_of_macro_f1(score):
    y_true, y_pred = Y_TRUE * 6, Y_PRED * 6
    alone = accuracy(score(y_true, y_pred)).macro_f1_interval
    together = accuracy(score(y_true, y_pred, groups=[*range(10)] * 6)).macro_f1_interval
    # Six copies carry a sixth of the information: two and a half times the width.
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_all_right_is_no_certainty(score):
    layer = accuracy(score(Y_TRUE, Y_TRUE))
    # 0.025 ** (1 / 10): the rule of three's exact form at two sides.
    assert (layer.interval.low, layer.interval.high) == pytest.approx((0.025**0.1, 1.0))


def test_all_wrong_is_measured_as_zero(score):
    layer = accuracy(score([0, 0], [1, 1]))
    assert (layer.accuracy, layer.macro_f1, layer.interval.low) == (0.0, 0.0, 0.0)


def test_the_seed_decides_the_bootstrap_and_nothing_else(score):
    first, again, other = (accuracy(score(Y_TRUE * 9, Y_PRED * 9, seed=seed)) for seed in (0, 0, 1))
    assert first == again
    assert first.macro_f1_interval != other.macro_f1_interval
    assert (first.interval, first.macro_f1) == (other.interval, other.macro_f1)


def test_an_invented_answer_is_wrong_and_given_no_label(score):
    # By hand: two of four are right; a has recall 1/2, precision 1 and F1 2/3, b likewise.
    layer = accuracy(score([0, 0, 1, 1], [0, -1, 1, -1], hosted=True))
    assert (layer.n, layer.n_correct, layer.accuracy) == (4, 2, 0.5)
    assert layer.macro_f1 == pytest.approx(2 / 3)
