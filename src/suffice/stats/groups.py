"""Rows that belong together: their codes, and how much less they tell than independent rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from suffice.stats.scored import require_rows

LEAST_ROH = 0.05
"""How alike the rows of one group are taken to be at least (intraclass correlation). The value with which studies in
groups are customarily planned where nothing better is known.

Source: Killip, Mahfoud and Pearce (2004), What Is an Intracluster Correlation Coefficient?, Annals of Family Medicine
2, 204-208: outcomes of people in groups mostly lie between 0.01 and 0.05."""


def codes_or_rows(n: int, groups: NDArray[np.int64] | None) -> tuple[NDArray[np.int64], int]:
    """Group codes without gaps, shape [n], and how many groups there are; each row its own where `groups` is None."""
    if groups is None:
        return np.arange(n, dtype=np.int64), n
    assert len(groups) == n, "every row has a group"
    names, codes = np.unique(groups, return_inverse=True)
    return codes.astype(np.int64), len(names)


def least_design_effect(groups: NDArray[np.int64]) -> float | None:
    """The design effect that rows in groups are taken to have at least, whatever they say; None without groups.

    Few groups, or few errors among them, say little of how alike the rows of a group are: without an error they say
    nothing at all. The rows of a group are therefore never taken for less alike than `LEAST_ROH`. One group alone
    counts as one row.

    Args:
        groups: group of each row as a number, shape [N].

    Source: Kish (1965), Survey Sampling, chapter 5: 1 + roh (m - 1), with m the group size that a row meets on average.
    """
    sizes = np.bincount(codes_or_rows(len(groups), groups)[0]).astype(np.float64)
    if (sizes == 1).all():
        return None
    if len(sizes) == 1:
        return float(sizes[0])
    return 1.0 + LEAST_ROH * (float((sizes**2).sum() / sizes.sum()) - 1.0)


def design_effect(values: ArrayLike, groups: NDArray[np.int64] | None) -> float | None:
    """How many times larger the variance of a mean is because rows come in groups.

    The mean is a ratio of sums over groups (what they hold, how many rows they have). Its variance, linearised, with
    groups as the units drawn, is divided by that of the same rows drawn one by one. What comes out below
    `least_design_effect` is noise and becomes that.

    Args:
        values: right or wrong (0/1) of each row, or the difference of two models (-1, 0, 1), shape [N].
        groups: group of each row as a number, shape [N]; None means that every row is its own group.

    Returns:
        The factor, or None where every row is its own group.

    Raises:
        DataError: there are no rows.

    Source: ratio of cluster sums, linearised: Cochran (1977), Sampling Techniques, 3rd ed., section 3.12.
    """
    value = np.asarray(values, dtype=np.float64)
    n = len(value)
    require_rows(n)
    codes, n_groups = codes_or_rows(n, groups)
    least = least_design_effect(codes)
    if least is None:
        return None
    if n_groups == 1 or (value == value[0]).all():
        return least
    residual = np.bincount(codes, weights=value - value.mean())
    together = n_groups / (n_groups - 1) * float(residual @ residual) / n**2
    return max(least, together / (float(value.var(ddof=1)) / n))
