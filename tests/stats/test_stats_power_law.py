from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from suffice.stats.power_law import PRIOR, fit_power_laws


def drawn(n, *, floor, scale, exponent, n_draws=300, noise=0.002):
    error = floor + scale * n**-exponent
    return error + noise * np.random.default_rng(0).standard_normal((n_draws, len(n)))


@pytest.mark.parametrize(("floor", "scale", "exponent"), [(0.0, 3.0, 0.5), (0.05, 6.0, 0.7), (0.1, 1.0, 0.3)])
def test_a_law_without_much_noise_is_forecast_at_four_times_the_rows(floor, scale, exponent):
    n = np.array([100.0, 200.0, 400.0, 800.0, 1_600.0])
    error = drawn(n, floor=floor, scale=scale, exponent=exponent)
    laws = fit_power_laws(n, error, np.full(5, 0.002), n_labels=2, seed=0)
    forecast, truth = laws.error(6_400.0), floor + scale * 6_400.0**-exponent
    assert float(np.median(forecast)) == pytest.approx(truth, abs=0.012)
    low, high = np.quantile(forecast, [0.05, 0.95])
    assert low <= truth <= high


def test_two_sizes_leave_wide_draws_and_five_narrow_ones():
    n = np.array([100.0, 200.0, 400.0, 800.0, 1_600.0])
    error = drawn(n, floor=0.02, scale=3.0, exponent=0.5)

    def narrowed(prior):
        few = fit_power_laws(n[-2:], error[:, -2:], np.full(2, 0.002), n_labels=2, seed=0, prior=prior).error(6_400.0)
        many = fit_power_laws(n, error, np.full(5, 0.002), n_labels=2, seed=0, prior=prior).error(6_400.0)
        return np.std(few) / np.std(many)

    assert narrowed(replace(PRIOR, drift=0.0)) > 1.3
    # Sizes further back that are trusted less narrow it less, and still do.
    assert 1.1 < narrowed(PRIOR) < narrowed(replace(PRIOR, drift=0.0))


def test_an_error_never_falls_below_its_floor_and_never_rises():
    n = np.array([100.0, 200.0, 400.0])
    laws = fit_power_laws(n, np.full((50, 3), 0.2), np.full(3, 0.01), n_labels=2, seed=1)
    assert (laws.scale >= 0.0).all()
    assert (laws.error(800.0) <= laws.error(400.0) + 1e-12).all()
    assert (laws.error(1e9) >= laws.floor).all()


def test_the_same_seed_gives_the_same_draws():
    n, error = np.array([100.0, 200.0, 400.0]), np.full((50, 3), [0.3, 0.2, 0.15])
    first, again = (fit_power_laws(n, error, np.full(3, 0.01), n_labels=2, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.floor, again.floor)
    np.testing.assert_array_equal(first.exponent, again.exponent)


def test_a_curve_that_stays_level_is_foretold_to_stay_so_and_one_that_falls_is_not():
    n = np.array([50.0, 100.0, 200.0, 400.0])
    noise = 0.01 * np.random.default_rng(0).standard_normal((500, 4))
    level = fit_power_laws(n, 0.85 + noise, np.full(4, 0.008), n_labels=2, seed=0)
    # Without a law that is level, the smallest fall of all others is foretold.
    always = fit_power_laws(n, 0.85 + noise, np.full(4, 0.008), n_labels=2, seed=0, prior=replace(PRIOR, level=1e-9))
    assert float(np.median(0.85 - level.error(1_600.0))) < 0.01
    assert float(np.median(0.85 - always.error(1_600.0))) > 0.02
    assert np.mean(level.scale == 0.0) > 0.5
    falls = fit_power_laws(n, 3.0 * n**-0.5 + noise, np.full(4, 0.008), n_labels=2, seed=0)
    assert not (falls.scale == 0.0).any()
    assert float(np.median(falls.error(1_600.0))) == pytest.approx(3.0 / 40.0, abs=0.03)


def test_the_fewer_rows_there_are_of_each_label_the_less_is_a_floor_believed_in():
    n = np.array([100.0, 200.0, 400.0])
    error = np.tile([0.45, 0.36, 0.31], (500, 1))
    two, eighty = (
        np.median(fit_power_laws(n, error, np.full(3, 0.02), n_labels=k, seed=0).error(1_600.0)) for k in (2, 80)
    )
    assert eighty < two - 0.01
