"""Several wordings of an instruction on the same rows: whether accuracy depends on which, and by how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from suffice.stats.groups import codes_or_rows
from suffice.stats.resampling import N_DRAWS
from suffice.stats.scored import require_rows

_CELLS_PER_CHUNK = 2_000_000  # sixteen megabytes of keys at a time


@dataclass(frozen=True, kw_only=True, slots=True)
class CochranQ:
    """The test of "every wording is as often right"."""

    statistic: float
    """0 where no row tells the wordings apart."""
    df: int
    """W - 1."""
    p_value: float
    """From the chi-squared law; 1 where no row tells them apart."""
    n_informative: int
    """Rows that some wordings get right and others do not: the test rests on these, and wants 24 answers among them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """The best wording less the worst one, beside what chance alone makes of it."""

    value: float
    """Accuracy of the best less that of the worst, 0 to 1."""
    null_mean: float
    """Its mean where wordings differ by chance alone."""
    null_95: float
    """What it stays at or below in 95% of such cases."""
    p_value: float
    """Share of such cases in which it is as large as here or larger."""


def cochran_q(right: NDArray[np.bool_]) -> CochranQ:
    """Tests whether wordings differ in how often they are right. Rows are taken for independent.

    Args:
        right: shape [W, N], W at least 2.

    Raises:
        DataError: there are no rows.

    Source: Cochran (1950), The Comparison of Percentages in Matched Samples, Biometrika 37, 256-266; when the law is
        near enough (24 answers on informative rows): Tate and Brown (1970), Note on the Cochran Q Test, JASA 65.
    """
    n_wordings, n = right.shape
    require_rows(n)
    assert n_wordings > 1, "one wording is compared with nothing"
    of_wording, of_row = right.sum(axis=1), right.sum(axis=0)
    informative = (of_row > 0) & (of_row < n_wordings)
    spread = float((of_row * (n_wordings - of_row)).sum())
    between = float(n_wordings * (of_wording**2).sum() - of_wording.sum() ** 2)
    statistic = (n_wordings - 1) * between / spread if spread else 0.0
    df = n_wordings - 1
    p_value = float(stats.chi2.sf(statistic, df))
    return CochranQ(statistic=statistic, df=df, p_value=p_value, n_informative=int(informative.sum()))


def spread_between(right: NDArray[np.bool_], *, groups: NDArray[np.int64] | None) -> float:
    """Standard deviation of accuracy between wordings, without what chance on single rows adds to it; 0 at least.

    The variance between the W accuracies, less the part that rows on which wordings differ by chance would give.

    Args:
        right: shape [W, N], W at least 2.
        groups: group of each row as a number, shape [N]; None where every row is its own.

    Raises:
        DataError: there are no rows.

    Source: the two-way layout without replication, by moments: Searle, Casella and McCulloch (1992), Variance
        Components, section 4.3.
    """
    n_wordings, n = right.shape
    require_rows(n)
    codes, n_groups = codes_or_rows(n, groups)
    if n_groups == 1:
        return 0.0
    accuracy = right.mean(axis=1)
    away = right - accuracy[:, None] - right.mean(axis=0) + accuracy.mean()
    by_group = np.stack([np.bincount(codes, weights=one, minlength=n_groups) for one in away])
    by_chance = n_groups / (n_groups - 1) * float((by_group**2).sum()) / (n_wordings - 1) / n**2
    return float(np.sqrt(max(0.0, float(accuracy.var(ddof=1)) - by_chance)))


def spread_of(
    right: NDArray[np.bool_], *, groups: NDArray[np.int64] | None, seed: int, n_draws: int = N_DRAWS
) -> Spread:
    """Holds the best wording less the worst one against its law where wordings are interchangeable.

    Five wordings that are all equally good never come out equal: on 200 rows, any two of them differing on 12%, the
    best is 4 points above the worst in the mean. The law is that of the same rows with the wordings' names permuted
    within each row, or within each group of rows.

    Args:
        right: shape [W, N], W at least 2.
        groups: group of each row as a number, shape [N]; None where every row is its own.
        seed: of the permutations.
        n_draws: permutations.

    Raises:
        DataError: there are no rows.

    Source: permutation within blocks: Good (2005), Permutation, Parametric and Bootstrap Tests of Hypotheses, 3rd ed.,
        section 7.5; the p value counts the case at hand: Phipson and Smyth (2010), Permutation P-values Should Never Be
        Zero, Statistical Applications in Genetics and Molecular Biology 9.
    """
    n = right.shape[1]
    require_rows(n)
    codes, n_groups = codes_or_rows(n, groups)
    won = np.stack([np.bincount(codes, weights=one, minlength=n_groups) for one in right])
    # Groups in which every wording is right as often are the same in any order.
    told = won[:, (won != won[0]).any(axis=0)]
    value = float(np.ptp(won.sum(axis=1))) / n
    generator, spreads = np.random.default_rng(seed), np.zeros(n_draws)
    chunk = max(1, _CELLS_PER_CHUNK // max(1, told.size))
    for first in range(0, n_draws if told.size else 0, chunk):
        size = min(chunk, n_draws - first)
        order = generator.random((size, *told.shape)).argsort(axis=1)
        shuffled = np.take_along_axis(np.broadcast_to(told, order.shape), order, axis=1)
        spreads[first : first + size] = np.ptp(shuffled.sum(axis=2), axis=1) / n
    beyond = int((spreads >= value - 1e-12).sum())
    return Spread(
        value=value,
        null_mean=float(spreads.mean()),
        null_95=float(np.quantile(spreads, 0.95, method="higher")),
        p_value=(1 + beyond) / (1 + n_draws),
    )


def best_and_worst(names: Sequence[str], right: NDArray[np.bool_]) -> tuple[str, str]:
    """Names of the wordings that are right most and least often, the first of equals.

    Args:
        names: length W.
        right: shape [W, N].
    """
    accuracy = right.mean(axis=1)
    return names[int(accuracy.argmax())], names[int(accuracy.argmin())]
