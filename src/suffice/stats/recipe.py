"""What a recipe's accuracy may be, over rows and seeds: joint draws for several recipes, and the interval of one.

A recipe is a rung at a number of training rows, whatever the rows and the seed. The variance of its mean accuracy over
S runs is that of the rows judged on, which all runs and all recipes share, plus that of the seeds (`components`), which
shrinks with their number. A percentile bootstrap over two, three or five seeds covers 50, 62 and 78% of a nominal 90%:
seeds are not resampled here, their effect is drawn by the law that an estimated variance asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from suffice.records.evaluation import Interval
from suffice.stats.components import Components
from suffice.stats.groups import codes_or_rows
from suffice.stats.resampling import N_DRAWS, percentile_interval
from suffice.stats.scored import require_rows

FLOOR = 0.25
"""Of the variance due to rows: what one run's seed variance is taken for at least, the subset's and the training's
together, before it is divided by the number of runs. Few seeds that happen to agree are no proof that seeds do not
matter. Source: STATISTICS of the project, section 3."""
COUNTED = 0.5
"""The same, where degrees of freedom are counted: with a smaller share of little known seeds the interval would be that
of rows alone. This project's, chosen by simulation (docs/decisions/0017)."""
_JEFFREYS = 0.5
_CELLS_PER_CHUNK = 1_000_000  # eight megabytes of weights at a time


@dataclass(frozen=True, kw_only=True, slots=True)
class Runs:
    """How often a recipe is run, whatever comes out."""

    n: int
    """Training rows of each run."""
    n_runs: int = 1
    n_subsets: int = 1
    """Different subsets among them, 1 to `n_runs`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """The runs of one rung at one number of training rows."""

    right: NDArray[np.bool_]
    """Whether each run answered each row right, shape [S, V]; recipes that are drawn together have the same V rows."""
    n: int
    """Training rows of each run."""
    n_subsets: int
    """Different subsets among the S runs, 1 to S."""
    components: Components | None
    """Seed variances of the rung. None leaves the seeds out: what is drawn is then the accuracy of these very runs and
    not of the recipe, and whoever prints it says "this run"."""

    @property
    def runs(self) -> Runs:
        """How many they are."""
        return Runs(n=self.n, n_runs=len(self.right), n_subsets=self.n_subsets)


def example_draws(
    means: NDArray[np.float64], *, groups: NDArray[np.int64] | None, n_draws: int, seed: int
) -> NDArray[np.float64]:
    """Means over resampled rows: in each draw one set of weights for all recipes.

    The Bayesian bootstrap: every group of rows has a weight drawn from the exponential law. Beside them stand half a
    right group and half a wrong one, so that the draws of a single run on independent rows are those of the Beta law
    with half a row more on either side: where all rows are right, the accuracy is still not certain to be 1.

    Args:
        means: of each recipe, how often its runs answered each row right, 0 to 1, shape [R, V].
        groups: group of each row as a number, shape [V]; None where every row is its own.
        n_draws: draws.
        seed: of the weights; the same seed and rows, the same weights.

    Returns:
        Accuracy of each recipe in each draw, shape [R, D].

    Raises:
        DataError: there are no rows.

    Source: Rubin (1981), The Bayesian Bootstrap, Annals of Statistics 9, 130-134; half a row on either side is
        Jeffreys' prior: Brown, Cai and DasGupta (2001), Statistical Science 16, section 3.1.3; whole groups are drawn:
        Davison and Hinkley (1997), Bootstrap Methods and their Application, section 3.8.
    """
    n_recipes, n_rows = means.shape
    require_rows(n_rows)
    codes, n_groups = codes_or_rows(n_rows, groups)
    gained = np.stack([np.bincount(codes, weights=one, minlength=n_groups) for one in means], axis=1)
    size = np.bincount(codes, minlength=n_groups).astype(np.float64)
    typical = n_rows / n_groups
    generator, draws = np.random.default_rng([seed, 0]), np.empty((n_recipes, n_draws))
    chunk = max(1, _CELLS_PER_CHUNK // n_groups)
    for first in range(0, n_draws, chunk):
        n = min(chunk, n_draws - first)
        weights = generator.standard_exponential((n, n_groups))
        right, wrong = typical * generator.standard_gamma(_JEFFREYS, (2, n, 1))
        draws[:, first : first + n] = ((weights @ gained + right) / (weights @ size[:, None] + right + wrong)).T
    return draws


def seed_draws(
    of: Components,
    runs: Runs,
    *,
    example_variance: float,
    normal: NDArray[np.float64],
    level: NDArray[np.float64],
) -> NDArray[np.float64]:
    """How far the mean of the runs may lie from the recipe's accuracy because of their seeds; shape [D].

    A normal with a variance that is itself drawn, since few seeds tell it badly. The variance of rows and seeds
    together is drawn from the scaled inverse chi-squared law with Satterthwaite's degrees of freedom, and what the rows
    do not explain of it is the seeds'. Where the seeds are all of it, their effect is Student's t with the pooled
    degrees of freedom. Where they are a small part, that t added to the effect of rows would reach much too far: with
    two seeds at one size a nominal 90% covered 99% (docs/decisions/0017).

    Args:
        of: seed variances of the rung.
        runs: how many.
        example_variance: of their mean over rows.
        normal: standard normal, of this recipe, shape [D].
        level: uniform on 0 to 1, shape [D]; all recipes of one rung have the same, for it is one estimate that they may
            be wrong by.

    Source: Satterthwaite (1946), An Approximate Distribution of Estimates of Variance Components, Biometrics Bulletin
        2, 110-114; docs/decisions/0017.
    """
    of_seeds = variance_of_seeds(of, runs, example_variance=example_variance)
    if of_seeds == 0.0:
        return np.zeros_like(normal)
    counted = max(of_seeds, COUNTED * example_variance / runs.n_runs)
    df = of.df * ((example_variance + counted) / counted) ** 2
    together = (example_variance + of_seeds) * df / stats.chi2.ppf(level, df)
    return np.asarray(np.sqrt(np.maximum(together - example_variance, 0.0)) * normal)


def variance_of_seeds(of: Components, runs: Runs, *, example_variance: float) -> float:
    """Variance of the mean over runs because of their seeds.

    Args:
        of: seed variances of the rung.
        runs: how many.
        example_variance: of the recipe's mean over rows, which the floor is a share of.

    Source: STATISTICS of the project, section 3.
    """
    assert 1 <= runs.n_subsets <= runs.n_runs, "runs have subsets"
    measured = of.of_subset(runs.n) / runs.n_subsets + of.of_training(runs.n) / runs.n_runs
    return max(measured, FLOOR * example_variance / runs.n_runs)


def recipe_draws(
    recipes: Sequence[Recipe], *, groups: NDArray[np.int64] | None, seed: int, n_draws: int = N_DRAWS
) -> NDArray[np.float64]:
    """Accuracies that the recipes may have, drawn together.

    In one draw all recipes are judged on the same resample of rows, recipes of one rung share how far off its seed
    variance is, and each has a seed effect of its own.

    Args:
        recipes: at least one, all on the same V rows.
        groups: group of each row as a number, shape [V]; None where every row is its own.
        seed: of the draws.
        n_draws: draws.

    Returns:
        Shape [R, D], each within 0 to 1.

    Raises:
        DataError: there are no recipes or no rows.

    Source: joint draws: STATISTICS of the project, section 6; their parts as in `example_draws` and `seed_draws`.
    """
    require_rows(len(recipes), what="recipes")
    means = np.stack([recipe.right.mean(axis=0) for recipe in recipes])
    draws = example_draws(means, groups=groups, n_draws=n_draws, seed=seed)
    estimates = dict.fromkeys(replace(one.components, borrowed_from=None) for one in recipes if one.components)
    of_rung = np.random.default_rng([seed, 1])
    levels = {one: of_rung.random(n_draws) for one in estimates}
    of_recipe = np.random.default_rng([seed, 2])
    for place, recipe in enumerate(recipes):
        normal = of_recipe.standard_normal(n_draws)
        if recipe.components is not None:
            level, variance = levels[replace(recipe.components, borrowed_from=None)], float(draws[place].var())
            draws[place] += seed_draws(
                recipe.components, recipe.runs, example_variance=variance, normal=normal, level=level
            )
    return np.clip(draws, 0.0, 1.0)


def recipe_interval(
    recipe: Recipe,
    *,
    groups: NDArray[np.int64] | None,
    seed: int,
    confidence: float = 0.9,
    n_draws: int = N_DRAWS,
) -> Interval:
    """The interval of a recipe's accuracy: the middle share of its draws.

    Args:
        recipe: its runs and its rung's seed variances.
        groups: group of each row as a number, shape [V]; None where every row is its own.
        seed: of the draws.
        confidence: nominal two-sided coverage, 0 to 1.
        n_draws: draws.

    Raises:
        DataError: there are no rows.

    Source: `recipe_draws`; how often it covers: docs/VERDICT.md.
    """
    draws = recipe_draws([recipe], groups=groups, seed=seed, n_draws=n_draws)
    return percentile_interval(draws[0], confidence=confidence)
