"""How much the accuracy of a rung moves with the rows that it was given and the seed that it was trained with.

The accuracy of a run on a fixed set of rows is that of its recipe plus an effect of the subset and one of the training
seed, whose variances are

    s_sub(n)^2 (1 - n / N)   and   s_train(n)^2,

with n of the N rows of the pool drawn (none of its variance is left where all are; of more rows than the pool has those
beyond it are drawn by chance, and the factor is 1 - N / n), both log-linear in n with one slope. A few seeds at each
size say little; all sizes of a rung together say more, and the slope and the ratio of the two are held by weak priors
where the runs do not tell them. Runs differ on single rows too, without being better or worse as a whole: that part of
the spread between their accuracies is estimated from the rows and taken out, since the resampling of rows
(`recipe.example_draws`) has it already.

Source: the two-way layout of runs and rows, and what the mean squares are expected to be: Searle, Casella and McCulloch
(1992), Variance Components, sections 4.3 and 4.7; the factor for a finite pool: Cochran (1977), Sampling Techniques,
3rd ed., section 2.6; log-linear variances by the likelihood of the chi-squared law: Aitkin (1987), Modelling Variance
Heterogeneity in Normal Regression Using GLIM, Applied Statistics 36, 332-339.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from suffice.stats.groups import codes_or_rows
from suffice.stats.scored import require_rows

SLOPE_PRIOR = (0.0, 0.5)
"""Mean and standard deviation of the slope of the log variance in log n: none, which is the careful side at the largest
size, unless the runs show one. This project's."""
RATIO_PRIOR = (0.0, 2.0)
"""Mean and standard deviation of the log of s_sub^2 over s_train^2: equal, give or take a factor of seven. It
decides where every run has a subset and a training seed of its own, and hardly counts elsewhere. This project's."""
_LEAST = float(np.log(1e-12))


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One training run of a rung, on the rows that compare runs."""

    n: int
    """Training rows."""
    subset_seed: int
    """Which rows these are."""
    training_seed: int
    """Of initialisation and order."""
    right: NDArray[np.bool_]
    """Whether each row was answered right, shape [V]; the same rows for all runs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Components:
    """Variances of one run's accuracy about its recipe's, on fixed rows."""

    n_pool: int
    """N: rows that subsets are drawn from."""
    log_subset: float
    """Log of s_sub(n)^2 at n = 1."""
    log_training: float
    """Log of s_train(n)^2 at n = 1."""
    slope: float
    """Of both logs in log n."""
    df: float
    """Degrees of freedom behind them, at least 1."""
    borrowed_from: str | None = None
    """The rung that they were measured on, where it is another one."""

    def of_subset(self, n: int) -> float:
        """Variance due to which n rows were drawn, or would be drawn beyond the pool."""
        shared = min(n, self.n_pool) / max(n, self.n_pool)
        return float(np.exp(self.log_subset + self.slope * np.log(n))) * (1.0 - shared)

    @property
    def on_the_same_rows(self) -> Components:
        """What is left between two runs that were given the same rows: which these were moves both alike."""
        return replace(self, log_subset=-np.inf)

    def of_training(self, n: int) -> float:
        """Variance due to the training seed, n rows given."""
        return float(np.exp(self.log_training + self.slope * np.log(n)))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Spread:
    """What one set of comparable means spreads, and what it is expected to."""

    n: int
    df: int
    observed: float
    """Variance between the means."""
    n_subset: float
    """How much of s_sub(n)^2 (1 - n / N) is expected in it: 1 between subsets, 0 within one."""
    n_training: float
    """How much of s_train(n)^2."""
    of_rows: float
    """What runs that differ on single rows alone would spread."""


def components(runs: Sequence[Run], *, n_pool: int, groups: NDArray[np.int64] | None) -> Components | None:
    """Pools the spread between the runs of one rung over all its sizes.

    Args:
        runs: of one rung, all on the same rows, in any design: each its own seeds, or several training seeds a subset.
        n_pool: rows that subsets are drawn from.
        groups: group of each of the V rows as a number, shape [V]; None where every row is its own.

    Returns:
        The components; None where no two runs of one size differ in a seed (`borrowed` is the way on).

    Raises:
        DataError: there is no run, or a run without a row.

    Source: the module's docstring.
    """
    require_rows(len(runs), what="runs")
    require_rows(len(runs[0].right))
    spreads = [spread for n in sorted({run.n for run in runs}) for spread in _spreads(runs, n, n_pool, groups)]
    if not spreads:
        return None
    centre = float(np.average([np.log(one.n) for one in spreads], weights=[one.df for one in spreads]))
    log_subset, log_training, slope = _fit(spreads, n_pool=n_pool, centre=centre)
    n_sizes = len({one.n for one in spreads})
    return Components(
        n_pool=n_pool,
        log_subset=log_subset - slope * centre,
        log_training=log_training - slope * centre,
        slope=slope,
        # The slope takes one, where there are sizes to see it by.
        df=max(1.0, sum(one.df for one in spreads) - float(n_sizes > 1)),
    )


def borrowed(of: Components, *, rung: str) -> Components:
    """The components of a sibling, for a rung that has one seed.

    Args:
        of: the sibling's.
        rung: its name, which every figure made with them must show.
    """
    return replace(of, borrowed_from=rung)


def _spreads(runs: Sequence[Run], n: int, n_pool: int, groups: NDArray[np.int64] | None) -> Iterable[_Spread]:
    """Within each subset of one size, and between them; of the whole pool there is one subset alone."""
    of_subset: dict[int | None, list[NDArray[np.bool_]]] = {}
    for run in runs:
        if run.n == n:
            of_subset.setdefault(None if n >= n_pool else run.subset_seed, []).append(run.right)
    for rights in of_subset.values():
        if len(rights) > 1:
            yield _spread(n, np.stack(rights), groups, n_subset=0.0, n_training=1.0)
    if len(of_subset) > 1:
        means = np.stack([np.mean(rights, axis=0) for rights in of_subset.values()])
        share = float(np.mean([1.0 / len(rights) for rights in of_subset.values()]))
        yield _spread(n, means, groups, n_subset=1.0, n_training=share)


def _spread(
    n: int, means: NDArray[np.generic], groups: NDArray[np.int64] | None, *, n_subset: float, n_training: float
) -> _Spread:
    right = means.astype(np.float64)
    df, (codes, n_groups) = len(right) - 1, codes_or_rows(right.shape[1], groups)
    away = right - right.mean(axis=1, keepdims=True) - right.mean(axis=0) + right.mean()
    by_group = np.stack([np.bincount(codes, weights=one, minlength=n_groups) for one in away])
    of_rows = n_groups / max(1, n_groups - 1) * float((by_group**2).sum()) / df / right.shape[1] ** 2
    observed = float(right.mean(axis=1).var(ddof=1))
    return _Spread(n=n, df=df, observed=observed, n_subset=n_subset, n_training=n_training, of_rows=of_rows)


def _fit(spreads: Sequence[_Spread], *, n_pool: int, centre: float) -> tuple[float, float, float]:
    """Log variances at log n = `centre` and the slope, the likeliest given the priors."""
    df, observed, n_subset, n_training, of_rows, log_n = np.array(
        [
            (s.df, s.observed, s.n_subset * max(0.0, 1.0 - s.n / n_pool), s.n_training, s.of_rows, np.log(s.n))
            for s in spreads
        ]
    ).T
    # Runs that answer alike on every row leave nothing to divide by.
    tiny = 1e-12

    def lost(parameters: NDArray[np.float64]) -> float:
        log_subset, log_training, slope = parameters
        scale = np.exp(slope * (log_n - centre))
        expected = scale * (n_subset * np.exp(log_subset) + n_training * np.exp(log_training)) + of_rows + tiny
        by_data = float((df / 2.0 * (np.log(expected) + observed / expected)).sum())
        by_slope = ((slope - SLOPE_PRIOR[0]) / SLOPE_PRIOR[1]) ** 2 / 2.0
        by_ratio = ((log_subset - log_training - RATIO_PRIOR[0]) / RATIO_PRIOR[1]) ** 2 / 2.0
        return by_data + float(by_slope + by_ratio)

    start = float(np.log(max(float(np.average(observed, weights=df)), tiny) / 2.0 + tiny))
    found = optimize.minimize(
        lost, np.array([start, start, SLOPE_PRIOR[0]]), method="L-BFGS-B", bounds=[(_LEAST, 0.0)] * 2 + [(-2.0, 1.0)]
    )
    return float(found.x[0]), float(found.x[1]), float(found.x[2])
