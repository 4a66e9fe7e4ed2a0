"""How a label's error falls with the training rows of that label, pooled over labels and sizes.

A mean over labels that are common and rare follows no power law in all rows: a label of which one row in a thousand is
seen is missed until there are a few, and then learned. By the rows of each label the same law holds for all of them.

Source: generalised logistic in log rows, a power law that is one where nothing was seen: Richards (1959), A Flexible
Growth Function for Empirical Use, Journal of Experimental Botany 10; priors as in `power_law`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

USUAL_EXPONENT, EXPONENT_SPREAD = 0.5, 0.25
USUAL_HALF, HALF_SPREAD = 1.0, 6.0
"""Rows of a label at which its error begins to fall, and how far their logarithm lies around that."""
FLOOR_SPREAD = 0.3
NOISE, NOISE_OF_MEAN = 0.2, 0.02
"""Standard deviation around the law of one label's error, since few rows of it are judged and labels differ, and of the
mean over labels at one size."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CountLaw:
    """error(m) = c + (1 - c) (1 + m / h) ** -b for a label with m training rows."""

    floor: float
    half: float
    exponent: float

    def error(self, m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Error of labels with so many training rows, shape of `m`.

        Args:
            m: rows, not negative.
        """
        return np.asarray(self.floor + (1.0 - self.floor) * (1.0 + m / self.half) ** -self.exponent)


def fit_count_law(m: NDArray[np.float64], error: NDArray[np.float64]) -> CountLaw:
    """The likeliest law, by least squares with weak priors.

    The mean over labels at each size counts beside the labels: what rare labels will come to is read from common ones,
    and how fast all of them have come so far from the means.

    Args:
        m: training rows of each label at each size, shape [S, K].
        error: its error there, 0 to 1; NaN where it has no row to be judged on; shape [S, K].

    Source: penalised least squares; the law: the module's docstring.
    """
    known = ~np.isnan(error)
    mean_S = np.nanmean(error, axis=1)

    def missed(parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        floor, log_half, exponent = parameters
        law_SK = CountLaw(floor=floor, half=float(np.exp(log_half)), exponent=exponent).error(m)
        of_means = (np.where(known, law_SK, 0.0).sum(axis=1) / known.sum(axis=1) - mean_S) / NOISE_OF_MEAN
        usual = [
            floor / FLOOR_SPREAD,
            (log_half - np.log(USUAL_HALF)) / HALF_SPREAD,
            (exponent - USUAL_EXPONENT) / EXPONENT_SPREAD,
        ]
        return np.concatenate([((law_SK - error) / NOISE)[known], of_means, usual])

    bounds = ([0.0, -12.0, 0.05], [0.95, 12.0, 2.0])
    starts = [[floor, np.log(USUAL_HALF), USUAL_EXPONENT] for floor in (0.05, 0.9)]
    found = min((least_squares(missed, x0=start, bounds=bounds) for start in starts), key=lambda one: one.cost)
    floor, log_half, exponent = found.x.tolist()
    return CountLaw(floor=floor, half=float(np.exp(log_half)), exponent=exponent)
