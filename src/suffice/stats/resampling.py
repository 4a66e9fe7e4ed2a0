"""The bootstrap over groups: how often each group counts in each draw, and the interval that draws give."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from suffice.records.evaluation import Interval
from suffice.stats.groups import codes_or_rows
from suffice.stats.scored import require_rows

N_DRAWS = 2_000
"""Draws for a 95% interval. Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 19."""

_CELLS_PER_CHUNK = 1_000_000  # eight megabytes of counts at a time


def group_draws(n_groups: int, *, n_draws: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Draws as many groups as there are, with replacement, `n_draws` times over.

    Args:
        n_groups: groups (or rows, where each is its own group), at least 1.
        n_draws: resamples, at least 1.
        seed: the same seed gives the same draws, whatever the memory at hand.

    Yields:
        How often each group was drawn: whole numbers, shape [some of the draws, `n_groups`]; rows sum to `n_groups`.

    Raises:
        DataError: there are no groups.

    Source: Davison and Hinkley (1997), Bootstrap Methods and their Application, section 3.8: whole groups are drawn.
    """
    require_rows(n_groups)
    rng = np.random.default_rng(seed)
    chunk = max(1, _CELLS_PER_CHUNK // n_groups)
    for first in range(0, n_draws, chunk):
        n = min(chunk, n_draws - first)
        drawn = rng.integers(n_groups, size=(n, n_groups)) + n_groups * np.arange(n)[:, None]
        yield np.bincount(drawn.ravel(), minlength=n * n_groups).reshape(n, n_groups).astype(np.float64)


def percentile_interval(draws: NDArray[np.float64], *, confidence: float = 0.95) -> Interval:
    """The middle share of bootstrap draws.

    Args:
        draws: the figure in each draw, shape [B].
        confidence: nominal two-sided coverage, 0 to 1.

    Raises:
        DataError: there are no draws.

    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, section 13.3.
    """
    require_rows(len(draws), what="bootstrap draws")
    low, high = np.quantile(draws, [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0])
    return Interval(low=float(low), high=float(high), confidence=confidence)


def mean_interval(
    values: NDArray[np.float64] | NDArray[np.bool_],
    *,
    groups: NDArray[np.int64] | None,
    seed: int,
    n_draws: int = N_DRAWS,
    confidence: float = 0.95,
) -> Interval:
    """The bootstrap interval of a mean over rows that come in groups.

    Args:
        values: of each row, shape [N].
        groups: group of each row as a number, shape [N]; None where every row is its own.
        seed: of the draws.
        n_draws: resamples.
        confidence: nominal two-sided coverage, 0 to 1.

    Raises:
        DataError: there are no rows.

    Source: Efron and Tibshirani (1993), sections 8.3 (the unit drawn) and 13.3 (percentiles).
    """
    require_rows(len(values))
    codes, n_groups = codes_or_rows(len(values), groups)
    sums, size = np.bincount(codes, weights=values), np.bincount(codes).astype(np.float64)
    draws = [(times @ sums) / (times @ size) for times in group_draws(n_groups, n_draws=n_draws, seed=seed)]
    return percentile_interval(np.concatenate(draws), confidence=confidence)
