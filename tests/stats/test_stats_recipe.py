import numpy as np
import pytest
from scipy import stats

from suffice.errors import DataError
from suffice.stats.components import Components, borrowed
from suffice.stats.recipe import Recipe, Runs, example_draws, recipe_draws, recipe_interval, variance_of_seeds


def seeds(training, *, subset=0.0, df=4.0, n_pool=1_000):
    """Standard deviations at any size."""
    with np.errstate(divide="ignore"):
        logs = 2 * np.log([subset, training])
    return Components(n_pool=n_pool, log_subset=logs[0], log_training=logs[1], slope=0.0, df=df)


def recipe(right, components, *, n=100, n_subsets=None):
    right = np.atleast_2d(right)
    return Recipe(right=right, n=n, n_subsets=n_subsets or len(right), components=components)


def some(n_runs=3, n=500, *, accuracy=0.85, seed=0):
    return np.random.default_rng(seed).random((n_runs, n)) < accuracy


def test_draws_over_rows_are_those_of_jeffreys_law_for_one_run():
    right = np.arange(200) < 170
    draws = example_draws(right[None].astype(float), groups=None, n_draws=40_000, seed=0)[0]
    law = stats.beta(170.5, 30.5)
    for share in (0.05, 0.5, 0.95):
        assert np.quantile(draws, share) == pytest.approx(law.ppf(share), abs=0.001)


def test_all_rows_right_is_not_certain_to_be_all():
    found = recipe_interval(recipe(np.ones(100, dtype=bool), None), groups=None, seed=0)
    # Beta(100.5, 0.5).
    assert found.low == pytest.approx(stats.beta(100.5, 0.5).ppf(0.05), abs=0.003)
    assert found.low < found.high <= 1.0


def test_all_recipes_are_judged_on_one_resample_of_rows():
    right = some(1)
    better = right.copy()
    better[0, np.flatnonzero(~right[0])[:10]] = True
    draws = recipe_draws([recipe(right, None), recipe(better, None), recipe(right, None)], groups=None, seed=0)
    assert (draws[0] == draws[2]).all()
    # Ten rows won and none lost: never worse, and the spread of the gain is that of ten rows of 500.
    gain = draws[1] - draws[0]
    assert gain.min() > 0.0
    assert gain.std() == pytest.approx(np.sqrt(0.02 * 0.98 / 500), rel=0.15)
    assert draws[0].std() > 2 * gain.std()


def test_copies_in_one_group_widen_the_draws():
    right = np.repeat(some(1, 300), 4, axis=1)
    alone = recipe_draws([recipe(right, None)], groups=None, seed=0)
    together = recipe_draws([recipe(right, None)], groups=np.repeat(np.arange(300), 4), seed=0)
    assert together.std() / alone.std() == pytest.approx(2.0, rel=0.1)


def test_seed_variance_of_the_mean_by_hand():
    components = seeds(0.02, subset=0.03)
    # Four runs on two subsets of 100 of 1,000 rows: 0.0009 * 0.9 / 2 + 0.0004 / 4.
    of = Runs(n=100, n_runs=4, n_subsets=2)
    assert variance_of_seeds(components, of, example_variance=1e-9) == pytest.approx(0.0009 * 0.9 / 2 + 0.0004 / 4)
    # The whole pool: nothing of the subset.
    whole = Runs(n=1_000, n_runs=4)
    assert variance_of_seeds(components, whole, example_variance=1e-9) == pytest.approx(0.0004 / 4)
    # Four times the pool, of which three quarters are rows that nobody has seen.
    more = Runs(n=4_000)
    assert variance_of_seeds(components, more, example_variance=1e-9) == pytest.approx(0.0009 * 0.75 + 0.0004)


def test_seed_variance_of_a_run_is_a_quarter_of_the_rows_at_least():
    two = Runs(n=100, n_runs=2, n_subsets=2)
    assert variance_of_seeds(seeds(0.0), two, example_variance=0.0004) == pytest.approx(0.0001 / 2)


def test_seeds_widen_the_interval_and_few_degrees_of_freedom_more():
    right = some()
    widths = []
    for components in (None, seeds(0.0), seeds(0.03, df=50.0), seeds(0.03, df=2.0)):
        found = recipe_interval(recipe(right, components), groups=None, seed=0)
        widths.append(found.high - found.low)
    assert widths == sorted(widths)
    assert widths[3] > 1.2 * widths[2]


def test_seeds_that_are_nearly_all_of_it_give_students_t():
    # 5,000 rows: a deviation of 0.7 points; one run with one of 5 points by 6 degrees of freedom.
    right = np.arange(5_000) % 2 == 0
    found = recipe_interval(recipe(right, seeds(0.05, df=6.0)), groups=None, seed=0, n_draws=10_000)
    reach = 0.05 * stats.t(6).ppf(0.95)
    assert (found.low, found.high) == pytest.approx((0.5 - reach, 0.5 + reach), abs=0.005)


def test_recipes_of_one_rung_share_how_far_off_its_variance_is():
    right = np.arange(5_000) % 2 == 0
    own, other = seeds(0.05, df=2.0), seeds(0.051, df=2.0)
    one, two, taken, apart = recipe_draws(
        [recipe(right, own), recipe(right, own), recipe(right, borrowed(own, rung="tfidf")), recipe(right, other)],
        groups=None,
        seed=0,
        n_draws=4_000,
    )
    far = [np.abs(draws - 0.5) for draws in (one, two, taken, apart)]
    # Effects are each recipe's own, and large in the same draws where the estimate is the same one.
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.1
    assert stats.spearmanr(far[0], far[1])[0] > 0.2
    assert stats.spearmanr(far[0], far[2])[0] > 0.2
    assert abs(stats.spearmanr(far[0], far[3])[0]) < 0.08


def test_draws_are_accuracies_and_the_seed_decides_them():
    of = recipe(some(2, 50, accuracy=0.98), seeds(0.05, df=1.0))
    draws = [recipe_draws([of], groups=None, seed=seed) for seed in (0, 0, 1)]
    assert 0.0 <= draws[0].min() <= draws[0].max() <= 1.0
    assert (draws[0] == draws[1]).all()
    assert (draws[0] != draws[2]).any()


def test_nothing_scored_is_an_error_not_a_zero():
    with pytest.raises(DataError, match=r"got: 0 rows(.|\n)*fix: check that the split has rows"):
        recipe_interval(recipe(np.zeros((1, 0), dtype=bool), None), groups=None, seed=0)
    with pytest.raises(DataError, match="recipes: a figure needs at least one row"):
        recipe_draws([], groups=None, seed=0)
