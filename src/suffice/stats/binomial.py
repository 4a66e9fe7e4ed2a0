"""Exact bounds on a fraction: from correct rows to the true accuracy that they allow.

Counts may be real numbers: rows in groups enter as an effective number of rows (see `proof.effective_rows`).
"""

from __future__ import annotations

from scipy import special

from suffice.records.evaluation import Interval
from suffice.stats.scored import require_rows


def lower_bound(n_correct: float, n: float, *, alpha: float) -> float:
    """The one-sided lower confidence bound on a fraction: at least this, with confidence `1 - alpha`.

    Exact: over repeated samples it lies above the true fraction in at most a share `alpha` of them.

    Args:
        n_correct: rows that are right, 0 to `n`.
        n: rows scored, above 0.
        alpha: level of the bound, 0 to 1.

    Raises:
        DataError: nothing was scored.

    Source:
        Clopper and Pearson (1934), The use of confidence or fiducial limits illustrated in the case of the binomial,
        Biometrika 26; as a beta quantile: Brown, Cai and DasGupta (2001), Statistical Science 16, section 4.2.1.
    """
    require_rows(n)
    assert 0 <= n_correct <= n, "right answers are among the scored"
    return 0.0 if n_correct == 0 else float(special.betaincinv(n_correct, n - n_correct + 1, alpha))


def upper_bound(n_correct: float, n: float, *, alpha: float) -> float:
    """The one-sided upper confidence bound on a fraction: at most this, with confidence `1 - alpha`.

    Args:
        n_correct: rows that are right, 0 to `n`.
        n: rows scored, above 0.
        alpha: level of the bound, 0 to 1.

    Raises:
        DataError: nothing was scored.

    Source: Clopper and Pearson (1934), as in `lower_bound`, for the rows that are wrong.
    """
    return 1.0 - lower_bound(n - n_correct, n, alpha=alpha)


def interval(n_correct: float, n: float, *, confidence: float = 0.95) -> Interval:
    """The exact two-sided interval: both one-sided bounds at half the level each.

    Args:
        n_correct: rows that are right, 0 to `n`.
        n: rows scored, above 0.
        confidence: nominal coverage of both sides together, 0 to 1.

    Raises:
        DataError: nothing was scored.

    Source: Clopper and Pearson (1934), as in `lower_bound`.
    """
    alpha = (1.0 - confidence) / 2.0
    low = lower_bound(n_correct, n, alpha=alpha)
    return Interval(low=low, high=upper_bound(n_correct, n, alpha=alpha), confidence=confidence)
