"""The history of a rung's runs to rounds, and whether they stopped paying."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.records.evaluation import Interval
from suffice.records.rounds import Rounds, RoundScore
from suffice.records.symptoms import Round
from suffice.stats.groups import design_effect
from suffice.stats.paired import paired_counts
from suffice.stats.rounds import rounds_that_paid
from suffice.stats.tango import difference_lower_bound, difference_upper_bound

ALPHA = 0.05
"""One-sided level of each comparison."""
MARGIN = 0.02
"""Gain under which a round brings nothing. Source: STATISTICS of the project, section 6."""


def rounds_of(rung: str, history: Sequence[Round], *, groups: NDArray[np.int64]) -> Rounds | None:
    """Each round against the last one before it that paid.

    Args:
        rung: as in the ladder.
        history: its runs on the same N rows, the earliest first.
        groups: of the rows, shape [N].

    Returns:
        None where there are not two.

    Source: `stats.rounds.rounds_that_paid`.
    """
    if len(history) < 2:
        return None
    found = rounds_that_paid([one.right for one in history], groups=groups, alpha=ALPHA)
    scores: list[RoundScore] = []
    last = 0
    for place, one in enumerate(history):
        gain, interval = (None, None) if place == 0 else _gain(one, history[last], groups)
        paid = interval is None or interval.low > 0.0
        last = place if paid else last
        scores.append(
            RoundScore(
                run=one.run,
                time=one.time,
                accuracy=float(one.right.mean()),
                gain=gain,
                interval=interval,
                paid=paid,
            )
        )
    return Rounds(
        rung=rung,
        n=len(groups),
        rounds=tuple(scores),
        last_paid=found.last_paid,
        stopped=found.gain_upper is not None and found.gain_upper < MARGIN,
    )


def _gain(later: Round, earlier: Round, groups: NDArray[np.int64]) -> tuple[float, Interval]:
    counts = paired_counts(later.right, earlier.right)
    effect = design_effect(later.right.astype(np.float64) - earlier.right, groups)
    low, high = (
        bound(counts, alpha=ALPHA, design_effect=effect) for bound in (difference_lower_bound, difference_upper_bound)
    )
    return counts.difference, Interval(low=low, high=high, confidence=1.0 - 2 * ALPHA)
