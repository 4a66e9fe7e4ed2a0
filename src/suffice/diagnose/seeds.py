"""How far the runs of each rung lie apart by their subsets and training seeds, for every goal: measured or borrowed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from suffice.diagnose.draws import Draws, by_size
from suffice.records.grid import Grid
from suffice.stats.components import Components, Run, borrowed, components
from suffice.stats.recipe import Runs, seed_draws, variance_of_seeds

USUAL_DEVIATION, USUAL_AT, USUAL_SLOPE, USUAL_DF = 0.008, 500.0, -1.0, 2.0
"""Standard deviation between runs of one recipe on so many rows, slope of the log variance in log n, and degrees of
freedom, where no rung was run twice at a size. Set by hand, not fitted yet."""


@dataclass(eq=False, kw_only=True)
class Seeds:
    """Seed variances of every rung, one for each goal.

    Source: STATISTICS of the project, section 3; estimated as in `stats.components`.

    Of macro F1 they are taken to be those of accuracy; of a label's recall they are measured on its rows.
    """

    draws: Draws

    @cached_property
    def _measured(self) -> dict[str, tuple[Components, ...]]:
        """Of every rung that was run twice at a size."""
        grid = self.draws.grid
        each = {rung: _components(grid, rung) for rung in dict.fromkeys(cell.rung for cell in grid.cells)}
        return {rung: of_goals for rung, of_goals in each.items() if of_goals is not None}

    def of(self, rung: str) -> tuple[Components, ...] | None:
        """For each goal; None for a rung that is the same whatever its rows and its seed.

        Of a rung that was run once at each size, the sibling's that varies most stands in.

        Args:
            rung: as in the ladder.
        """
        if not _varies(self.draws.grid, rung):
            return None
        if rung in self._measured:
            return self._measured[rung]
        n = max((cell.n for cell in self.draws.grid.of(rung)), default=self.draws.grid.n_train)
        if self._measured:
            sibling = max(self._measured, key=lambda name: _variance(self._measured[name][0], n))
            return tuple(borrowed(one, rung=sibling) for one in self._measured[sibling])
        return (_usual(self.draws.grid),) * len(self.draws.goals.names)

    def is_borrowed(self, rung: str) -> bool:
        """Whether another rung stands in, or what is usual."""
        return _varies(self.draws.grid, rung) and rung not in self._measured

    def variances(self, rung: str, runs: Runs, *, example_variance: NDArray[np.float64]) -> NDArray[np.float64]:
        """Variance of a mean over runs because of their seeds, shape [G].

        Args:
            rung: as in the ladder.
            runs: how many.
            example_variance: of that mean over rows, shape [G].
        """
        of_goals = self.of(rung)
        if of_goals is None:
            return np.zeros(len(example_variance))
        pairs = zip(of_goals, example_variance.tolist(), strict=True)
        return np.array([variance_of_seeds(one, runs, example_variance=of_rows) for one, of_rows in pairs])

    def effects(
        self,
        rung: str,
        runs: Runs,
        *,
        example_variance: NDArray[np.float64],
        change: str | None = None,
        same_rows: bool = False,
    ) -> NDArray[np.float64]:
        """How far a mean over runs may lie from the recipe's score because of their seeds, shape [G, D].

        Rungs that rest on one estimate share how far off it is; the effect itself is each rung's own.

        Args:
            rung: as in the ladder.
            runs: how many there are, or will be.
            example_variance: of that mean over rows, shape [G].
            change: what was trained differently: a recipe of its own, with an effect of its own.
            same_rows: whether what they are held against was given the same training rows.
        """
        of_goals, n_draws = self.of(rung), self.draws.n_draws
        if of_goals is None:
            return np.zeros((len(example_variance), n_draws))
        owner = of_goals[0].borrowed_from or rung
        recipe = crc32((rung if change is None else f"{rung} {change}").encode())
        level = np.random.default_rng([self.draws.seed, 1, crc32(owner.encode())]).random(n_draws)
        normal = np.random.default_rng([self.draws.seed, 2, recipe, runs.n]).standard_normal(n_draws)
        of_goals = tuple(one.on_the_same_rows for one in of_goals) if same_rows else of_goals
        pairs = zip(of_goals, example_variance.tolist(), strict=True)
        return np.stack(
            [seed_draws(one, runs, example_variance=of_rows, normal=normal, level=level) for one, of_rows in pairs]
        )


def _varies(grid: Grid, rung: str) -> bool:
    return rung != "majority" and any(facts.name == rung and facts.trains for facts in grid.rungs)


def _components(grid: Grid, rung: str) -> tuple[Components, ...] | None:
    """Of each goal, from the rows that all cells of the rung were asked; None where no two of a size differ."""
    cells = grid.of(rung)
    asked = np.logical_and.reduce([cell.judged for cell in cells]) if cells else np.zeros(0, dtype=np.bool_)
    if not _varies(grid, rung) or not asked.any():
        return None
    whole = grid.whole(rung)
    n_pool = grid.n_train if whole is None else whole.n  # Of each fold, where it was judged out of fold.

    def on(rows: NDArray[np.bool_]) -> Components | None:
        runs = [
            Run(n=n, subset_seed=cell.subset_seed, training_seed=cell.seed, right=(cell.y_pred == grid.y_true)[rows])
            for n, of_size in by_size(cells).items()
            for cell in of_size
        ]
        return components(runs, n_pool=n_pool, groups=grid.groups[rows])

    overall = on(asked)
    if overall is None:
        return None
    of_labels = (asked & (grid.y_true == grid.labels.index(label)) for label in grid.target.recall)
    return (overall, *((on(rows) or overall) if rows.any() else overall for rows in of_labels))


def _usual(grid: Grid) -> Components:
    half = float(np.log(USUAL_DEVIATION**2 / 2.0) - USUAL_SLOPE * np.log(USUAL_AT))
    return Components(n_pool=grid.n_train, log_subset=half, log_training=half, slope=USUAL_SLOPE, df=USUAL_DF)


def _variance(of: Components, n: int) -> float:
    return of.of_subset(n) + of.of_training(n)
