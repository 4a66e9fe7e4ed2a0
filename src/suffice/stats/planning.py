"""What a test of n rows can prove: errors allowed, power, and the rows needed for both."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

POWER = 0.8
"""The customary power of a planned test. Source: Cohen (1988), Statistical Power Analysis, 2nd ed., p. 56."""

MAX_ROWS = 1_000_000
"""Above this many rows no number is given: the true accuracy is as good as the target itself."""

GUESSED = 10
"""Times the rows that an estimate stands on, beyond which the rows that it asks for are a guess. Set by hand."""

_CHUNK = 512
_SLACK = 1e-9  # 0.2 ** 3 is 0.008: three rows prove 0.2 at that level, whatever the last digit of a float says


def errors_allowed(n: int, *, target: float, alpha: float) -> int | None:
    """The most errors in `n` rows with which the target is still proven.

    That is the largest e for which the Clopper-Pearson lower bound of n - e right answers is `target` or more, or,
    the same said of the null, for which P(errors <= e) is `alpha` or less where the true accuracy is just `target`.

    Args:
        n: test rows, at least 0.
        target: accuracy to be proven, 0 to 1.
        alpha: one-sided level, 0 to 1.

    Returns:
        The count, or None: with so few rows nothing can be proven, not even by no error at all.

    Source: Clopper and Pearson (1934), Biometrika 26: the bound is the inverted one-sided binomial test.
    """
    allowed = int(_allowed(np.array([n]), target=target, alpha=alpha)[0])
    return None if allowed < 0 else allowed


def rows_to_prove_anything(*, target: float, alpha: float) -> int:
    """The fewest rows that prove the target when all of them are right: the least n with `target ** n <= alpha`.

    Args:
        target: accuracy to be proven, 0 to 1.
        alpha: one-sided level, 0 to 1.

    Source: Clopper and Pearson (1934), Biometrika 26, for no error: the lower bound is `alpha ** (1 / n)`.
    """
    return math.ceil(math.log(alpha) / math.log(target) - _SLACK)


def power(n: int, true_accuracy: float, *, target: float, alpha: float) -> float:
    """The exact probability that `n` fresh rows prove the target.

    Args:
        n: test rows, at least 0.
        true_accuracy: the accuracy that the model truly has, 0 to 1.
        target: accuracy to be proven, 0 to 1.
        alpha: one-sided level, 0 to 1.

    Source: P(errors <= `errors_allowed`) under the binomial; Chernick and Liu (2002), The American Statistician 56.
    """
    return float(_power(np.array([n]), true_accuracy, target=target, alpha=alpha)[0])


def accuracy_needed(n: int, *, target: float, alpha: float, power: float = POWER) -> float | None:
    """The least true accuracy with which `n` fresh rows prove the target with probability `power`.

    Args:
        n: test rows, at least 0.
        target: accuracy to be proven, 0 to 1.
        alpha: one-sided level, 0 to 1.
        power: probability of proof asked for, 0 to 1.

    Returns:
        It, or None: with so few rows nothing can be proven.

    Source: `power` solved for the accuracy, by the binomial distribution function as an incomplete beta function, NIST
        DLMF 8.17.5.
    """
    allowed = errors_allowed(n, target=target, alpha=alpha)
    return None if allowed is None else float(special.betaincinv(n - allowed, allowed + 1.0, power))


def rows_needed(*, target: float, true_accuracy: float, alpha: float, power: float = POWER) -> int | None:
    """The least number of rows whose exact power reaches `power`.

    Power over n is a saw: it rises where one more error becomes allowed and falls a little until the next. This is
    the first tooth that reaches `power`; the larger n just before the next teeth fall short of it, by up to 6 points
    at 250 rows and 2 points at 2,700. The number from which power never falls below again is 6 to 22% larger (0.95
    against a true 0.96, 0.97, 0.98 at level 0.05: 2,698, 601, 234 by the first tooth; 2,869, 694, 286 for good).

    The search is quick and exact: errors allowed, taken as a real number, bound the power of every n from above by a
    function that rises with n. Where that function reaches `power` the search over whole n begins.

    Args:
        target: accuracy to be proven, 0 to 1.
        true_accuracy: the accuracy that the model truly has.
        alpha: one-sided level, 0 to 1.
        power: probability of proof asked for, above `alpha` and below 1.

    Returns:
        Rows, or None: the true accuracy is not above the target, or so near that more than `MAX_ROWS` were needed.

    Source: Chernick and Liu (2002), The Saw-Toothed Behavior of Power Versus Sample Size, The American Statistician 56.
    """
    fewest = rows_to_prove_anything(target=target, alpha=alpha)
    if true_accuracy <= target or fewest > MAX_ROWS:
        return None
    if true_accuracy >= 1.0:
        return fewest

    def excess(n: float) -> float:
        """How far the smooth power lies above the one asked for. Source: as `_smooth_power`, NIST DLMF 8.17.5."""
        return _smooth_power(n, true_accuracy, target=target, alpha=alpha) - power

    if excess(MAX_ROWS) < 0:
        return None
    start = fewest if excess(fewest) >= 0 else int(optimize.brentq(excess, fewest, MAX_ROWS, xtol=0.5))
    for first in range(max(fewest, start - 1), MAX_ROWS + 1, _CHUNK):
        enough = _power(np.arange(first, first + _CHUNK), true_accuracy, target=target, alpha=alpha) >= power
        if enough.any():
            found = first + int(enough.argmax())
            return found if found <= MAX_ROWS else None
    return None


def rows_at_least(more: int, *, n: int, target: float, highest: float, alpha: float) -> int | None:
    """The further rows to name where those that an estimate asks for are a guess.

    Near the target the number goes to infinity: of 0.95 and a level of 0.04, 18 right ones of 19 ask for 47,108 further
    rows, 17 of 18 for 10,811. Where it is more than `GUESSED` times the rows that the estimate stands on, what can be
    said is how many are needed even if the truth is the best that is possible yet: 44 and 45.

    Args:
        more: further rows if the estimate is the truth.
        n: rows that the estimate stands on.
        target: to be proven.
        highest: one-sided upper bound of the estimate.
        alpha: level of the proof.

    Returns:
        Further rows, at most `more`; None where `more` is no guess.

    Source: `rows_needed` at the upper Clopper-Pearson bound; when it is told is this project's.
    """
    if more <= GUESSED * n:
        return None
    needed = rows_needed(target=target, true_accuracy=highest, alpha=alpha)
    return None if needed is None else min(more, max(1, needed - n))


def _allowed(n: NDArray[np.int64], *, target: float, alpha: float) -> NDArray[np.float64]:
    """`errors_allowed` for many n, shape [M]; -1 where nothing can be proven."""
    most = stats.binom.ppf(alpha, n, 1.0 - target)
    too_many = stats.binom.cdf(most, n, 1.0 - target) > alpha * (1.0 + _SLACK)
    return np.asarray(most - too_many, dtype=np.float64)


def _power(n: NDArray[np.int64], true_accuracy: float, *, target: float, alpha: float) -> NDArray[np.float64]:
    """`power` for many n, shape [M]; 0 where nothing can be proven."""
    allowed = _allowed(n, target=target, alpha=alpha)
    return np.asarray(stats.binom.cdf(allowed, n, 1.0 - true_accuracy), dtype=np.float64)


def _smooth_power(n: float, true_accuracy: float, *, target: float, alpha: float) -> float:
    """Power if fractions of an error could be made: an upper envelope of the saw.

    Source: the binomial distribution function as an incomplete beta function, NIST DLMF 8.17.5.
    """
    allowed = max(0.0, float(special.bdtrik(alpha, n, 1.0 - target)))
    return float(special.betainc(n - allowed, allowed + 1.0, true_accuracy))
