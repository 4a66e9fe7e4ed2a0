"""As good as another model on the same rows, but for a margin: the paired score test, its bound and its power.

With b the rows that only the first gets right, c those that only the second gets right, and delta the difference of
accuracies (first minus second) that the null supposes, the score statistic is

    z(delta) = (b - c - n delta) / sqrt(n (2 q + delta (1 - delta)))

where q is the most likely probability of a row of kind c among those that give the difference delta.

Source: Tango (1998), Equivalence test and confidence interval for the difference in proportions for the paired-sample
design, Statistics in Medicine 17, 891-908.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from suffice.records.evaluation import Interval
from suffice.stats.groups import design_effect as effect_of_groups
from suffice.stats.paired import PairedCounts, paired_counts
from suffice.stats.planning import POWER

_EDGE = 1e-9  # the statistic has no value at a difference of -1 itself


@dataclass(frozen=True, kw_only=True, slots=True)
class NonInferiority:
    """Whether the first model is at most a margin worse than the second."""

    holds: bool
    """Shown at `alpha`: the lower bound of the difference is not below minus the margin."""
    n: int
    """Rows that both were scored on."""
    n_effective: float
    """Independent rows that tell as much, 0 to `n`."""
    difference: float
    """Accuracy of the first minus that of the second, -1 to 1."""
    lower: float
    """One-sided lower bound of the difference at `alpha`, -1 to 1."""
    margin: float
    """How much worse still counts as as good, a fraction; 0 asks for better."""
    alpha: float
    """One-sided level, 0 to 1."""
    p_value: float
    """One-sided: how likely a difference like this or a better one is when the first is worse by just the margin."""


def non_inferiority(
    counts: PairedCounts, *, margin: float, alpha: float, design_effect: float | None = None
) -> NonInferiority:
    """Tests whether the first model is at most `margin` worse than the second; with margin 0, whether it is better.

    Args:
        counts: rows on which the two differ.
        margin: 0 to 1, a fraction (0.02 is two points).
        alpha: one-sided level, 0 to 1.
        design_effect: of the rows' differences (see `groups.design_effect`); None for independent rows. All counts are
            divided by it, as for a single fraction.

    Source: Tango (1998), the module's docstring. Rows in groups: Korn and Graubard (1998), as in `proof`.
    """
    assert 0.0 <= margin < 1.0, "a margin is a fraction"
    shrink = 1.0 if design_effect is None else design_effect
    b, c, n = counts.n_only_first / shrink, counts.n_only_second / shrink, counts.n / shrink
    p_value = float(special.ndtr(-_score(b, c, n, delta=-margin)))
    return NonInferiority(
        holds=p_value <= alpha,
        n=counts.n,
        n_effective=n,
        difference=counts.difference,
        lower=_lower(b, c, n, alpha=alpha),
        margin=margin,
        alpha=alpha,
        p_value=p_value,
    )


def difference_lower_bound(counts: PairedCounts, *, alpha: float, design_effect: float | None = None) -> float:
    """The least difference of accuracies (first minus second) that the score test at `alpha` does not reject.

    Args:
        counts: rows on which the two differ.
        alpha: one-sided level, 0 to 1.
        design_effect: of the rows' differences; None for independent rows.

    Source: Tango (1998): the interval is the inverted score test.
    """
    shrink = 1.0 if design_effect is None else design_effect
    return _lower(counts.n_only_first / shrink, counts.n_only_second / shrink, counts.n / shrink, alpha=alpha)


def difference_upper_bound(counts: PairedCounts, *, alpha: float, design_effect: float | None = None) -> float:
    """The largest difference of accuracies (first minus second) that the score test at `alpha` does not reject.

    Args:
        counts: rows on which the two differ.
        alpha: one-sided level, 0 to 1.
        design_effect: of the rows' differences; None for independent rows.

    Source: Tango (1998); the lower bound seen from the other model.
    """
    return -difference_lower_bound(counts.swapped, alpha=alpha, design_effect=design_effect)


def difference_interval(
    first_right: NDArray[np.bool_],
    second_right: NDArray[np.bool_],
    *,
    groups: NDArray[np.int64] | None,
    confidence: float = 0.95,
) -> Interval:
    """The interval of accuracy of the first minus that of the second, on the same rows: both bounds of the score test.

    Two models that agree on every row are not shown to be equally accurate: the interval has a width there too, where
    resampled rows would have none.

    Args:
        first_right: whether the first is right on each row, shape [N].
        second_right: the same for the second, on the same rows in the same order.
        groups: group of each row as a number, shape [N]; None where every row is its own.
        confidence: nominal two-sided coverage, 0 to 1.

    Raises:
        DataError: nothing was scored.

    Source: Tango (1998), the module's docstring. Rows in groups: Korn and Graubard (1998), as in `proof`.
    """
    counts = paired_counts(first_right, second_right)
    effect = effect_of_groups(first_right.astype(np.float64) - second_right, groups)
    low, high = (
        bound(counts, alpha=(1.0 - confidence) / 2.0, design_effect=effect)
        for bound in (difference_lower_bound, difference_upper_bound)
    )
    return Interval(low=low, high=high, confidence=confidence)


def non_inferiority_power(
    n: float, *, discordance: float, margin: float, alpha: float, difference: float = 0.0
) -> float:
    """The approximate probability that `n` rows show non-inferiority.

    Args:
        n: rows (effective rows, where they have groups), above 0.
        discordance: share of rows on which exactly one of the two is right, at least `abs(difference)`.
        margin: how much worse still counts as as good, a fraction.
        alpha: one-sided level, 0 to 1.
        difference: true accuracy of the first minus that of the second.

    Source: Nam (1997), Establishing equivalence of two treatments and sample size requirements in matched-pairs
        design, Biometrics 53, 1422-1430: normal, with the variance that the null allows in the threshold.
    """
    null, true = _variances(discordance=discordance, margin=margin, difference=difference)
    threshold = float(special.ndtri(1.0 - alpha)) * math.sqrt(null)
    return float(special.ndtr((math.sqrt(n) * (difference + margin) - threshold) / math.sqrt(true)))


def rows_for_non_inferiority(
    *, discordance: float, margin: float, alpha: float, difference: float = 0.0, power: float = POWER
) -> int | None:
    """The rows with which `non_inferiority_power` reaches `power`, or None: the first is truly worse by the margin.

    Args:
        discordance: share of rows on which exactly one of the two is right, at least `abs(difference)`.
        margin: how much worse still counts as as good, a fraction.
        alpha: one-sided level, 0 to 1.
        difference: true accuracy of the first minus that of the second.
        power: probability asked for, 0 to 1.

    Source: Nam (1997), Biometrics 53, 1422-1430: `non_inferiority_power` solved for the number of rows.
    """
    if difference + margin <= 0.0:
        return None
    null, true = _variances(discordance=discordance, margin=margin, difference=difference)
    spread = float(special.ndtri(1.0 - alpha)) * math.sqrt(null) + float(special.ndtri(power)) * math.sqrt(true)
    return math.ceil((spread / (difference + margin)) ** 2)


def _constrained(b: float, c: float, n: float, *, delta: float) -> float:
    """The most likely probability of a row that only the second gets right, given that the difference is `delta`.

    Source: Tango (1998): the larger root of the likelihood equation.
    """
    linear = -b - c + (2.0 * n - b + c) * delta
    constant = -c * delta * (1.0 - delta)
    root = math.sqrt(max(0.0, linear**2 - 8.0 * n * constant))
    return (root - linear) / (4.0 * n)


def _score(b: float, c: float, n: float, *, delta: float) -> float:
    """The statistic z(delta) of the module's docstring; 0 where nothing differs and no difference is supposed."""
    variance = n * (2.0 * _constrained(b, c, n, delta=delta) + delta * (1.0 - delta))
    excess = b - c - n * delta
    return excess / math.sqrt(variance) if excess and variance > 0.0 else 0.0


def _lower(b: float, c: float, n: float, *, alpha: float) -> float:
    """The difference at which z falls to the normal quantile; z falls from infinity at -1 to 0 at the estimate."""
    estimate = (b - c) / n
    if estimate <= -1.0 + _EDGE:
        return -1.0
    quantile = float(special.ndtri(1.0 - alpha))
    return float(optimize.brentq(lambda d: _score(b, c, n, delta=d) - quantile, -1.0 + _EDGE, estimate, xtol=1e-12))


def _variances(*, discordance: float, margin: float, difference: float) -> tuple[float, float]:
    """Variance of one row's difference as the null estimates it, and as it truly is."""
    assert abs(difference) <= discordance, "models that differ in accuracy differ on rows"
    b, c = (discordance + difference) / 2.0, (discordance - difference) / 2.0
    null = 2.0 * _constrained(b, c, 1.0, delta=-margin) - margin * (1.0 + margin)
    return null, discordance - difference**2
