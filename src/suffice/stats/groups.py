"""Rows that belong together: their codes, and how much less they tell than independent rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from suffice.stats.scored import require_rows


def group_codes(groups: Sequence[str | None]) -> NDArray[np.int64]:
    """Group names as numbers in the order of first appearance; a row without a name is a group of its own.

    Args:
        groups: length N.

    Returns:
        Codes 0 to G - 1, shape [N].
    """
    first_seen: dict[object, int] = {}
    keys = (name if name is not None else row for row, name in enumerate(groups))
    return np.array([first_seen.setdefault(key, len(first_seen)) for key in keys], dtype=np.int64)


def codes_or_rows(n: int, groups: NDArray[np.int64] | None) -> tuple[NDArray[np.int64], int]:
    """Group codes without gaps, shape [n], and how many groups there are; each row its own where `groups` is None."""
    if groups is None:
        return np.arange(n, dtype=np.int64), n
    assert len(groups) == n, "every row has a group"
    names, codes = np.unique(groups, return_inverse=True)
    return codes.astype(np.int64), len(names)


def design_effect(values: ArrayLike, groups: NDArray[np.int64] | None) -> float | None:
    """How many times larger the variance of a mean is because rows come in groups: at least 1.

    The mean is a ratio of sums over groups (what they hold, how many rows they have). Its variance, linearised, with
    groups as the units drawn, is divided by that of the same rows drawn one by one. Less than 1 is noise and becomes 1.
    Where all values are the same there is no variance to compare, and the largest possible effect is taken: that of
    groups that are wholly right or wholly wrong. One group alone counts as one row.

    Args:
        values: right or wrong (0/1) of each row, or the difference of two models (-1, 0, 1), shape [N].
        groups: group of each row as a number, shape [N]; None means that every row is its own group.

    Returns:
        The factor, or None where every row is its own group.

    Raises:
        DataError: there are no rows.

    Source:
        Ratio of cluster sums, linearised: Cochran (1977), Sampling Techniques, 3rd ed., section 3.12.
        Wholly alike groups: Kish (1965), Survey Sampling, chapter 5, 1 + roh (m - 1) at roh = 1.
    """
    value = np.asarray(values, dtype=np.float64)
    n = len(value)
    require_rows(n)
    codes, n_groups = codes_or_rows(n, groups)
    if n_groups == n:
        return None
    if n_groups == 1 or (value == value[0]).all():
        return float((np.bincount(codes).astype(np.float64) ** 2).sum() / n)
    residual = np.bincount(codes, weights=value - value.mean())
    together = n_groups / (n_groups - 1) * float(residual @ residual) / n**2
    return max(1.0, together / (float(value.var(ddof=1)) / n))
