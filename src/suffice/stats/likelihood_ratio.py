"""How much a finding tells about a cause: how often it is seen with the cause, over how often without."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from suffice.records.evaluation import Interval
from suffice.stats.scored import require_rows


@dataclass(frozen=True, kw_only=True, slots=True)
class LikelihoodRatio:
    """A likelihood ratio of a positive finding and the counts that it comes from."""

    value: float
    """Above 0: 1 tells nothing, 10 multiplies the odds of the cause by ten."""
    interval: Interval
    """Above 0, by the normal law of its logarithm."""
    found_when_cause: int
    """Cases with the cause in which it was found."""
    n_cause: int
    """Cases with the cause."""
    found_when_not: int
    """Cases without the cause in which it was found."""
    n_not: int
    """Cases without it."""
    smoothed: bool
    """Whether half a case was added to each of the four counts."""


def likelihood_ratio(
    found_when_cause: int, n_cause: int, found_when_not: int, n_not: int, *, confidence: float = 0.95
) -> LikelihoodRatio:
    """The positive likelihood ratio with its interval.

    Where it was found in no case with the cause, in none without, or in all of both, the logarithm or its variance has
    no value: then, and only then, half a case is added to each of the four counts (found and not found, with and
    without the cause), which draws the ratio towards 1.

    Args:
        found_when_cause: cases with the cause in which it was found, 0 to `n_cause`.
        n_cause: cases with the cause.
        found_when_not: cases without the cause in which it was found, 0 to `n_not`.
        n_not: cases without the cause.
        confidence: nominal two-sided coverage, 0 to 1.

    Raises:
        DataError: there is no case with the cause, or none without it.

    Source: Simel, Samsa and Matchar (1991), Likelihood Ratios with Confidence: Sample Size Estimation for Diagnostic
        Test Studies, Journal of Clinical Epidemiology 44, 763-770; half a case: Haldane (1956), The Estimation and
        Significance of the Logarithm of a Ratio of Frequencies, Annals of Human Genetics 20, 309-311.
    """
    require_rows(n_cause, what="cases with the cause")
    require_rows(n_not, what="cases without the cause")
    assert 0 <= found_when_cause <= n_cause, "what is found is among the cases"
    assert 0 <= found_when_not <= n_not, "what is found is among the cases"
    everywhere = found_when_cause == n_cause and found_when_not == n_not
    smoothed = found_when_cause == 0 or found_when_not == 0 or everywhere
    half = 0.5 if smoothed else 0.0
    a, b = found_when_cause + half, found_when_not + half
    n_a, n_b = n_cause + 2 * half, n_not + 2 * half
    log = math.log(a / n_a) - math.log(b / n_b)
    error = math.sqrt(1 / a - 1 / n_a + 1 / b - 1 / n_b)
    reach = float(special.ndtri((1.0 + confidence) / 2.0)) * error
    return LikelihoodRatio(
        value=math.exp(log),
        interval=Interval(low=math.exp(log - reach), high=math.exp(log + reach), confidence=confidence),
        found_when_cause=found_when_cause,
        n_cause=n_cause,
        found_when_not=found_when_not,
        n_not=n_not,
        smoothed=smoothed,
    )
