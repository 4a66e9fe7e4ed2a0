"""Two systems on the same rows, or one system twice: whose value is right where the other's is wrong."""

from __future__ import annotations

import numpy as np

from suffice.evaluate.completions.judged import Judged
from suffice.records.evaluation import Comparison
from suffice.records.sensitivity import FlipRate
from suffice.stats.flips import flip_rate
from suffice.stats.paired import grouped_p, paired_counts
from suffice.stats.tango import difference_interval

COMPLETIONS = "completions"
"""What the rows of such a comparison are: nobody has divided them into splits."""


def compare_completions(first: Judged, second: Judged, *, names: tuple[str, str]) -> Comparison:
    """Exact McNemar test, groups whole, and the interval of the paired score test, on verified accuracy.

    Args:
        first: what the first system wrote.
        second: what the second wrote for the same rows in the same order.
        names: of the two.

    Source: `stats.paired`, `stats.tango`.
    """
    assert first.ids == second.ids, "both answered the same rows"
    counts = paired_counts(first.verified, second.verified)
    return Comparison(
        first=names[0],
        second=names[1],
        split=COMPLETIONS,
        n=counts.n,
        difference=counts.difference,
        interval=difference_interval(first.verified, second.verified, groups=first.groups),
        n_only_first=counts.n_only_first,
        n_only_second=counts.n_only_second,
        p_value=grouped_p(first.verified, second.verified, first.groups),
    )


def flips_between(first: Judged, second: Judged) -> FlipRate:
    """How many rows are right in one of the two alone, both ways: of one system under two wordings, its flips.

    Args:
        first: what is looked at.
        second: what it is held against, on the same rows in the same order.
    """
    assert first.ids == second.ids, "both answered the same rows"
    before, after = (one.verified.astype(np.int64) for one in (second, first))
    return flip_rate(before, after, np.ones_like(before), groups=first.groups, is_free=True)
