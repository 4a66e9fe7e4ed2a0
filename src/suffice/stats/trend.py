"""Accuracy that moves with time: months of rows, and points gained or lost per month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suffice.records.evaluation import Interval
from suffice.stats.groups import codes_or_rows
from suffice.stats.resampling import N_DRAWS, group_draws, percentile_interval

MIN_MONTHS, MIN_ROWS = 3, 30
"""Months with rows enough, and rows that are enough, below which no slope is told: two months have one through any two
figures, and thirty rows at an accuracy of 0.9 have a standard error of five points. Ours."""
_UNDATED = -1
_ROUNDING = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True)
class Trend:
    """How accuracy moves with time."""

    slope: float | None
    """Accuracy gained per month, negative where it is lost."""
    interval: Interval | None
    """Percentile bootstrap over groups, 95%."""
    why_none: str | None
    """What keeps it from being measured; None where it is."""


def month_numbers(times: Sequence[str | None]) -> NDArray[np.int64]:
    """Calendar month of each row, counted from January of the year 0, shape [N]; -1 where a row has no time.

    Args:
        times: ISO 8601, length N.
    """
    return np.array([_UNDATED if not time else 12 * int(time[:4]) + int(time[5:7]) - 1 for time in times], np.int64)


def month_name(number: int) -> str:
    """`2024-01`.

    Args:
        number: from `month_numbers`.
    """
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def trend(
    right: NDArray[np.bool_],
    months: NDArray[np.int64],
    groups: NDArray[np.int64],
    *,
    seed: int,
    what: str = "month",
    held: NDArray[np.int64] | None = None,
) -> Trend:
    """The slope of accuracy over months, by least squares on single rows, with a bootstrap over groups.

    Each row is right or wrong at the position of its month; least squares on such rows weighs every month by its rows,
    and its slope is accuracy per month itself, where a logistic law would give odds that change their worth along the
    curve. Whole groups are resampled, so that rows of one customer or thread count for what they tell. Months with
    fewer than 30 rows are left out. What all rows of one month share (a campaign, an outage) is not resampled: over few
    months the interval is too narrow where months differ for reasons of their own.

    With `held` every class of rows has a level of its own and the slope is the one that they share: labels that become
    commoner or rarer then move nothing by themselves.

    Args:
        right: whether each row is right, shape [N].
        months: position of each row in months, whole numbers from 0; -1 for a row without one, shape [N].
        groups: group of each row as a number, shape [N].
        seed: of the resampling.
        what: the word for what is counted, for the reason where no slope is measured.
        held: class of each row, whose shares are to be held as they are, shape [N]; None for the slope as it is seen.

    Source:
        Performance as a line over the time between training and use: Luu et al. (2022), Time Waits for No One!, NAACL.
        A fraction as a linear function, by ordinary least squares: Angrist and Pischke (2009), Mostly Harmless
        Econometrics, section 3.1.3, and levels of classes taken out, section 5.1; cases resampled: Efron and Tibshirani
        (1993), An Introduction to the Bootstrap, section 9.5; whole groups: Davison and Hinkley (1997), section 3.8.
    """
    numbers, counts = np.unique(months[months >= 0], return_counts=True)
    enough = numbers[counts >= MIN_ROWS]
    if len(enough) < MIN_MONTHS:
        rule = f"{MIN_MONTHS} {what}s with {MIN_ROWS} rows each are needed"
        return Trend(slope=None, interval=None, why_none=f"{rule}, and there {_are(len(enough))}")
    kept = np.isin(months, enough)
    y, x = right[kept].astype(np.float64), (months[kept] - enough[0]).astype(np.float64)
    if (y == y[0]).all():
        why = f"every row is {'right' if y[0] else 'wrong'}: no change can be seen"
        return Trend(slope=None, interval=None, why_none=why)
    classes = np.zeros(len(y), np.int64) if held is None else np.unique(held[kept], return_inverse=True)[1]
    sums = _sums(x, y, classes, groups[kept])
    draws = np.concatenate(
        [_slopes(np.tensordot(times, sums, axes=1)) for times in group_draws(sums.shape[0], n_draws=N_DRAWS, seed=seed)]
    )
    slope = float(_slopes(sums.sum(axis=0, keepdims=True))[0])
    if not np.isfinite(slope):
        return Trend(slope=None, interval=None, why_none=f"no label has rows in two {what}s")
    return Trend(slope=slope, interval=percentile_interval(draws[np.isfinite(draws)]), why_none=None)


def _sums(
    x: NDArray[np.float64], y: NDArray[np.float64], classes: NDArray[np.int64], groups: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Sums of 1, x, y, xx and xy over the rows of each group (first index) and class (second), shape [G, C, 5]."""
    codes, n_groups = codes_or_rows(len(y), groups)
    n_classes = int(classes.max()) + 1
    cell = codes * n_classes + classes
    weights = (np.ones_like(y), x, y, x * x, x * y)
    sums = np.empty((n_groups * n_classes, len(weights)))
    for k, weight in enumerate(weights):
        sums[:, k] = np.bincount(cell, weights=weight, minlength=len(sums))
    return sums.reshape(n_groups, n_classes, len(weights))


def _slopes(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slopes that classes share, from sums of 1, x, y, xx and xy, shape [B, C, 5]; nan where no class has two x."""
    n, x, y, xx, xy = np.moveaxis(sums, -1, 0)
    n = np.maximum(n, 1.0)  # A class that was not drawn has nothing else but zeros either.
    spread, together = (xx - x * x / n).sum(axis=1), (xy - x * y / n).sum(axis=1)
    seen = spread > _ROUNDING
    return np.where(seen, together / np.where(seen, spread, 1.0), np.nan)


def _are(n: int) -> str:
    return "is one" if n == 1 else f"are {n or 'none'}"
