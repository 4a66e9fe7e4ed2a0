"""Learning curves: what each rung came to at each size, and what it would come to with more rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from suffice.diagnose.draws import Draws, mean_errors, middle
from suffice.records.diagnosis import CurvePoint, Forecast, Trust
from suffice.records.grid import Measured
from suffice.stats.power_law import PowerLaws, fit_power_laws

MIN_SIZES = 2
"""Sizes that a curve needs: with two, how it bends is what is usual, and its draws lie as wide as that leaves them."""
TRUSTED, ROUGH = 4.0, 16.0
"""Ratio of extrapolation up to which a forecast is called that, or rough. Source: STATISTICS of the project, 4."""
SPREAD_AT = 500.0
SPREAD_EXPONENT = 0.5
"""With how many rows the chance of subsets shrinks, where only one size tells of it: as a mean of rows does."""
USUAL_SPREAD = 0.008
"""Standard deviation between subsets of 500 rows where no rung was run on two; set by hand, not fitted yet."""
KEPT_RESIDUAL = 0.5
"""How much of what the largest size lies off its curve is carried into a forecast; set by hand, not fitted yet."""


@dataclass(eq=False, kw_only=True)
class Curve:
    """One rung's cells with nothing changed, by size."""

    rung: str
    draws: Draws
    spread: Spread

    @cached_property
    def by_size(self) -> dict[int, list[Measured]]:
        """Cells of each size, smallest first; sizes within a twentieth of each other count as one."""
        found: dict[int, list[Measured]] = {}
        for cell in sorted(self.draws.grid.of(self.rung), key=lambda cell: cell.n):
            near = next((n for n in found if abs(n - cell.n) <= 0.05 * n), cell.n)
            found.setdefault(near, []).append(cell)
        return found

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
        counts = np.array([len(cells) for cells in self.by_size.values()])
        noise = self.spread.at(self.rung, self.sizes) / np.sqrt(counts)
        return tuple(
            fit_power_laws(self.sizes, self.errors[:, g].T, noise, seed=self.draws.seed + g)
            for g in range(self.errors.shape[1])
        )

    def at(self, n: float, *, noisy: bool = True) -> NDArray[np.float64] | None:
        """Errors at n rows in each draw, shape [G, D]; None where there is no curve.

        At a size that was run these are its own; elsewhere the law's, moved by part of what the nearest size lies off.

        Args:
            n: training rows.
            noisy: with the chance of a future run in them.
        """
        place = int(np.abs(np.log(self.sizes / n)).argmin()) if len(self.sizes) else 0
        if len(self.sizes) and abs(self.sizes[place] - n) <= 0.05 * n:
            own: NDArray[np.float64] = self.errors[place]
            return own
        if self.laws is None:
            return None
        law = np.stack([one.error(n) for one in self.laws])
        near = np.stack([one.error(float(self.sizes[place])) for one in self.laws])
        off = KEPT_RESIDUAL * (self.errors[place] - near)
        center = law + off
        if not noisy:
            return np.asarray(np.clip(center, 0.0, 1.0))
        generator = np.random.default_rng(self.draws.seed + 17)
        chance = self.spread.at(self.rung, np.array([n]))[0] * generator.standard_normal(center.shape[1])
        return np.asarray(np.clip(center + chance, 0.0, 1.0))

    def points(self) -> tuple[CurvePoint, ...]:
        """What was measured of the first goal, and what the curve says there."""
        found = []
        for place, (n, cells) in enumerate(self.by_size.items()):
            errors, t = self.errors[place, 0], stats.t(df=self.spread.degrees)
            generator = np.random.default_rng(self.draws.seed + 31 + place)
            chance = self.spread.at(self.rung, np.array([n]))[0] / np.sqrt(len(cells))
            whole = all(cell.whole for cell in cells)
            drawn = errors + (0.0 if whole else chance) * t.rvs(size=len(errors), random_state=generator)
            fitted = None if self.laws is None else float(1.0 - np.median(self.laws[0].error(float(n))))
            found.append(
                CurvePoint(
                    rung=self.rung,
                    n=n,
                    accuracy=float(1.0 - errors[0]),
                    interval=middle(1.0 - drawn),
                    fitted=fitted,
                    n_cells=len(cells),
                )
            )
        return tuple(found)

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """Chance of subsets and seeds: standard deviation of a score between runs of one recipe on the same rows."""

    by_rung: dict[str, float]
    """At 500 training rows, of each rung that was run on two subsets of a size."""
    degrees: float
    """Degrees of freedom behind it; few make a wide t distribution."""

    def at(self, rung: str, n: NDArray[np.float64]) -> NDArray[np.float64]:
        """At n training rows, shape [S]; of a rung that was run once, the largest of the others stands in.

        Args:
            rung: as in the ladder.
            n: shape [S].
        """
        known = self.by_rung.get(rung, max(self.by_rung.values(), default=USUAL_SPREAD))
        return known * (n / SPREAD_AT) ** -SPREAD_EXPONENT

    def is_borrowed(self, rung: str) -> bool:
        """Whether another rung stands in, or what is usual."""
        return rung not in self.by_rung


def spread_of(draws: Draws) -> Spread:
    """Pools, for each rung, the variance between cells of one size over all sizes.

    Args:
        draws: of the rows, and the cells.

    Source: pooled variance, log-linear in n with a given slope: Bouthillier et al. (2021), Accounting for Variance in
        Machine Learning Benchmarks, MLSys 3, for what varies between runs of one recipe.
    """
    by_rung, degrees = {}, 0
    for rung in dict.fromkeys(cell.rung for cell in draws.grid.cells):
        squares, count = 0.0, 0
        by_n: dict[int, list[float]] = {}
        for cell in draws.grid.of(rung):
            by_n.setdefault(cell.n, []).append(float(draws.errors(cell)[0, 0]))
        for n, scores in by_n.items():
            if len(scores) > 1:
                squares += float(np.var(scores)) * len(scores) * (n / SPREAD_AT) ** (2 * SPREAD_EXPONENT)
                count += len(scores) - 1
        if count:
            by_rung[rung] = float(np.sqrt(squares / count))
            degrees += count
    return Spread(by_rung=by_rung, degrees=max(degrees, 1))


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
