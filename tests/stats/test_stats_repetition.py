import numpy as np
import pytest
from scipy import stats

from suffice.errors import DataError
from suffice.stats.repetition import distinct_n, entropy_bits, label_entropy, repeated_share


def test_distinct_n_is_different_n_grams_over_all_by_hand():
    texts = [["a", "b", "a", "b"], ["a", "b"]]
    # Words: a, b of six. Pairs: ab, ba, ab and ab: two of four.
    assert distinct_n(texts, n=1) == pytest.approx(2 / 6)
    assert distinct_n(texts, n=2) == pytest.approx(2 / 4)


def test_repeated_share_is_the_mean_over_texts_by_hand():
    # Of ab, ba, ab one pair came before: 1/3. The second text repeats nothing, the third has no pair.
    assert repeated_share([["a", "b", "a", "b"], ["c", "d"], ["e"]], n=2) == pytest.approx((1 / 3 + 0) / 2)


def test_texts_without_n_tokens_are_an_error_not_a_zero():
    with pytest.raises(DataError, match=r"n-grams: a figure needs at least one row\n  got: 0 rows\n  fix: "):
        distinct_n([["a"]], n=2)
    with pytest.raises(DataError, match="texts with n-grams"):
        repeated_share([["a"], []], n=2)


def test_entropy_agrees_with_scipy():
    counts = np.array([[1, 3, 4, 0], [2, 2, 2, 2], [5, 0, 0, 0]])
    assert entropy_bits(counts) == pytest.approx(stats.entropy(counts, base=2, axis=1))
    # Four even labels: two bits.
    assert entropy_bits(counts)[1] == pytest.approx(2.0)
    assert np.copysign(1.0, entropy_bits(counts)[2]) == 1.0


def entropy(y_true, y_pred, *, n_labels=4, groups=None, seed=0, n_draws=500):
    y_true, y_pred = np.array(y_true), np.array(y_pred)
    return label_entropy(y_true, y_pred, n_labels=n_labels, groups=groups, seed=seed, n_draws=n_draws)


def test_one_label_said_of_four_leaves_no_entropy():
    found = entropy(np.arange(400) % 4, np.zeros(400, dtype=np.int64))
    assert (found.predicted_bits, found.data_bits, found.ratio) == (0.0, pytest.approx(2.0), 0.0)
    assert (found.ratio_interval.low, found.ratio_interval.high) == (0.0, 0.0)


def test_half_of_the_labels_never_said_halves_four_even_ones():
    y = np.arange(400) % 4
    # One bit of two.
    found = entropy(y, y // 2)
    assert found.ratio == pytest.approx(0.5)
    assert found.ratio_interval.low < 0.5 < found.ratio_interval.high < 0.55
    assert found.predicted_bits < found.null_bits.low


def test_right_answers_have_a_ratio_of_one_in_every_draw():
    y = np.random.default_rng(0).integers(0, 4, 100)
    found = entropy(y, y)
    assert (found.ratio_interval.low, found.ratio, found.ratio_interval.high) == (1.0, 1.0, 1.0)
    assert found.null_bits.low < found.predicted_bits


def test_the_null_band_holds_the_entropy_of_labels_drawn_by_the_same_shares():
    generator = np.random.default_rng(1)
    inside = []
    for seed in range(200):
        y_true, y_pred = generator.choice(4, p=[0.4, 0.3, 0.2, 0.1], size=(2, 300))
        null = entropy(y_true, y_pred, seed=seed).null_bits
        inside.append(null.low <= float(entropy_bits(np.bincount(y_pred, minlength=4))) <= null.high)
    # 95% of draws from the true shares; those from the shares seen are one sample apart, so that fewer lie within.
    assert 0.75 < np.mean(inside) < 0.95


def test_rows_of_one_label_have_no_ratio():
    assert entropy([2, 2, 2], [1, 2, 3]) is None


def test_copies_in_one_group_widen_the_interval():
    generator = np.random.default_rng(2)
    y_true = generator.integers(0, 4, 100)
    y_pred = np.where(generator.random(100) < 0.5, y_true, 0)
    y_true, y_pred = np.repeat(y_true, 4), np.repeat(y_pred, 4)
    alone = entropy(y_true, y_pred).ratio_interval
    together = entropy(y_true, y_pred, groups=np.repeat(np.arange(100), 4)).ratio_interval
    # A quarter of the information: twice the width.
    assert (together.high - together.low) / (alone.high - alone.low) == pytest.approx(2.0, rel=0.25)


def test_nothing_scored_is_an_error_not_a_zero():
    with pytest.raises(DataError, match="got: 0 rows"):
        entropy(np.array([], dtype=np.int64), np.array([], dtype=np.int64))
