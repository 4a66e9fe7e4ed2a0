"""Cumulative sums: when a stream began to be another one, and how seldom a threshold is crossed while it is not."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

N_TAIL = 50
"""Highest peaks that the tail is fitted to."""


def cusum(increments: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cumulative sums that begin again whenever they would fall below nothing, shape [T].

    Args:
        increments: evidence of each request, negative in the mean while nothing has changed, shape [T].

    Source: Page (1954), Continuous Inspection Schemes, Biometrika 41.
    """
    total = np.cumsum(increments)
    return np.asarray(total - np.minimum(np.minimum.accumulate(total), 0.0))


def peaks(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """The highest value of each excursion above nothing, shape [E].

    Args:
        sums: as `cusum` gives them, shape [T].

    Source: excursions as the cycles between returns to 0 that Page (1954), Biometrika 41, takes the scheme apart into.
    """
    above = sums > 0.0
    if not above.any():
        return np.empty(0)
    begins = np.flatnonzero(above & ~np.append(False, above[:-1]))
    return np.asarray(np.maximum.reduceat(sums, begins))


def threshold(found: Sequence[NDArray[np.float64]], *, n: int, rate: float, n_tail: int = N_TAIL) -> float:
    """The height that excursions cross so often in the mean.

    The times between crossings of a high threshold are about exponential, and their logarithm grows as the threshold
    does; so the tail of the peaks is an exponential one. Its scale is known no better than the highest peaks tell it:
    the height is read off the predictive distribution of the next peak, which allows for that the more, the further it
    lies beyond what was seen.

    Args:
        found: peaks of streams in which nothing has changed, any number of arrays.
        n: requests in all of these streams.
        rate: crossings for each request, above 0.
        n_tail: highest peaks that the tail is fitted to.

    Returns:
        The threshold. Where the streams had hardly an excursion, so that nothing can be fitted, the logarithm of
        requests to a crossing: sums of log-likelihood ratios are above h no more often than once in exp(h) requests.

    Source: Siegmund (1985), Sequential Analysis, chapter II.6, for the exponential law. Of m peaks with mean excess s
        over the next one, the predictive probability of an excess x is (1 + x / (m s))^-m, under the prior 1 / scale:
        Geisser (1993), Predictive Inference, section 2.2. For the bound without a fit: Lorden (1971), Procedures for
        reacting to a change in distribution, Annals of Mathematical Statistics 42, theorem 2.
    """
    heights = np.sort(np.concatenate([*found, np.empty(0)]))[::-1][: n_tail + 1]
    if len(heights) < 2:
        return -math.log(rate)
    low, tail = heights[-1], heights[:-1]
    scale = float((tail - low).mean())
    m = len(tail)
    return float(low + m * scale * math.expm1(math.log(m / (rate * n)) / m))


def crossing(sums: NDArray[np.float64], height: float) -> tuple[int, int] | None:
    """Where a threshold is first crossed, and where the excursion that does it began.

    Args:
        sums: as `cusum` gives them, shape [T].
        height: the threshold.

    Returns:
        Position of the first sum above it, and of the first request of that excursion: the likeliest time of the
        change (Page, 1954). None where none is above it.
    """
    above = np.flatnonzero(sums > height)
    if not len(above):
        return None
    at = int(above[0])
    zeros = np.flatnonzero(sums[:at] <= 0.0)
    return at, int(zeros[-1]) + 1 if len(zeros) else 0
