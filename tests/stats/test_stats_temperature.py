import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from suffice.errors import DataError
from suffice.stats.calibration import log_loss
from suffice.stats.temperature import HIGHEST, LOWEST, fit_temperature, softmax


def drawn_from(logits, rng):
    """Labels that follow the softmax of the logits exactly."""
    edges = special.softmax(logits, axis=1).cumsum(axis=1)
    return (rng.random(len(logits))[:, None] > edges[:, :-1]).sum(axis=1)


@pytest.mark.parametrize("planted", [0.4, 1.0, 3.0])
def test_finds_the_temperature_that_the_logits_were_spoilt_with(planted):
    rng = np.random.default_rng(0)
    honest = 3.0 * rng.normal(size=(5_000, 6))
    y_true = drawn_from(honest, rng)
    # 5,000 rows put the standard error of the logarithm near 0.02.
    assert fit_temperature(honest * planted, y_true) == pytest.approx(planted, rel=0.06)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(20, 200), st.floats(0.3, 4.0))
def test_no_other_temperature_on_a_grid_makes_the_labels_likelier(seed, n, scale):
    rng = np.random.default_rng(seed)
    logits = 2.0 * rng.normal(size=(n, 4))
    y_true = drawn_from(logits, rng)
    found = fit_temperature(scale * logits, y_true)
    expected_errors = n - softmax(scale * logits, temperature=found).max(axis=1).sum()
    if expected_errors > 0.51:
        best = min(log_loss(softmax(scale * logits, temperature=t), y_true) for t in np.geomspace(LOWEST, HIGHEST, 60))
        assert log_loss(softmax(scale * logits, temperature=found), y_true) <= best + 1e-9


@pytest.mark.parametrize("lead", [2.0, 8.0, 40.0])
@pytest.mark.parametrize("n", [20, 400])
def test_a_perfect_validation_leaves_half_a_row_of_doubt(n, lead):
    y_true = np.arange(n) % 11
    logits = lead * np.eye(11)[y_true]
    probs = softmax(logits, temperature=fit_temperature(logits, y_true))
    # By the stated bound: the probabilities expect half an error in n rows.
    assert n - probs.max(axis=1).sum() == pytest.approx(0.5, rel=1e-3)


def test_temperature_stays_within_its_bounds():
    y_true = np.arange(40) % 4
    assert fit_temperature(0.05 * np.eye(4)[y_true], y_true) == pytest.approx(LOWEST)
    assert fit_temperature(5_000.0 * np.eye(4)[y_true], y_true) == pytest.approx(HIGHEST)
    # Logits that are no better than chance: the flatter the likelier.
    assert fit_temperature(3.0 * np.eye(4)[(y_true + 1) % 4], y_true) == pytest.approx(HIGHEST, rel=1e-4)


def test_no_answer_is_certain_and_none_impossible():
    probs = softmax(np.array([[1_000.0, 0.0, -1_000.0]], dtype=np.float32), temperature=LOWEST)
    assert probs.dtype == np.float64
    assert probs.max() < 1.0
    assert probs.min() > 0.0
    # By hand: one third of the billionth.
    assert probs[0, 2] == pytest.approx(1e-9 / 3)


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=8), st.floats(LOWEST, HIGHEST))
def test_softmax_sums_to_one_and_keeps_the_best_label(logits, temperature):
    probs = softmax(np.array([logits]), temperature=temperature)
    assert probs.sum() == pytest.approx(1.0, abs=1e-12)
    assert probs[0, int(np.argmax(logits))] == probs.max()


def test_softmax_is_that_of_scipy_but_for_the_billionth():
    logits = np.random.default_rng(1).normal(size=(5, 4))
    assert softmax(logits, temperature=2.0) == pytest.approx(special.softmax(logits / 2.0, axis=1), abs=1e-9)


def test_log_probabilities_serve_as_logits():
    logits = np.random.default_rng(2).normal(size=(60, 3))
    y_true = drawn_from(logits, np.random.default_rng(3))
    from_log = fit_temperature(special.log_softmax(logits, axis=1), y_true)
    assert from_log == pytest.approx(fit_temperature(logits, y_true), rel=1e-4)


def test_no_rows_are_an_error():
    with pytest.raises(DataError, match=r"rows for the temperature: (.|\n)*got: 0 rows"):
        fit_temperature(np.zeros((0, 3)), np.array([], dtype=np.int64))
