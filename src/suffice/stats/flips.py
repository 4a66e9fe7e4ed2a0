"""The same rows answered twice: how many answers are other ones the second time, and which way they went."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suffice.records.sensitivity import FlipRate
from suffice.stats.binomial import interval
from suffice.stats.groups import design_effect
from suffice.stats.paired import grouped_p, paired_counts
from suffice.stats.proof import effective_rows
from suffice.stats.tango import difference_interval


def flip_rate(
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    y_true: NDArray[np.int64],
    *,
    groups: NDArray[np.int64],
    is_free: bool,
) -> FlipRate:
    """Counts flips of answers both ways.

    Args:
        first: codes of the answers, shape [N].
        second: the same of the second time, on the same rows in the same order.
        y_true: codes of what is right, shape [N].
        groups: group of each row, shape [N].
        is_free: whether answers are free, so that all wrong ones have one code.

    Raises:
        DataError: there are no rows.

    Source: Clopper and Pearson (1934), rows in groups by Korn and Graubard (1998), as in `stats.proof`; the paired
        difference as in `stats.tango` and `stats.paired`.
    """
    before, after, flipped = first == y_true, second == y_true, first != second
    counts, n = paired_counts(after, before), len(flipped)
    rate, n_effective = float(flipped.mean()), effective_rows(n, design_effect(flipped, groups))
    return FlipRate(
        n=n,
        n_right_to_wrong=counts.n_only_second,
        n_wrong_to_right=counts.n_only_first,
        n_wrong_to_other=None if is_free else int((flipped & ~before & ~after).sum()),
        rate=rate,
        interval=interval(rate * n_effective, n_effective),
        difference=counts.difference,
        difference_interval=difference_interval(after, before, groups=groups),
        p_value=grouped_p(after, before, groups),
    )
