import numpy as np
import pytest

from suffice.errors import DataError
from suffice.stats import resampling
from suffice.stats.resampling import group_draws, mean_interval, percentile_interval


def all_draws(n_groups, *, n_draws, seed):
    return np.concatenate(list(group_draws(n_groups, n_draws=n_draws, seed=seed)))


def test_every_draw_has_as_many_groups_as_there_are():
    draws = all_draws(17, n_draws=40, seed=3)
    assert draws.shape == (40, 17)
    assert (draws.sum(axis=1) == 17).all()


def test_groups_are_drawn_as_a_multinomial():
    # Mean 1 and variance 1 - 1/G of each group's count; 20,000 draws of 5 put the standard error of the mean at 0.003.
    draws = all_draws(5, n_draws=20_000, seed=0)
    assert draws.mean(axis=0) == pytest.approx(np.ones(5), abs=0.02)
    assert draws.var(axis=0) == pytest.approx(np.full(5, 0.8), abs=0.03)


def test_seed_decides_and_zero_is_a_seed():
    assert (all_draws(9, n_draws=5, seed=0) == all_draws(9, n_draws=5, seed=0)).all()
    assert (all_draws(9, n_draws=5, seed=0) != all_draws(9, n_draws=5, seed=1)).any()


def test_draws_do_not_depend_on_how_many_fit_into_memory(monkeypatch):
    whole = all_draws(7, n_draws=23, seed=4)
    monkeypatch.setattr(resampling, "_CELLS_PER_CHUNK", 21)
    parts = list(group_draws(7, n_draws=23, seed=4))
    assert len(parts) == 8
    assert (np.concatenate(parts) == whole).all()


def test_percentile_interval_is_the_middle_of_the_draws():
    # By hand: of 0, 1, ..., 100 the middle 90% runs from 5 to 95.
    found = percentile_interval(np.arange(101.0), confidence=0.9)
    assert (found.low, found.high, found.confidence) == pytest.approx((5.0, 95.0, 0.9))


def test_no_draws_are_an_error():
    with pytest.raises(DataError, match=r"bootstrap draws: (.|\n)*got: 0 rows"):
        percentile_interval(np.array([]))


def test_no_groups_are_an_error():
    with pytest.raises(DataError, match="got: 0 rows"):
        all_draws(0, n_draws=3, seed=0)


# Two groups, one of ones and one of twos and threes: a draw has the first twice (1), the second twice (2.5) or both.
def test_the_interval_of_a_mean_draws_whole_groups():
    values, groups = np.array([1.0, 1.0, 2.0, 3.0]), np.array([0, 0, 1, 1])
    found = mean_interval(values, groups=groups, seed=0)
    assert (found.low, found.high) == (1.0, 2.5)
