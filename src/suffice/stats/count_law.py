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
FLOOR_SPREAD = 0.5
NOISE = 0.1
"""Standard deviation of one label's error around the law: few rows of it are judged, and labels differ."""


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

    Args:
        m: training rows of a label at one size, shape [P].
        error: its error there, 0 to 1, shape [P].
    """

    def missed(parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        floor, log_half, exponent = parameters
        law = CountLaw(floor=floor, half=float(np.exp(log_half)), exponent=exponent)
        usual = [
            floor / FLOOR_SPREAD,
            (log_half - np.log(USUAL_HALF)) / HALF_SPREAD,
            (exponent - USUAL_EXPONENT) / EXPONENT_SPREAD,
        ]
        return np.concatenate([(law.error(m) - error) / NOISE, usual])

    start, bounds = [0.05, np.log(USUAL_HALF), USUAL_EXPONENT], ([0.0, -12.0, 0.05], [0.9, 12.0, 2.0])
    found = least_squares(missed, x0=start, bounds=bounds)
    floor, log_half, exponent = found.x.tolist()
    return CountLaw(floor=floor, half=float(np.exp(log_half)), exponent=exponent)
