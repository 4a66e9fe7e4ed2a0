import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics

from suffice.errors import DataError
from suffice.stats.calibration import calibration_floor, expected_calibration_error, log_loss, reliability


def test_log_loss_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.ones(5), size=40)
    y_true = rng.integers(5, size=40)
    assert log_loss(probs, y_true) == pytest.approx(metrics.log_loss(y_true, probs, labels=range(5)))


def test_an_impossible_label_costs_much_and_not_infinitely_much():
    # By hand: -ln 2.220446e-16 = 36.04.
    assert log_loss(np.array([[1.0, 0.0]]), np.array([1])) == pytest.approx(36.0437, abs=1e-4)


def test_bins_hold_equally_many_rows_in_order():
    confidence = np.linspace(0.3, 0.9, 45)
    bins = reliability(np.flip(confidence), np.ones(45, dtype=bool))
    assert [part.n for part in bins] == [3] * 15
    assert bins[0].confidence == pytest.approx(confidence[:3].mean())
    assert bins[-1].confidence == pytest.approx(confidence[-3:].mean())


def test_calibration_error_by_hand():
    # Bins (0.6, 0.6; one of two right) and (0.9, 0.9; both right): (2 * 0.1 + 2 * 0.1) / 4.
    bins = reliability(np.array([0.9, 0.6, 0.9, 0.6]), np.array([True, False, True, True]), n_bins=2)
    assert [(part.accuracy, part.n) for part in bins] == [(0.5, 2), (1.0, 2)]
    assert expected_calibration_error(bins) == pytest.approx(0.1)


def test_equal_confidences_stay_in_one_bin():
    right = np.arange(90) % 10 > 0
    bins = reliability(np.full(90, 0.9), right)
    assert [(part.n, part.accuracy) for part in bins] == [(90, pytest.approx(0.9))]
    assert expected_calibration_error(bins) == pytest.approx(0.0, abs=1e-12)


@given(st.lists(st.tuples(st.floats(0.1, 1.0), st.booleans()), min_size=1, max_size=80), st.randoms())
def test_bins_hold_every_row_and_do_not_depend_on_their_order(rows, random):
    confidence, right = (np.array(column) for column in zip(*rows, strict=True))
    bins = reliability(confidence, right)
    assert len(bins) <= 15
    assert sum(part.n for part in bins) == len(rows)
    assert sum(part.n * part.accuracy for part in bins) == pytest.approx(right.sum())
    order = random.sample(range(len(rows)), len(rows))
    assert expected_calibration_error(reliability(confidence[order], right[order])) == pytest.approx(
        expected_calibration_error(bins)
    )


def test_floor_of_one_bin_is_the_mean_deviation_of_a_binomial():
    # E|X / 100 - 0.8| for X binomial(100, 0.8), summed by scipy: 0.0319.
    k = np.arange(101)
    expected = (stats.binom.pmf(k, 100, 0.8) * abs(k / 100 - 0.8)).sum()
    assert calibration_floor(np.full(100, 0.8), seed=0, n_draws=4_000) == pytest.approx(expected, rel=0.04)


def test_a_calibrated_model_shows_about_the_floor_and_an_overconfident_one_more():
    rng = np.random.default_rng(3)
    confidence = rng.beta(6, 2, size=600)
    honest, boaster = rng.random(600) < confidence, rng.random(600) < confidence - 0.15
    floor = calibration_floor(confidence, seed=0)
    # The standard deviation of the error of a calibrated model on 600 rows is about 0.2 of the floor.
    assert expected_calibration_error(reliability(confidence, honest)) == pytest.approx(floor, rel=0.6)
    assert expected_calibration_error(reliability(confidence, boaster)) > 3 * floor


def test_seed_decides_the_floor():
    confidence = np.linspace(0.5, 1.0, 50)
    floors = [calibration_floor(confidence, seed=seed, n_draws=20) for seed in (0, 0, 1)]
    assert floors[0] == floors[1] != floors[2]


def test_nothing_scored_is_an_error_not_a_zero():
    none = np.array([])
    with pytest.raises(DataError, match=r"got: 0 rows(.|\n)*give more labelled data"):
        log_loss(np.zeros((0, 3)), none.astype(np.int64))
    with pytest.raises(DataError, match="got: 0 rows"):
        reliability(none, none.astype(np.bool_))
    with pytest.raises(DataError, match="got: 0 rows"):
        expected_calibration_error(())
    with pytest.raises(DataError, match="got: 0 rows"):
        calibration_floor(none, seed=0)
