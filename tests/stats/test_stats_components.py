import numpy as np
import pytest
from scipy import special

from suffice.errors import DataError
from suffice.stats.components import Run, borrowed, components

V = 2_000


def grid(rng, *, sizes, seeds, subset, training, pool=10_000, trainings=1, groups=1):
    """Runs whose accuracies about 0.8 have these standard deviations: of the subset at a small share of the pool, and
    of the training; rows are as hard in every run, and answers differ by chance besides.
    """
    hard = np.repeat(rng.standard_normal(V // groups), groups)
    density = np.exp(-(special.ndtri(0.8) ** 2) / 2) / np.sqrt(2 * np.pi) / np.sqrt(2)
    runs = []
    for n in sizes:
        for k in range(seeds):
            of_subset = subset * np.sqrt(1 - n / pool) * rng.standard_normal()
            for t in range(trainings):
                effect = (of_subset + training * rng.standard_normal()) / density
                level = special.ndtri(0.8) * np.sqrt(2) + effect
                right = level + hard + rng.standard_normal(V) > 0
                runs.append(Run(n=n, subset_seed=k, training_seed=100 * k + t, right=right))
    return runs


def test_both_variances_are_told_apart_where_a_subset_has_several_seeds():
    rng = np.random.default_rng(0)
    found = [
        components(
            grid(rng, sizes=(1_000,), seeds=8, trainings=4, subset=0.03, training=0.015), n_pool=10_000, groups=None
        )
        for _ in range(40)
    ]
    # By 7 and 24 degrees of freedom; the prior of their ratio draws the first a tenth towards the second.
    assert np.mean([one.of_subset(1_000) for one in found]) == pytest.approx(0.9 * 0.9 * 0.03**2, rel=0.2)
    assert np.mean([one.of_training(1_000) for one in found]) == pytest.approx(0.015**2, rel=0.1)
    assert {one.df for one in found} == {31.0}


def test_answers_that_differ_by_chance_are_no_seed_variance():
    rng = np.random.default_rng(1)
    runs = grid(rng, sizes=(1_000,), seeds=40, subset=0.0, training=0.0)
    plain = np.var([run.right.mean() for run in runs], ddof=1)
    found = components(runs, n_pool=10_000, groups=None)
    # Accuracies vary by about 0.16 * 0.45 / 2,000 though no run is better than another.
    assert plain > 2e-5
    assert found.of_subset(1_000) + found.of_training(1_000) < 0.4 * plain


def test_sizes_are_pooled_and_the_slope_is_seen():
    rng = np.random.default_rng(2)
    # A training deviation of 4 points at 250 rows and of 1 at 4,000: a slope of the variance of -1.
    runs = [
        run
        for n in (250, 500, 1_000, 2_000, 4_000)
        for run in grid(rng, sizes=(n,), seeds=10, subset=0.0, training=0.04 * (n / 250) ** -0.5)
    ]
    found = components(runs, n_pool=10**9, groups=None)
    assert found.slope == pytest.approx(-1.0, abs=0.3)
    assert found.of_subset(4_000) + found.of_training(4_000) == pytest.approx(0.01**2, rel=0.5)
    # Nine at each of five sizes, one of them taken by the slope.
    assert found.df == 44.0


def test_nothing_of_the_subset_is_left_where_the_pool_is_drawn_whole():
    rng = np.random.default_rng(3)
    found = components(grid(rng, sizes=(500, 1_000), seeds=3, subset=0.02, training=0.01), n_pool=1_000, groups=None)
    assert found.of_subset(1_000) == 0.0
    assert found.of_subset(500) > 0.0
    # Runs on the whole pool differ in the training alone, whatever their subset seeds say: two and two, less the slope.
    assert found.df == 3.0


def test_runs_that_answer_alike_have_next_to_no_variance():
    right = np.arange(100) < 80
    runs = [Run(n=100, subset_seed=k, training_seed=k, right=right) for k in range(3)]
    found = components(runs, n_pool=1_000, groups=None)
    assert 0.0 <= found.of_subset(100) + found.of_training(100) < 1e-9


def test_one_seed_at_each_size_tells_nothing():
    rng = np.random.default_rng(4)
    runs = grid(rng, sizes=(250, 500), seeds=1, subset=0.02, training=0.02)
    assert components(runs, n_pool=1_000, groups=None) is None


def test_what_is_borrowed_is_marked_and_the_same():
    rng = np.random.default_rng(5)
    own = components(grid(rng, sizes=(250,), seeds=3, subset=0.02, training=0.02), n_pool=1_000, groups=None)
    taken = borrowed(own, rung="tfidf")
    assert (own.borrowed_from, taken.borrowed_from) == (None, "tfidf")
    assert taken.of_training(250) == own.of_training(250)


def test_chance_within_groups_is_taken_out_by_group():
    rng = np.random.default_rng(6)
    runs = []
    for k in range(30):
        # Ten rows of a group are right or wrong together, by chance of each run: no run is better than another.
        right = np.repeat(rng.random(V // 10) < 0.8, 10)
        runs.append(Run(n=100, subset_seed=k, training_seed=k, right=right))
    plain = np.var([run.right.mean() for run in runs], ddof=1)
    by_group = components(runs, n_pool=10_000, groups=np.arange(V) // 10)
    by_row = components(runs, n_pool=10_000, groups=None)
    assert by_group.of_subset(100) + by_group.of_training(100) < 0.4 * plain
    assert by_row.of_subset(100) + by_row.of_training(100) > 0.6 * plain


def test_no_run_is_an_error_not_a_zero():
    with pytest.raises(DataError, match=r"runs: a figure needs at least one row\n  got: 0 rows\n  fix: "):
        components([], n_pool=10, groups=None)
