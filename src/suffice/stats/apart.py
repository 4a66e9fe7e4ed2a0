"""Two shares of different rows: how far they are apart."""

from __future__ import annotations

import math

from suffice.records.evaluation import Interval
from suffice.stats.binomial import interval


def difference_of_apart(first: tuple[float, float], second: tuple[float, float], *, confidence: float) -> Interval:
    """The interval of one fraction minus another, of rows that have nothing to do with one another.

    The exact interval of each is squared up: the lower end of the difference is as far below it as the lower end of the
    first and the upper end of the second are from theirs, taken together as the sides of a right angle.

    Args:
        first: right rows and rows of the first, the rows above 0; real numbers where rows in groups count as fewer.
        second: the same of the second.
        confidence: nominal two-sided coverage, 0 to 1.

    Raises:
        DataError: nothing was scored in one of the two.

    Source:
        Newcombe (1998), Interval estimation for the difference between independent proportions: comparison of eleven
        methods, Statistics in Medicine 17, 873-890, method 10, with exact intervals in the place of Wilson's as in Zou
        and Donner (2008), Statistics in Medicine 27, 1693-1702; by simulation (tests) it covers 95% or more.
    """
    one, other = interval(*first, confidence=confidence), interval(*second, confidence=confidence)
    p, q = first[0] / first[1], second[0] / second[1]
    return Interval(
        low=p - q - math.hypot(p - one.low, other.high - q),
        high=p - q + math.hypot(one.high - p, q - other.low),
        confidence=confidence,
    )
