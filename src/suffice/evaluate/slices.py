"""How often the label is right on slices of the rows, and against all of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suffice.evaluate.scored import Scored
from suffice.records.evaluation import Interval, SliceScore
from suffice.records.slices import Slice
from suffice.stats.apart import difference_of_apart
from suffice.stats.binomial import interval
from suffice.stats.groups import design_effect
from suffice.stats.proof import effective_rows

CONFIDENCE = 0.95


def slices(scored: Scored) -> tuple[SliceScore, ...]:
    """Accuracy on every slice with its exact interval, and its difference from accuracy on all rows.

    A slice is a part of all rows: its difference from them is that from the rows outside it, times their share of all.

    Source: `stats.binomial.interval` on `stats.proof.effective_rows`; the difference: `stats.apart`.
    """
    return tuple(_score(one, scored) for one in scored.aspects.slices)


def _score(one: Slice, scored: Scored) -> SliceScore:
    right, inside = scored.right, one.member
    n, n_correct = int(inside.sum()), int(right[inside].sum())
    if n == 0:
        return SliceScore(
            name=one.name,
            says=one.says,
            n=0,
            n_correct=0,
            accuracy=None,
            interval=None,
            against_all=None,
            against_all_interval=None,
        )
    return SliceScore(
        name=one.name,
        says=one.says,
        n=n,
        n_correct=n_correct,
        accuracy=n_correct / n,
        interval=interval(*_effective(scored, inside), confidence=CONFIDENCE),
        against_all=n_correct / n - float(right.mean()),
        against_all_interval=_against_all(scored, inside),
    )


def _against_all(scored: Scored, inside: NDArray[np.bool_]) -> Interval | None:
    if inside.all():
        return None
    apart = difference_of_apart(_effective(scored, inside), _effective(scored, ~inside), confidence=CONFIDENCE)
    outside = float((~inside).mean())
    return Interval(low=outside * apart.low, high=outside * apart.high, confidence=CONFIDENCE)


def _effective(scored: Scored, chosen: NDArray[np.bool_]) -> tuple[float, float]:
    """Right rows and rows of those chosen, as many as independent ones that tell as much."""
    right = scored.right[chosen]
    n = effective_rows(len(right), design_effect(right, scored.groups[chosen]))
    return float(right.mean()) * n, n
