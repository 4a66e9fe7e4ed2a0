"""The shape of a symptom, and how a share and a paired difference are bounded in all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suffice.records.completion_evaluation import RowShare
from suffice.records.evaluation import Interval
from suffice.records.symptoms import Clear, Figure, Found, Looked, Observed
from suffice.stats.binomial import interval
from suffice.stats.groups import design_effect
from suffice.stats.paired import paired_counts
from suffice.stats.proof import effective_rows
from suffice.stats.tango import difference_lower_bound, difference_upper_bound
from suffice.text.rounding import percent

ALPHA = 0.05
"""One-sided level at which a symptom counts as shown; each is read once, and nothing is decided by it."""
MARGIN = 0.02
"""Two points: `target.within` where a task says nothing, and the gain under which nothing beats the baseline.
Source: STATISTICS of the project, sections 1 and 6."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Symptom:
    """One symptom of a model that is too small; each file of this room has one."""

    name: str
    """Stable name: `repetition`."""
    definition: str
    """What is meant by it, a sentence."""
    unit: str
    """Of the figure that is held against its threshold."""
    source: str
    """Where the definition and its measure come from."""
    look: Callable[[Observed], Looked]
    """Measures it; pure."""


def share(what: str, hit: NDArray[np.bool_], groups: NDArray[np.int64] | None) -> Figure:
    """A share of the rows with its two-sided interval, whose ends are one-sided bounds at `ALPHA`.

    Args:
        what: it is a share of.
        hit: shape [N].
        groups: group of each row as a number, shape [N]; None where every row is its own.

    Source: Clopper and Pearson (1934), as in `binomial`; rows in groups as in `proof.effective_rows`.
    """
    value, n = float(hit.mean()), effective_rows(len(hit), design_effect(hit, groups))
    return Figure(what=what, value=value, unit="fraction", interval=interval(value * n, n, confidence=1.0 - 2 * ALPHA))


def shown(
    symptom: Symptom, found: RowShare, *, what: str, threshold: float, threshold_from: str, beside: str = ""
) -> Found | Clear:
    """A symptom that a layer of free answers has measured: found where the lower end lies above the threshold.

    Args:
        symptom: that is looked for.
        found: the share that the layer has, with its interval.
        what: it is a share of: `answers with a wrong step`.
        threshold: a fraction.
        threshold_from: where that comes from.
        beside: what is told behind it.
    """
    low, high = found.interval.low, found.interval.high
    ends = f"{percent(low, bound='lower', against=threshold)} to {percent(high, bound='upper')}"
    return (Found if low > threshold else Clear)(
        symptom=symptom.name,
        figures=(Figure(what=what, value=found.share, unit="fraction", interval=found.interval),),
        threshold=threshold,
        threshold_from=threshold_from,
        says=f"{percent(found.share)} of {found.of:,} {what} ({ends}){beside}",
    )


def gain(what: str, first: NDArray[np.bool_], second: NDArray[np.bool_], groups: NDArray[np.int64] | None) -> Figure:
    """Accuracy of the first less that of the second; the ends of the interval are one-sided bounds at `ALPHA`.

    Args:
        what: the difference is of.
        first: whether each row was answered right, shape [N].
        second: the same of the other, on the same rows.
        groups: group of each row as a number, shape [N]; None where every row is its own.

    Source: Tango (1998), as in `tango`; rows in groups as there.
    """
    counts, effect = paired_counts(first, second), design_effect(first.astype(np.float64) - second, groups)
    low, high = (
        bound(counts, alpha=ALPHA, design_effect=effect) for bound in (difference_lower_bound, difference_upper_bound)
    )
    around = Interval(low=low, high=high, confidence=1.0 - 2 * ALPHA)
    return Figure(what=what, value=counts.difference, unit="points", interval=around)


def bounds(figure: Figure) -> tuple[float, float]:
    """Both ends of a figure that has an interval."""
    assert figure.interval is not None, "a figure that is held against a threshold has an interval"
    return figure.interval.low, figure.interval.high
