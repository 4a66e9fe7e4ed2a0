"""Successive runs on the same rows: which round of work was the last that paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suffice.stats.groups import design_effect
from suffice.stats.paired import paired_counts
from suffice.stats.scored import require_rows
from suffice.stats.tango import difference_lower_bound, difference_upper_bound


@dataclass(frozen=True, kw_only=True, slots=True)
class Rounds:
    """Where the rounds stopped paying."""

    last_paid: int
    """Position of the last round that was shown to be better than the last one before it that paid; 0, the first one,
    where none was."""
    n_since: int
    """Rounds after it."""
    gain: float | None
    """Of the best round since, accuracy over the last that paid; None where there is none since."""
    gain_lower: float | None
    """One-sided lower bound of that gain; None where there is none since."""
    gain_upper: float | None
    """The largest one-sided upper bound that any round since leaves; None where there is none since."""
    alpha: float
    """Level of each bound."""


def rounds_that_paid(
    rights: Sequence[NDArray[np.bool_]], *, groups: NDArray[np.int64] | None, alpha: float = 0.05
) -> Rounds:
    """Says after which round nothing was gained any more.

    A round is held against the last one that paid, not against the best so far: the best of many is partly luck, and
    small gains add up against a round that stays until they are shown. A round that gains nothing passes for one that
    paid in a share `alpha` of the cases, so that over many rounds the last that paid comes out too late sooner than too
    early.

    Args:
        rights: whether each row was answered right, shape [N] for each round, the earliest first.
        groups: group of each row as a number, shape [N]; None where every row is its own.
        alpha: one-sided level of each comparison, 0 to 1.

    Raises:
        DataError: there is no round or no row.

    Source: each comparison: Tango (1998), as in `tango`; rows in groups as there.
    """
    require_rows(len(rights), what="rounds")
    require_rows(len(rights[0]))
    last = 0
    for k in range(1, len(rights)):
        if _bounds(rights[k], rights[last], groups, alpha)[0] > 0.0:
            last = k
    since = [_bounds(right, rights[last], groups, alpha) for right in rights[last + 1 :]]
    gains = [float(right.mean() - rights[last].mean()) for right in rights[last + 1 :]]
    best = int(np.argmax(gains)) if gains else None
    return Rounds(
        last_paid=last,
        n_since=len(since),
        gain=None if best is None else gains[best],
        gain_lower=None if best is None else since[best][0],
        gain_upper=None if best is None else max(upper for _, upper in since),
        alpha=alpha,
    )


def _bounds(
    later: NDArray[np.bool_], earlier: NDArray[np.bool_], groups: NDArray[np.int64] | None, alpha: float
) -> tuple[float, float]:
    effect = design_effect(later.astype(np.float64) - earlier, groups)
    counts = paired_counts(later, earlier)
    return (
        difference_lower_bound(counts, alpha=alpha, design_effect=effect),
        difference_upper_bound(counts, alpha=alpha, design_effect=effect),
    )
