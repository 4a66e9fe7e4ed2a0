"""Learning curves: what each rung came to at each size, and what it would come to with more rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from suffice.diagnose.draws import Draws, by_size, mean_errors, middle, weighted_quantile
from suffice.diagnose.seeds import Seeds
from suffice.records.diagnosis import CurvePoint, Forecast, RowsNeeded, Trust
from suffice.records.grid import Measured
from suffice.stats.count_law import fit_count_law
from suffice.stats.f1 import f1_of_labels
from suffice.stats.power_law import PRIOR, PowerLaws, Prior, fit_power_laws
from suffice.stats.recipe import Runs

MIN_SIZES = 2
"""Sizes that a curve needs: with two, how it bends is what is usual, and its draws lie as wide as that leaves them."""
N_TRIED = 25
"""Sizes that are tried for the rows that a target needs, up to the last that is rough: a step of an eighth."""
TRUSTED, ROUGH = 4.0, 16.0
"""Ratio of extrapolation up to which a forecast is called that, or rough. Source: STATISTICS of the project, 4."""
KEPT_RESIDUAL = 1.0
"""How much of what the largest size lies off its curve is carried into a forecast: all of it, as development curves
have it (docs/VERDICT.md, Forecasts)."""
OF_COUNT_LAW = 0.5
"""Weight of the law by each label's rows in a forecast of macro-F1, beside the power law. Source: STATISTICS of the
project, section 4: equal weights."""
WIDENING: Mapping[float, float] = {1.0: 1.0, 2.0: 1.1, 4.0: 1.3, 8.0: 1.6, 16.0: 1.9}
"""How many times wider than its draws a forecast is, by rows asked for over rows seen; between these by the logarithm.
Learned on development curves, so that 90% intervals hold nine in ten of them: `python benchmarks/verdict_forecast.py
--part development --fit`. Source: STATISTICS of the project, section 4."""


@dataclass(eq=False, kw_only=True)
class Curve:
    """One rung's cells with one thing changed, or nothing, by size."""

    rung: str
    draws: Draws
    seeds: Seeds
    prior: Prior = PRIOR
    kept: float = KEPT_RESIDUAL
    widening: Mapping[float, float] = field(default_factory=lambda: WIDENING)
    change: str | None = None

    @cached_property
    def by_size(self) -> dict[int, list[Measured]]:
        """Cells of each size, smallest first."""
        return by_size(self.draws.grid.of(self.rung, change=self.change))

    @cached_property
    def sizes(self) -> NDArray[np.float64]:
        """Shape [S]."""
        return np.array(list(self.by_size), dtype=np.float64)

    @cached_property
    def errors(self) -> NDArray[np.float64]:
        """Errors at each size, shape [S, G, D]."""
        return np.stack([mean_errors(self.draws, cells) for cells in self.by_size.values()])

    @cached_property
    def laws(self) -> tuple[PowerLaws, ...] | None:
        """One set of laws for each goal; None where there are too few sizes."""
        if len(self.sizes) < MIN_SIZES:
            return None
        noise_SG = np.sqrt([self._variances(place) for place in range(len(self.sizes))])
        return tuple(
            fit_power_laws(
                self.sizes,
                self.errors[:, g].T,
                noise_SG[:, g],
                n_labels=len(self.draws.grid.labels),
                seed=self.draws.seed + g,
                prior=self.prior,
            )
            for g in range(self.errors.shape[1])
        )

    def at(self, n: float, *, noisy: bool = True) -> NDArray[np.float64] | None:
        """Errors at n rows in each draw, shape [G, D]; None where there is no curve.

        At a size that was run these are its own; elsewhere the law's, moved by part of what the nearest size lies off.

        Args:
            n: training rows.
            noisy: with the chance of a future run in them.

        Source: power laws as in `stats.power_law`; predictive intervals and their widening: STATISTICS of the project,
            section 4.
        """
        place = int(np.abs(np.log(self.sizes / n)).argmin()) if len(self.sizes) else 0
        if len(self.sizes) and abs(self.sizes[place] - n) <= 0.05 * n:
            own: NDArray[np.float64] = self.errors[place]
            return own
        if self.laws is None:
            return None
        law = np.stack([one.error(n) for one in self.laws])
        near = np.stack([one.error(float(self.sizes[place])) for one in self.laws])
        expected = law + self.kept * (self.errors[place] - near)
        if noisy:
            expected += self.seeds.effects(self.rung, Runs(n=round(n)), example_variance=self._of_rows(place))
            center, ratio = np.median(expected, axis=1, keepdims=True), n / float(self.sizes[-1])
            expected = center + widened(ratio, self.widening) * (expected - center)
        if self._by_count is not None:
            falls = self.laws[0].scale > 0.0  # What stays level does so for every label.
            expected[0] += OF_COUNT_LAW * falls * (self._by_count(n) - np.median(expected[0]))
        return np.asarray(np.clip(expected, 0.0, 1.0))

    @cached_property
    def _by_count(self) -> Callable[[float], float] | None:
        """For macro-F1, the error at a size by the training rows of each label: a mean over labels of which some are
        rare falls faster than its own past says. The spread of the draws stays that of the power law.

        Source: `stats.count_law`; `docs/decisions/0024-macro-f1-by-label.md`.
        """
        grid = self.draws.grid
        if grid.target.metric != "macro_f1" or grid.of_label is None:
            return None
        share_K = np.array(grid.of_label) / max(sum(grid.of_label), 1)
        error_SK = 1.0 - np.stack(
            [
                np.mean([f1_of_labels(cell.y_pred, grid.y_true, n_labels=len(grid.labels)) for cell in cells], axis=0)
                for cells in self.by_size.values()
            ]
        )
        law = fit_count_law(self.sizes[:, None] * share_K, error_SK)
        judged_K, seen, last = ~np.isnan(error_SK[-1]), float(self.sizes[-1]), float(self.errors[-1, 0, 0])
        foretold = law.error(seen * share_K)[judged_K].mean()
        return lambda n: float(np.clip(last * law.error(n * share_K)[judged_K].mean() / foretold, 0.0, 1.0))

    def points(self) -> tuple[CurvePoint, ...]:
        """What was measured of the first goal, and what the curve says there."""
        found = []
        for place, n in enumerate(self.by_size):
            errors, runs = self.errors[place, 0], self._runs(place)
            drawn = errors + self.seeds.effects(self.rung, runs, example_variance=self._of_rows(place))[0]
            fitted = None if self.laws is None else float(1.0 - np.median(self.laws[0].error(float(n))))
            found.append(
                CurvePoint(
                    rung=self.rung,
                    n=n,
                    accuracy=float(1.0 - errors[0]),
                    interval=middle(np.clip(1.0 - drawn, 0.0, 1.0)),
                    fitted=fitted,
                    n_cells=runs.n_runs,
                )
            )
        return tuple(found)

    def _runs(self, place: int) -> Runs:
        cells = list(self.by_size.values())[place]
        return Runs(n=round(self.sizes[place]), n_runs=len(cells), n_subsets=len({cell.subset_seed for cell in cells}))

    def _of_rows(self, place: int) -> NDArray[np.float64]:
        """Variance of the score at one size because of the rows judged on, shape [G]."""
        return np.asarray(self.errors[place].var(axis=1))

    def _variances(self, place: int) -> NDArray[np.float64]:
        return self.seeds.variances(self.rung, self._runs(place), example_variance=self._of_rows(place))

    def forecast(self, n: int) -> Forecast | None:
        """What the first goal would come to at a size; None where there is no curve."""
        errors = self.at(n)
        if errors is None:
            return None
        score = 1.0 - errors[0]
        return Forecast(
            rung=self.rung,
            n=n,
            accuracy=float(np.median(score)),
            interval=middle(score),
            trust=trust(n / float(self.sizes[-1])),
        )


def rows_needed(curve: Curve, weights: NDArray[np.float64]) -> RowsNeeded | None:
    """With how many training rows all goals are met, by the law of each draw; None where there is no curve.

    Laws are spread as forecasts are; the chance of one run, which no number of rows takes away, is left out.

    Args:
        curve: of one rung.
        weights: of the draws, shape [D], summing to 1: as plans have them.

    Source: the law read backwards in each draw: STATISTICS of the project, section 4, for its trust; widening as in
        `Curve.at`.
    """
    if curve.laws is None or not len(curve.sizes):
        return None
    seen = float(curve.sizes[-1])
    sizes = seen * np.geomspace(1.0, ROUGH, N_TRIED)
    needed = np.full(curve.errors.shape[2], np.inf)
    for n in sizes[::-1]:
        law = curve.at(float(n), noisy=False)
        assert law is not None, "there are laws"
        center = np.median(law, axis=1, keepdims=True)
        errors = center + widened(n / seen, curve.widening) * (law - center)
        needed = np.where(curve.draws.reached(errors), n, needed)
    low, middle_of, high = (weighted_quantile(needed, weights, share) for share in (0.05, 0.5, 0.95))
    n = None if np.isinf(middle_of) else round(middle_of)
    return RowsNeeded(
        rung=curve.rung,
        n=n,
        low=None if np.isinf(low) else round(low),
        high=None if np.isinf(high) else round(high),
        beyond=round(ROUGH * seen),
        trust=trust(ROUGH + 1.0 if n is None else n / seen),
    )


def widened(ratio: float, by: Mapping[float, float]) -> float:
    """How many times wider a forecast is than its draws.

    Args:
        ratio: rows asked for over rows seen.
        by: factor at some ratios, ascending; those beyond have the nearest one's.
    """
    return float(np.interp(np.log(ratio), np.log(list(by)), list(by.values())))


def trust(ratio: float) -> Trust:
    """What a forecast at so many times the rows seen is called.

    Args:
        ratio: rows asked for over rows seen.
    """
    if ratio <= 1.05:
        return "measured"
    if ratio <= TRUSTED:
        return "forecast"
    return "rough" if ratio <= ROUGH else "guess"
