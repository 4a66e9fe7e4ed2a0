"""How often answers are right: what a model says of all of them, corrected by the few whose label is known."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import special

from suffice.records.evaluation import Interval
from suffice.stats import binomial
from suffice.stats.scored import require_rows

LEAST_ROWS = 2


def prediction_powered_mean(
    said: NDArray[np.float64], known_said: NDArray[np.float64], known: NDArray[np.float64], *, confidence: float = 0.95
) -> tuple[float, Interval]:
    """The share of what is true, and an interval that holds the error of both samples.

    Known rows that are all right, or all but one, show next to no spread, and the normal interval of what corrects the
    model's word shrinks to nothing: at 62 rows and a true share of 0.97 it missed in one of six draws. So on either
    side it is at least as wide as the exact interval of the known rows alone, and the error of the other sample is
    added in squares.

    Args:
        said: what a model says of the rows whose truth is not known, between 0 and 1, shape [N].
        known_said: what it says of rows drawn like them whose truth is, shape [n].
        known: their truth, 0 or 1, shape [n].
        confidence: nominal two-sided coverage.

    Raises:
        DataError: fewer than two rows of either kind.

    Source: Angelopoulos, Bates, Fannjiang, Jordan and Zrnic (2023), Prediction-powered inference, Science 382, the mean
        (algorithm 1); Clopper and Pearson (1934), as in `binomial.interval`, for the known rows; two intervals to that
        of a sum: Zou and Donner (2008), Construction of confidence limits about effect measures, Statistics in
        Medicine 27.
    """
    for rows in (said, known):
        require_rows(len(rows) if len(rows) >= LEAST_ROWS else 0)
    off, share = known - known_said, float(known.mean())
    mean = float(said.mean() + off.mean())
    z = float(special.ndtri(0.5 + confidence / 2.0))
    of_known, of_said = (z * math.sqrt(float(rows.var(ddof=1)) / len(rows)) for rows in (off, said))
    exact = binomial.interval(float(known.sum()), len(known), confidence=confidence)
    below, above = (math.hypot(max(of_known, side), of_said) for side in (share - exact.low, exact.high - share))
    return mean, Interval(low=max(mean - below, 0.0), high=min(mean + above, 1.0), confidence=confidence)
