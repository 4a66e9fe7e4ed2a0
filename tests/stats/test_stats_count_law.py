import numpy as np
import pytest

from suffice.stats.count_law import CountLaw, fit_count_law


def test_a_label_that_was_never_seen_is_missed_and_many_rows_leave_the_floor():
    law = CountLaw(floor=0.1, half=2.0, exponent=0.8)
    assert law.error(np.array([0.0, 1e12])) == pytest.approx([1.0, 0.1], abs=1e-3)
    # By hand: 0.1 + 0.9 * (1 + 6 / 2) ** -0.8.
    assert law.error(np.array([6.0]))[0] == pytest.approx(0.1 + 0.9 * 4**-0.8)


def test_the_law_that_made_the_errors_is_found_again():
    rows = np.outer([1.0, 2.0, 4.0, 8.0], np.repeat([0.5, 2.0, 8.0], 10))
    truth = CountLaw(floor=0.05, half=3.0, exponent=0.7)
    noisy = np.clip(truth.error(rows) + np.random.default_rng(0).normal(0.0, 0.1, size=rows.shape), 0.0, 1.0)
    noisy[:, 3] = np.nan  # A label that no row to judge on has.
    found = fit_count_law(rows, noisy)
    seen_and_more = np.array([2.0, 20.0, 200.0])
    assert found.error(seen_and_more) == pytest.approx(truth.error(seen_and_more), abs=0.06)


def test_labels_that_no_number_of_rows_helped_are_foretold_to_stay():
    rows = np.outer([1.0, 2.0, 4.0, 8.0], np.repeat([2.0, 8.0], 10))
    found = fit_count_law(rows, np.full(rows.shape, 0.95))
    assert found.error(np.array([256.0]))[0] > 0.85
