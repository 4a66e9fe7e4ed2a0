"""Proven, refuted or undecided: what the rows at hand say about a target."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from suffice.stats.binomial import lower_bound, upper_bound
from suffice.stats.planning import MAX_ROWS, POWER, rows_needed, rows_to_prove_anything
from suffice.stats.scored import require_rows

Outcome = Literal["proven", "refuted", "undecided"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What one set of rows says about one target."""

    outcome: Outcome
    """`proven`: `lower` is the target or more; `refuted`: `upper` is below it; else `undecided`."""
    method: Literal["exact", "bootstrap"]
    """Where the bounds come from; those of the bootstrap hold their level approximately."""
    n: int
    """Rows scored."""
    n_effective: float
    """Independent rows that tell as much, 0 to `n`."""
    estimate: float
    """What was measured, 0 to 1."""
    lower: float
    """One-sided lower bound at `alpha`."""
    upper: float
    """One-sided upper bound at `alpha`."""
    alpha: float
    """Level of each of the two bounds, 0 to 1."""
    target: float
    """What was to be reached, 0 to 1."""
    more_rows: int | None
    """Further rows, in groups like these, with which a test of all of them would decide it at 80% power if the estimate
    were the truth; 0 once decided; None with the reason in `why_no_number`."""

    @property
    def why_no_number(self) -> str | None:
        """Why `more_rows` is None; None where it is a number."""
        if self.more_rows is not None:
            return None
        return f"{self.estimate:.4f} is so near the target {self.target:g} that over {MAX_ROWS:,} rows were needed"


def effective_rows(n: int, design_effect: float | None) -> float:
    """How many independent rows tell as much as `n` rows in groups.

    Korn and Graubard divide by the design effect and then put the shrunken counts into the exact bound. Their further
    factor for few groups, a squared ratio of t quantiles (0.94 at 30 groups), is left out: simulated at 20 to 30
    groups it moved the level by less than a point. With few and large groups the bound holds its level only roughly:
    at 30 groups of ten rows a nominal 5% was 4.7% with an intraclass correlation of 0.05, 9.8% with one of 0.3.

    Args:
        n: rows scored.
        design_effect: at least 1; None for independent rows.

    Source: Korn and Graubard (1998), Confidence intervals for proportions with small expected number of positive
        counts estimated from survey data, Survey Methodology 24, 193-201.
    """
    assert design_effect is None or design_effect >= 1.0, "groups never tell more than independent rows"
    return float(n) if design_effect is None else n / design_effect


def proof_of_fraction(
    n_correct: int, n: int, *, target: float, alpha: float, design_effect: float | None = None
) -> Proof:
    """Holds a fraction of right rows (accuracy, or recall of one label) against its target.

    Args:
        n_correct: rows that are right, 0 to `n`.
        n: rows scored, at least 1.
        target: fraction to be reached, 0 to 1.
        alpha: level of each one-sided bound, 0 to 1.
        design_effect: from `groups.design_effect`, at least 1; None for independent rows.

    Raises:
        DataError: nothing was scored.

    Source: Clopper and Pearson (1934), Biometrika 26; rows in groups as in `effective_rows`.
    """
    require_rows(n)
    estimate, n_effective = n_correct / n, effective_rows(n, design_effect)
    right = estimate * n_effective
    lower, upper = lower_bound(right, n_effective, alpha=alpha), upper_bound(right, n_effective, alpha=alpha)
    outcome = _outcome(lower, upper, target=target)
    undecided = outcome == "undecided"
    wanted = _rows_to_decide(estimate, target=target, alpha=alpha) if undecided else 0.0
    return Proof(
        outcome=outcome,
        method="exact",
        n=n,
        n_effective=n_effective,
        estimate=estimate,
        lower=lower,
        upper=upper,
        alpha=alpha,
        target=target,
        more_rows=_further(wanted, n, n_effective=n_effective),
    )


def proof_from_draws(
    draws: NDArray[np.float64],
    *,
    estimate: float,
    n: int,
    target: float,
    alpha: float,
    design_effect: float | None = None,
) -> Proof:
    """Holds a figure that has no exact bound (macro-F1) against its target, by its bootstrap draws.

    Each bound is the more cautious of two, the percentile and the reversed (basic) bootstrap: macro-F1 of a resample
    is too low on average, which the first takes at face value and the second turns round. No lower bound exceeds that
    of as many rows without an error: resampling rows that are all right would show no doubt at all.

    The level is approximate. Simulated at a nominal 5%, 5 to 77 labels and 100 to 800 rows, a false proof occurs in up
    to 8% with rows spread evenly over labels and in up to 16% where some labels have only three to five rows; a false
    refutation in up to 8%.

    Args:
        draws: the figure in each resample, shape [B].
        estimate: the figure on the rows themselves, 0 to 1.
        n: rows scored, at least 1.
        target: what is to be reached, 0 to 1.
        alpha: level of each one-sided bound, 0 to 1.
        design_effect: of accuracy on these rows, at least 1; None for independent rows. The draws know the groups; this
            is for the bound without an error.

    Raises:
        DataError: nothing was scored.

    Source: Davison and Hinkley (1997), Bootstrap Methods and their Application, sections 5.2 and 5.3.
    """
    require_rows(n)
    require_rows(len(draws), what="bootstrap draws")
    n_effective = effective_rows(n, design_effect)
    low, high = (float(q) for q in np.quantile(draws, [alpha, 1.0 - alpha]))
    lower = max(0.0, min(low, 2.0 * estimate - high, lower_bound(n_effective, n_effective, alpha=alpha)))
    upper = min(1.0, max(high, 2.0 * estimate - low, upper_bound(0.0, n_effective, alpha=alpha)))
    outcome = _outcome(lower, upper, target=target)
    spread = float(draws.std()) * math.sqrt(n_effective)
    wanted: float | None = 0.0
    if outcome == "undecided":
        wanted = _normal_rows_to_decide(estimate, spread, target=target, alpha=alpha)
    return Proof(
        outcome=outcome,
        method="bootstrap",
        n=n,
        n_effective=n_effective,
        estimate=estimate,
        lower=lower,
        upper=upper,
        alpha=alpha,
        target=target,
        more_rows=_further(wanted, n, n_effective=n_effective),
    )


def _outcome(lower: float, upper: float, *, target: float) -> Outcome:
    if lower >= target:
        return "proven"
    return "refuted" if upper < target else "undecided"


def _rows_to_decide(estimate: float, *, target: float, alpha: float) -> float | None:
    """Independent rows, all told, that prove or refute with 80% power; to refute is to prove the rate of errors."""
    if estimate < target:
        return rows_needed(target=1.0 - target, true_accuracy=1.0 - estimate, alpha=alpha)
    return rows_needed(target=target, true_accuracy=estimate, alpha=alpha)


def _normal_rows_to_decide(estimate: float, spread: float, *, target: float, alpha: float) -> float | None:
    """The same for a figure whose standard error over n rows is `spread / sqrt(n)`.

    Source: Lachin (1981), Controlled Clinical Trials 2, 93-113: both quantiles over the distance, squared.
    """
    gap = abs(estimate - target)
    if gap == 0.0:
        return None
    quantiles = float(special.ndtri(1.0 - alpha) + special.ndtri(POWER))
    least = rows_to_prove_anything(target=target if estimate > target else 1.0 - target, alpha=alpha)
    return max(float(least), (quantiles * spread / gap) ** 2)


def _further(wanted: float | None, n: int, *, n_effective: float) -> int | None:
    """Rows still to be labelled for `wanted` independent ones, where rows come in groups as those at hand do."""
    if wanted is None or wanted > MAX_ROWS:
        return None
    return max(0, math.ceil(wanted * n / n_effective) - n)
