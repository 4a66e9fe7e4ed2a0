"""Whether something happens more often among some rows than among the others."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy
from scipy.stats import hypergeom

from suffice.stats.scored import require_rows

_ROUNDING = 1e-9  # What a count may lose in the multiplication by a share.


def signed_g2(
    hits: NDArray[np.float64], rows: NDArray[np.float64], *, n_hits: float, n_rows: float
) -> NDArray[np.float64]:
    """How far the share of hits in each of C sets is from that of all rows, as a likelihood ratio; above 0 for more.

    It grows with the size of a set as with the excess in it, so that the highest one is neither a set of three rows nor
    one of nearly all.

    Args:
        hits: rows of each set in which it happened, shape [C].
        rows: rows of each set, shape [C].
        n_hits: the same over all rows.
        n_rows: all rows, above 0.

    Returns:
        Shape [C]; for one set chosen beforehand about the square of a standard normal deviate.

    Source: Dunning (1993), Accurate Methods for the Statistics of Surprise and Coincidence, Computational Linguistics
        19, 61-74.
    """
    require_rows(n_rows)
    inside, within = np.asarray(hits, dtype=np.float64), np.asarray(rows, dtype=np.float64)
    rate = n_hits / n_rows
    cells = (
        (inside, within * rate),
        (within - inside, within * (1.0 - rate)),
        (n_hits - inside, (n_rows - within) * rate),
        (n_rows - within - n_hits + inside, (n_rows - within) * (1.0 - rate)),
    )
    g2 = np.zeros(inside.shape)
    for seen, expected in cells:
        ratio = np.divide(seen, expected, out=np.ones(inside.shape), where=expected > 0.0)
        g2 += 2.0 * xlogy(seen, ratio)
    return np.where(inside > within * rate, g2, -g2)


def excess_p(inside: tuple[float, float], outside: tuple[float, float]) -> float:
    """The one-sided p-value of no more hits inside than outside: Fisher's exact test.

    Counts may be real numbers, where rows in groups enter as an effective number of rows: they are rounded to the side
    that speaks against an excess.

    Args:
        inside: hits and rows of the first, 0 to rows.
        outside: the same of the second.

    Source: Fisher (1935), The Logic of Inductive Inference, Journal of the Royal Statistical Society 98, 39-82.
    """
    n_inside, n_outside = math.floor(inside[1] + _ROUNDING), math.floor(outside[1] + _ROUNDING)
    if n_inside == 0 or n_outside == 0:
        return 1.0
    hits = math.floor(inside[0] / inside[1] * n_inside + _ROUNDING)
    others = math.ceil(outside[0] / outside[1] * n_outside - _ROUNDING)
    return float(hypergeom.sf(hits - 1, n_inside + n_outside, hits + others, n_inside))
