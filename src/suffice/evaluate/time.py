"""Accuracy over calendar months, and how much of it is gained or lost per month."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suffice.evaluate.scored import Scored
from suffice.records.evaluation import MonthScore, TimeLayer
from suffice.stats.binomial import interval
from suffice.stats.groups import design_effect
from suffice.stats.proof import effective_rows
from suffice.stats.trend import month_name, month_numbers, trend


def time(scored: Scored) -> TimeLayer | None:
    """Accuracy of every month with its exact interval, and the slope over the months with rows enough.

    Source: `stats.binomial.interval` on `stats.proof.effective_rows`; `stats.trend.trend`.
    """
    if not any(scored.aspects.times):
        return None
    months = month_numbers(scored.aspects.times)
    found = trend(scored.right, months, scored.groups, seed=scored.seed)
    return TimeLayer(
        months=tuple(_month(scored, months == number, int(number)) for number in np.unique(months[months >= 0])),
        n_undated=int((months < 0).sum()),
        slope=found.slope,
        interval=found.interval,
        why_none=found.why_none,
    )


def _month(scored: Scored, inside: NDArray[np.bool_], number: int) -> MonthScore:
    right = scored.right[inside]
    n_effective = effective_rows(len(right), design_effect(right, scored.groups[inside]))
    return MonthScore(
        month=month_name(number),
        n=len(right),
        n_correct=int(right.sum()),
        interval=interval(float(right.mean()) * n_effective, n_effective),
    )
