"""Where things stand in a chart so that none hides another."""

from __future__ import annotations

import math
from collections.abc import Sequence


def kept_apart(wanted: Sequence[float], *, least: float, low: float, high: float) -> list[float]:
    """Places as near as can be to those wanted, in their order, neighbours no nearer than `least`.

    Args:
        wanted: places, in any order.
        least: distance between neighbours.
        low: lowest place.
        high: highest place; where there is no room for all, they are as far apart as there is.
    """
    if not wanted:
        return []
    gap = min(least, (high - low) / max(len(wanted) - 1, 1))
    order = sorted(range(len(wanted)), key=lambda k: wanted[k])
    # Clusters that touch are one, and stand around the mean of what its members wanted (pool adjacent violators).
    clusters: list[list[int]] = []
    for k in order:
        clusters.append([k])
        while len(clusters) > 1 and _start(clusters[-1], wanted, gap, low, high) < gap + _end(
            clusters[-2], wanted, gap, low, high
        ):
            clusters[-2:] = [clusters[-2] + clusters[-1]]
    found = [0.0] * len(wanted)
    for cluster in clusters:
        start = _start(cluster, wanted, gap, low, high)
        for place, k in enumerate(cluster):
            found[k] = start + place * gap
    return found


def ticks_apart(values: Sequence[float], *, ratio: float) -> list[float]:
    """The largest value and, going down, those that are smaller by a ratio or more: ticks of a logarithmic axis.

    Args:
        values: above 0.
        ratio: least ratio of neighbours.
    """
    kept: list[float] = []
    for value in sorted(set(values), reverse=True):
        if not kept or kept[-1] / value >= ratio:
            kept.append(value)
    return kept[::-1]


def powers_between(low: float, high: float) -> list[float]:
    """The powers of ten from the last one below to the first one above.

    Args:
        low: above 0.
        high: at least `low`.
    """
    first, last = math.floor(math.log10(low) - 0.1), math.ceil(math.log10(high) + 0.1)
    return [10.0**power for power in range(first, last + 1)]


def _start(cluster: Sequence[int], wanted: Sequence[float], gap: float, low: float, high: float) -> float:
    reach = gap * (len(cluster) - 1)
    middle = sum(wanted[k] for k in cluster) / len(cluster)
    return min(max(middle - reach / 2, low), high - reach)


def _end(cluster: Sequence[int], wanted: Sequence[float], gap: float, low: float, high: float) -> float:
    return _start(cluster, wanted, gap, low, high) + gap * (len(cluster) - 1)
