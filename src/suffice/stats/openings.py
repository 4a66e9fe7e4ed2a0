"""The level at which each opening of a sealed test is read, so that all of them together stay within 5%."""

from __future__ import annotations

FIRST_ALPHA = 0.04
"""The first opening takes most of the 5%: it is meant to be the only one."""

LATER_ALPHA = 0.01
"""All later openings share this: 0.005, 0.0025, and so on without end."""


def alpha_of_opening(number: int) -> float:
    """The one-sided level of the `number`-th opening of one test.

    Args:
        number: 1 for the first opening.

    Source:
        Splitting a level over a sequence of tests (alpha spending): Foster and Stine (2008), Alpha-investing,
        Journal of the Royal Statistical Society B 70; the sum bounds any error by Bonferroni's inequality.
    """
    assert number >= 1, "openings are counted from 1"
    return FIRST_ALPHA if number == 1 else LATER_ALPHA / 2.0 ** (number - 1)
