"""One number that makes a model's probabilities honest, and the softmax that uses it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from suffice.stats.scored import require_rows

LOWEST, HIGHEST = 0.05, 20.0
"""Bounds of the temperature."""

LEAST_ERRORS = 0.5
"""Wrong rows that the probabilities expect at least, over all rows of the fit, even if every one was right.

Source: Jeffreys (1946), Proceedings of the Royal Society A 186: his prior for a fraction counts half a row each way."""

UNIFORM_SHARE = 1e-9
"""Share of every probability that is spread evenly over the labels. No answer is ever certain, none impossible."""

_TOLERANCE = 1e-6  # of the logarithm of the temperature


def softmax(logits: NDArray[np.floating], *, temperature: float = 1.0) -> NDArray[np.float64]:
    """Probabilities of the labels, in double precision, never exactly 0 or 1 where there are several labels.

    Float arithmetic rounds a softmax to exactly 1 from a lead of 37 on; a billionth is therefore spread evenly over
    the labels, which leaves their order as it is.

    Args:
        logits: scores of the labels, or log-probabilities, shape [N, K].
        temperature: above 0; higher is less sure.

    Returns:
        Shape [N, K]; rows sum to 1.

    Source: Guo et al. (2017), On Calibration of Modern Neural Networks, ICML, section 4.2.
    """
    assert temperature > 0.0, "a temperature is positive"
    probs = special.softmax(np.asarray(logits, dtype=np.float64) / temperature, axis=-1)
    return np.asarray((1.0 - UNIFORM_SHARE) * probs + UNIFORM_SHARE / probs.shape[-1], dtype=np.float64)


def fit_temperature(logits: NDArray[np.floating], y_true: NDArray[np.int64]) -> float:
    """The temperature under which the rows' labels are most likely, but not one that expects under half an error.

    Where every row is right the likelihood alone would take the temperature to 0 and every probability to 1, or leave a
    model as certain as it pleases. The temperature is therefore at least the one under which the probabilities, summed
    over the rows, expect `LEAST_ERRORS` wrong answers. Where some rows are wrong this bound is hardly ever felt.

    The likelihood is convex in 1 / temperature and so has one peak; expected errors rise with temperature.

    Args:
        logits: scores of the labels, or log-probabilities, finite, shape [N, K].
        y_true: positions of the rows' labels, shape [N].

    Returns:
        Between `LOWEST` and `HIGHEST`.

    Raises:
        DataError: there are no rows.

    Source: Guo et al. (2017), On Calibration of Modern Neural Networks, ICML, section 4.2. The lower bound is our own,
        after Platt (1999), Probabilistic Outputs for Support Vector Machines, section 2.2: no target is exactly 1.
    """
    require_rows(len(y_true), what="rows for the temperature")
    scores = np.asarray(logits, dtype=np.float64)
    over_true = scores - np.take_along_axis(scores, y_true[:, None], axis=1)
    over_best = scores - scores.max(axis=1, keepdims=True)

    def misfit(log_temperature: float) -> float:
        """Negative log-likelihood of the labels. Source: Guo et al. (2017), sections 2 and 4.2."""
        return float(special.logsumexp(over_true / math.exp(log_temperature), axis=1).sum())

    def errors_short(log_temperature: float) -> float:
        """How many fewer errors than the least are expected; the most probable label has probability 1 / sum."""
        sums = np.exp(over_best / math.exp(log_temperature)).sum(axis=1)
        return LEAST_ERRORS - float(((sums - 1.0) / sums).sum())

    lowest = _root_or_end(errors_short)
    if math.log(HIGHEST) - lowest < _TOLERANCE:
        return HIGHEST
    bounds = (lowest, math.log(HIGHEST))
    found = optimize.minimize_scalar(misfit, bounds=bounds, method="bounded", options={"xatol": _TOLERANCE})
    return math.exp(float(found.x))


def _root_or_end(falling: Callable[[float], float]) -> float:
    """Where a falling function of the log temperature crosses 0, or the end of the range where it does not."""
    low, high = math.log(LOWEST), math.log(HIGHEST)
    if falling(low) <= 0.0:
        return low
    return high if falling(high) >= 0.0 else float(optimize.brentq(falling, low, high, xtol=_TOLERANCE))
