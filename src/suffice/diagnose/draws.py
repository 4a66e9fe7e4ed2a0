"""Joint draws: one resample of the rows for all cells, so that what they share cancels in every comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from suffice.records.evaluation import Interval
from suffice.records.grid import Grid, Measured
from suffice.stats.groups import codes_or_rows
from suffice.stats.resampling import percentile_interval

N_DRAWS = 1_000
CONFIDENCE = 0.90
JEFFREYS = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Goals:
    """What must be reached: one row of every array of errors for each goal."""

    names: tuple[str, ...]
    """`accuracy` or `macro_f1` first, then `recall of card_lost`."""
    targets: NDArray[np.float64]
    """Shape [G]."""


def goals_of_target(grid: Grid) -> Goals:
    """The goals of an absolute target; for one relative to other rungs, accuracy without a mark to reach.

    Args:
        grid: what was run, and the target.
    """
    target = grid.target
    least = 1.0 if target.at_least is None else target.at_least
    recalls = target.recall.items()
    return Goals(
        names=(target.metric, *(f"recall of {label}" for label, _ in recalls)),
        targets=np.array([least, *(share for _, share in recalls)]),
    )


@dataclass(eq=False, kw_only=True)
class Draws:
    """Resamples of the rows that compare rungs, and what cells come to in each.

    Source: the Bayesian bootstrap: Rubin (1981), The Annals of Statistics 9; one resample for all cells as in common
        random numbers: Glasserman and Yao (1992), Management Science 38.
    """

    grid: Grid
    seed: int
    n_draws: int = N_DRAWS
    _known: dict[tuple[bytes, bytes], NDArray[np.float64]] = field(default_factory=dict)

    @cached_property
    def goals(self) -> Goals:
        """What must be reached."""
        return goals_of_target(self.grid)

    @cached_property
    def weights(self) -> NDArray[np.float32]:
        """How much each row counts in each draw, shape [D, R]; the first draw is the rows as they are.

        Source: as `stats.recipe.example_draws`: the Bayesian bootstrap, whole groups at a time.
        """
        codes, n_groups = codes_or_rows(len(self.grid.y_true), self.grid.groups)
        drawn = np.random.default_rng([self.seed, 0]).standard_exponential((self.n_draws - 1, n_groups), np.float32)
        return np.concatenate([np.ones((1, len(codes)), np.float32), drawn[:, codes]])

    @cached_property
    def halves(self) -> NDArray[np.float64]:
        """What stands beside the rows in each draw, half a right group and half a wrong one, shape [2, D]; none in the
        first draw. Where all rows are right, a score is then still not certain to be 1: Jeffreys' prior, as there.
        """
        _, n_groups = codes_or_rows(len(self.grid.y_true), self.grid.groups)
        typical = len(self.grid.y_true) / n_groups
        drawn = np.random.default_rng([self.seed, 1]).standard_gamma(JEFFREYS, (2, self.n_draws - 1))
        return np.concatenate([np.zeros((2, 1)), typical * drawn], axis=1)

    def errors(self, cell: Measured, *, y_true: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
        """One less each goal's score, in each draw, shape [G, D].

        Args:
            cell: a finished cell.
            y_true: other labels of the rows than the data's, shape [R].
        """
        return self.errors_of(cell.y_pred, self.grid.y_true if y_true is None else y_true)

    def errors_of(self, y_pred: NDArray[np.int64], y_true: NDArray[np.int64]) -> NDArray[np.float64]:
        """The same for answers and labels, shape [R] each; rows that were not asked do not count."""
        key = (y_pred.tobytes(), y_true.tobytes())
        if key not in self._known:
            self._known[key] = self._errors(y_pred, y_true)
        return self._known[key]

    def _errors(self, y_pred: NDArray[np.int64], y_true: NDArray[np.int64]) -> NDArray[np.float64]:
        asked = y_pred >= -1
        weights = self.weights[:, asked]
        given, right_label = y_pred[asked], y_true[asked]
        right = (given == right_label).astype(np.float32)
        rows = [self._accuracy(weights, right)]
        if self.grid.target.metric == "macro_f1":
            rows = [_macro_f1(weights, given, right_label, n_labels=len(self.grid.labels)).astype(np.float64)]
        for label in self.grid.target.recall:
            of_label = right_label == self.grid.labels.index(label)
            rows.append(self._accuracy(weights[:, of_label], right[of_label]))
        return 1.0 - np.stack(rows).astype(np.float64)

    def _accuracy(self, weights: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float64]:
        """Weighted share that is right, shape [D]; half where there is no row: nothing is known then."""
        half_right, half_wrong = self.halves
        total = weights.sum(axis=1) + half_right + half_wrong
        share = (weights @ right + half_right) / np.maximum(total, 1e-9)
        return np.where(total > 0, share, 0.5)

    def reached(self, errors: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether all goals are met, in each draw, shape [D].

        Args:
            errors: shape [G, D].
        """
        return np.asarray((1.0 - errors >= self.goals.targets[:, None] - 1e-9).all(axis=0))


def _macro_f1(
    weights: NDArray[np.float32], y_pred: NDArray[np.int64], y_true: NDArray[np.int64], *, n_labels: int
) -> NDArray[np.float32]:
    """As `stats.f1.macro_f1`, in each draw, shape [D]."""
    each = np.eye(n_labels + 1, dtype=np.float32)
    given, has = each[y_pred][:, :n_labels], each[y_true][:, :n_labels]
    right = given * has
    right_DK, given_DK, has_DK = weights @ right, weights @ given, weights @ has
    present = has_DK > 0
    f1 = np.divide(2.0 * right_DK, given_DK + has_DK, out=np.zeros_like(right_DK), where=present)
    return np.asarray(f1.sum(axis=1) / np.maximum(present.sum(axis=1), 1))


def middle(draws: NDArray[np.float64]) -> Interval:
    """The middle nine tenths of draws, shape [D]: what every interval of a diagnosis is."""
    return percentile_interval(draws, confidence=CONFIDENCE)


def mean_errors(draws: Draws, cells: Sequence[Measured]) -> NDArray[np.float64]:
    """Errors of a recipe at one size: the mean over its cells, shape [G, D].

    Args:
        draws: of the rows.
        cells: of one rung and size, at least one.
    """
    return np.asarray(np.mean([draws.errors(cell) for cell in cells], axis=0))


def by_size(cells: Sequence[Measured]) -> dict[int, list[Measured]]:
    """Cells of each size, smallest first; sizes within a twentieth of each other count as one.

    In whichever order they were run: sums over them come out the same to the last digit.

    Args:
        cells: of one rung.
    """
    found: dict[int, list[Measured]] = {}
    for cell in sorted(cells, key=lambda cell: (cell.n, cell.subset_seed, cell.seed)):
        near = next((n for n in found if abs(n - cell.n) <= 0.05 * n), cell.n)
        found.setdefault(near, []).append(cell)
    return found


def weighted_quantile(values: NDArray[np.float64], weights: NDArray[np.float64], share: float) -> float:
    """The value below which a share of the weight lies.

    Args:
        values: shape [D].
        weights: shape [D], summing to 1.
        share: 0 to 1.

    Source: the inverse of the weighted empirical distribution: Hyndman and Fan (1996), The American Statistician 50,
        definition 1.
    """
    order = np.argsort(values)
    place = int(np.searchsorted(np.cumsum(weights[order]), share))
    return float(values[order[min(place, len(values) - 1)]])
