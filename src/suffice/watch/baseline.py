"""Which requests later ones are held against, and what of time is known from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suffice.watch.traffic import DAY_S, Traffic

LEAST_REQUESTS = 2_000
DAYS = (7, 3)
"""A baseline is the first seven days where there are more, or else the first three; before that it is the first
`LEAST_REQUESTS` requests, in which no time of the day is known from another."""
N_FOLDS = 10
"""Parts of a baseline that knows no days."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Baseline:
    """The first n requests."""

    folds: NDArray[np.int64]
    """Day of each request, counted from 0, shape [n]; parts of equal size where no days are known."""
    by_hour: bool
    """Whether it has days enough to hold each hour of the day against the same hour."""

    @property
    def n(self) -> int:
        """Requests."""
        return len(self.folds)

    @property
    def n_folds(self) -> int:
        """Days, or parts."""
        return int(self.folds[-1]) + 1


def baseline_of(traffic: Traffic) -> Baseline | None:
    """The baseline of some requests; None while there are too few for one.

    Args:
        traffic: from the first request that counts on.

    Source: STATISTICS of the project, section 7.
    """
    if len(traffic.at) < LEAST_REQUESTS:
        return None
    since = traffic.at - traffic.at[0]
    for days in DAYS:
        n = max(int(np.searchsorted(since, days * DAY_S)), LEAST_REQUESTS)
        if since[-1] > days * DAY_S:
            _, folds = np.unique(since[:n] // DAY_S, return_inverse=True)
            if folds[-1] + 1 >= min(DAYS):
                return Baseline(folds=folds.astype(np.int64), by_hour=True)
    return parts_of(LEAST_REQUESTS)


def parts_of(n: int) -> Baseline:
    """The first requests, in parts of equal size: no days of them are known.

    Args:
        n: how many.
    """
    return Baseline(folds=(np.arange(n) * N_FOLDS // n).astype(np.int64), by_hour=False)
