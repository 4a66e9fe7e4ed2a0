"""Messages outside of what a model was taught: how well a score tells them, and from where on they are told."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from suffice.stats.scored import require_rows


def separation(inside: NDArray[np.float64], outside: NDArray[np.float64]) -> float:
    """How likely a message outside has a larger score than one inside; equal ones count half.

    Args:
        inside: scores of messages in scope, shape [N].
        outside: scores of messages out of scope, shape [M].

    Raises:
        DataError: either is empty.

    Source: the area under the curve as a rank statistic: Hanley and McNeil (1982), Radiology 143.
    """
    require_rows(len(inside), what="messages in scope")
    require_rows(len(outside), what="messages out of scope")
    ranks = rankdata(np.concatenate([outside, inside]))[: len(outside)]
    return float((ranks.sum() - len(outside) * (len(outside) + 1) / 2) / (len(outside) * len(inside)))


def rows_for_a_threshold(max_refused: float) -> int:
    """The fewest messages in scope by which a threshold can be set at all.

    Args:
        max_refused: the most messages in scope that may be refused, between 0 and 1.

    Source: the least n with 1 / (n + 1) within it, for with none of n refused the next one is refused with a chance of
        at most that: Vovk, Gammerman and Shafer (2005), Algorithmic Learning in a Random World, proposition 2.3.
    """
    return max(1, math.ceil(1.0 / max_refused - 1e-9) - 1)


def threshold(inside: NDArray[np.float64], outside: NDArray[np.float64], *, max_refused: float) -> float | None:
    """Of the thresholds that refuse few enough in scope, the one that catches the most beyond what it refuses.

    With `r` of `n` messages refused, the next one drawn like them is refused with a chance of at most
    `(r + 1) / (n + 1)`; that must be within `max_refused`. What is refused lies above the threshold.

    Args:
        inside: scores of messages in scope that neither fitting nor choosing has seen, shape [N].
        outside: scores of messages that stand for those out of scope, shape [M]; without any, as many are refused as
            may be.
        max_refused: the most messages in scope that may be refused, between 0 and 1.

    Returns:
        The threshold, or None where there are fewer messages than `rows_for_a_threshold`.

    Source: the chance: Vovk, Gammerman and Shafer (2005), Algorithmic Learning in a Random World, proposition 2.3; the
        choice: Youden (1950), Index for rating diagnostic tests, Cancer 3.
    """
    most = math.floor(max_refused * (len(inside) + 1) + 1e-9) - 1
    if most < 0:
        return None
    cuts = np.sort(inside)[::-1][: min(most, len(inside) - 1) + 1]
    refused = np.array([(inside > cut).mean() for cut in cuts])
    if not len(outside):
        return float(cuts[-1])
    gains = np.array([(outside > cut).mean() for cut in cuts]) - refused
    return float(cuts[int(gains.argmax())])
