"""How often answers are right: what a model says of all of them, corrected by the few whose label is known."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import special

from suffice.records.evaluation import Interval
from suffice.stats.scored import require_rows

LEAST_ROWS = 2


def prediction_powered_mean(
    said: NDArray[np.float64], known_said: NDArray[np.float64], known: NDArray[np.float64], *, confidence: float = 0.95
) -> tuple[float, Interval]:
    """The mean of what is true, and an interval that holds the error of both samples.

    Args:
        said: what a model says of the rows whose truth is not known, shape [N].
        known_said: what it says of rows drawn like them whose truth is, shape [n].
        known: their truth, shape [n].
        confidence: nominal two-sided coverage.

    Raises:
        DataError: fewer than two rows of either kind.

    Source: Angelopoulos, Bates, Fannjiang, Jordan and Zrnic (2023), Prediction-powered inference, Science 382, the mean
        (algorithm 1).
    """
    for rows in (said, known):
        require_rows(len(rows) if len(rows) >= LEAST_ROWS else 0)
    off = known - known_said
    mean = float(said.mean() + off.mean())
    half = float(special.ndtri(0.5 + confidence / 2.0)) * math.sqrt(
        float(said.var(ddof=1)) / len(said) + float(off.var(ddof=1)) / len(off)
    )
    return mean, Interval(low=max(mean - half, 0.0), high=min(mean + half, 1.0), confidence=confidence)
