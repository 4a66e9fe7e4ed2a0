"""Requests held against calibration rows: whether they were of another kind from the start."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from suffice.stats import binomial
from suffice.stats.abstention import Said
from suffice.watch.baseline import Baseline, parts_of
from suffice.watch.streams import half_width
from suffice.watch.traffic import Traffic

LEAST_CALIBRATION = 30
"""Calibration rows below which nothing is held against them."""
LOOKS = (100, 200, 400, 800, 1_600)
"""Numbers of requests at which they are held against calibration rows before there is a baseline."""
LEVEL = 0.01
"""Share of baselines like the calibration rows that are taken for others, and of all looks before it together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AgainstCalibration:
    """Requests beside the calibration rows."""

    n_requests: int
    """The first of all: the baseline, or as many as there were at the last look before it."""
    live: float
    """Mean confidence of the requests."""
    calibration: float
    """Mean confidence of the calibration rows."""
    live_outside: float | None
    """Share of the requests that the bundle takes for out of scope; None where it tells none."""
    calibration_outside: float | None
    """Share of the calibration rows."""
    n: int
    """Calibration rows."""
    less_or_more_sure: bool
    """Whether confidence is another one, by more than the tolerance."""
    more_outside: bool
    """Whether more messages are out of scope, by more than the tolerance."""

    @property
    def differs(self) -> bool:
        """Whether the messages were others from the start."""
        return self.less_or_more_sure or self.more_outside


def early(calibration: Said, traffic: Traffic, *, tolerance: float) -> AgainstCalibration | None:
    """The first look that finds another kind of requests, or else the last one; None before the first.

    A person may ask as often as they like: looks are taken at numbers of requests that are set, and share one level.

    Args:
        calibration: what the bundle says of its calibration rows.
        traffic: requests without a baseline.
        tolerance: share of requests that may be of another kind.
    """
    found = None
    for n in LOOKS:
        if n > len(traffic.at) or (found is not None and found.differs):
            break
        found = held_against(calibration, traffic, parts_of(n), tolerance=tolerance, level=LEVEL / len(LOOKS))
    return found


def held_against(
    calibration: Said, traffic: Traffic, baseline: Baseline, *, tolerance: float, level: float = LEVEL
) -> AgainstCalibration | None:
    """The first requests beside calibration rows; None with too few of these.

    Where something was sent on, calibration rows less sure than any answer that was given count alike.

    Args:
        calibration: what the bundle says of its calibration rows.
        traffic: the requests.
        baseline: the first of them.
        tolerance: share of requests that may be of another kind.
        level: share of requests like the calibration rows that are taken for others; half of it for each number.
    """
    if len(calibration.confidence) < LEAST_CALIBRATION:
        return None
    said = traffic.confidence[: baseline.n]
    known = np.maximum(calibration.confidence, said.min())
    outside = None if traffic.outside is None else traffic.outside[: baseline.n].astype(np.float64)
    among = calibration.outside
    more_outside = False
    if outside is not None and among is not None:
        more_outside = _more(outside, among, baseline, tolerance=tolerance, level=level / 2.0)
    return AgainstCalibration(
        n_requests=baseline.n,
        live=float(said.mean()),
        calibration=float(known.mean()),
        live_outside=None if outside is None else float(outside.mean()),
        calibration_outside=None if among is None else float(among.mean()),
        n=len(known),
        less_or_more_sure=_less_or_more(said, known, baseline, tolerance=tolerance, level=level / 2.0),
        more_outside=more_outside,
    )


def _less_or_more(
    said: NDArray[np.float64], known: NDArray[np.float64], baseline: Baseline, *, tolerance: float, level: float
) -> bool:
    """Whether the means are apart by more than is tolerated, and the ranks say so too: few rows that are all sure show
    no spread, so that their mean alone would be taken for certain.

    Source: Mann and Whitney (1947), On a test of whether one of two random variables is stochastically larger than the
        other, Annals of Mathematical Statistics 18: the variance of a mean rank, of the known rows' part.
    """
    z = float(special.ndtri(1.0 - level / 2.0))
    apart = abs(float(said.mean() - known.mean()))
    error = z * float(known.std(ddof=1)) / np.sqrt(len(known))
    if apart - tolerance <= np.hypot(half_width(said, baseline, confidence=1.0 - level), error):
        return False
    ranks = shares_below(said, known)
    error = z / np.sqrt(12.0 * len(known))
    return bool(abs(ranks.mean() - 0.5) > np.hypot(half_width(ranks, baseline, confidence=1.0 - level), error))


def _more(
    outside: NDArray[np.float64], among: NDArray[np.bool_], baseline: Baseline, *, tolerance: float, level: float
) -> bool:
    """Whether the least share that requests may have is above the most that calibration rows may."""
    least = float(outside.mean()) - half_width(outside, baseline, confidence=1.0 - level)
    return least - tolerance > binomial.upper_bound(float(among.sum()), len(among), alpha=level / 2.0)


def shares_below(said: NDArray[np.float64], known: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the known rows that each request is surer than, ties half-way, shape [N].

    Args:
        said: confidence of requests, shape [N].
        known: confidence of known rows, shape [n].
    """
    ordered = np.sort(known)
    below = np.searchsorted(ordered, said, "left") + np.searchsorted(ordered, said, "right")
    return np.asarray(below / 2.0 / len(known))
