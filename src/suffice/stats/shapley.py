"""A gain of several switches taken apart: each alone, each last, and the shares that add up to all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

Draws = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Apportioned:
    """One switch's part of a joint gain, in each of D draws."""

    solo: Draws
    """Gain of the switch alone, shape [D]."""
    last_in: Draws
    """Gain of the switch where all others are on, shape [D]."""
    shapley: Draws
    """Mean gain over all orders, shape [D]; over all switches these add up to the joint gain."""


def apportion(scores: Mapping[frozenset[str], Draws], switches: Sequence[str]) -> dict[str, Apportioned]:
    """Takes the joint gain of some switches apart.

    Args:
        scores: score with each set of switches on, all 2^k of them, in each draw, shape [D].
        switches: their names, k of them.

    Source: Shapley (1953), A Value for n-Person Games, Contributions to the Theory of Games II; Shorrocks (2013),
        Decomposition procedures for distributional analysis, Journal of Economic Inequality 11, for gains of causes.
    """
    k, every = len(switches), frozenset(switches)
    parts = {}
    for one in switches:
        others = [name for name in switches if name != one]
        share = np.zeros_like(scores[frozenset()])
        for size in range(k):
            weight = factorial(size) * factorial(k - size - 1) / factorial(k)
            for chosen in combinations(others, size):
                before = frozenset(chosen)
                share = share + weight * (scores[before | {one}] - scores[before])
        parts[one] = Apportioned(
            solo=scores[frozenset({one})] - scores[frozenset()],
            last_in=scores[every] - scores[every - {one}],
            shapley=share,
        )
    return parts
