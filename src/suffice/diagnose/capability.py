"""The grid to what each rung can do on this task: the table that guides give in general, measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special

from suffice.diagnose.curves import Curve
from suffice.diagnose.draws import Draws, middle
from suffice.diagnose.outcomes import Outcomes
from suffice.records.capability import Capability, Ceiling, PartScore, RungCapability, Standing
from suffice.records.evaluation import Cost
from suffice.records.grid import Grid, Measured
from suffice.records.slices import Slice
from suffice.stats.binomial import interval
from suffice.stats.groups import design_effect
from suffice.stats.multiplicity import benjamini_hochberg
from suffice.stats.planning import rows_to_prove_anything
from suffice.stats.proof import effective_rows

LEVEL = 0.05
"""False share of what is called good or not good, two-sided, over all labels and slices of a rung."""
CONFIDENCE = 0.95
MIN_SIZES = 3
"""Sizes that a ceiling needs: with two, floor and exponent are what is usual and not what was seen."""
MOST_LEFT, MOST_LEFT_OF_LARGE = 0.02, 0.25
"""What endless rows may still bring where a ceiling counts as reached: two points, the margin under which nothing is
gained (STATISTICS of the project, sections 1 and 6), or a quarter of the error, where that is more."""
MOST_LEFT_OF_ERROR = 0.5
"""And never more than this part of the error: where it is small, two points say nothing. Both parts were set by hand:
of simulated curves, level ones leave up to 0.4 of the error open at 1,000 scored rows, climbing ones 0.85 or more."""
SURE = 0.95
"""One-sided, of both."""
MS_PER_HOUR = 3.6e6


def capability(grid: Grid, *, slices: Sequence[Slice], costs: Mapping[str, Cost], seed: int) -> Capability:
    """What each rung that was run on all rows can do.

    Args:
        grid: what was run.
        slices: over the R rows that compare rungs.
        costs: of the artefact of each such rung: what was timed and weighed of what ships.
        seed: of the draws.
    """
    curves = Outcomes(draws=Draws(grid=grid, seed=seed)).curves
    absolute = grid.target.at_least is not None and grid.target.metric == "accuracy"
    found = ((facts.name, grid.whole(facts.name)) for facts in grid.rungs)
    return Capability(
        metric=grid.target.metric,
        against="target" if absolute else "own",
        currency=grid.prices.currency,
        rungs=tuple(
            _of_rung(grid, cell, curve=curves[rung], slices=slices, cost=costs[rung])
            for rung, cell in found
            if cell is not None and rung in costs
        ),
    )


def _of_rung(grid: Grid, cell: Measured, *, curve: Curve, slices: Sequence[Slice], cost: Cost) -> RungCapability:
    right = cell.y_pred == grid.y_true
    n_correct, n = int(right[cell.judged].sum()), int(cell.judged.sum())
    hosted = grid.facts(cell.rung).price_per_message > 0.0
    here = cost.latency_p50_ms / MS_PER_HOUR * grid.prices.per_hour
    price = cell.price_per_message if hosted else here
    return RungCapability(
        rung=cell.rung,
        run=cell.run,
        n=n,
        accuracy=n_correct / n,
        interval=interval(*_effective(right, cell.judged, grid), confidence=CONFIDENCE),
        ceiling=ceiling(curve, learns=grid.facts(cell.rung).trains),
        cost_per_thousand=None if price is None else 1_000 * price,
        latency_p50_ms=cost.latency_p50_ms,
        size_bytes=None if hosted else cost.size_bytes,
        parts=_parts(grid, cell, slices),
    )


def ceiling(curve: Curve, *, learns: bool) -> Ceiling:
    """The asymptote of a rung's curve, or that it is not reached.

    Every draw has one law, error(n) = c + a n^-b, and its own c: 1 - c are the draws of the asymptote. A floor can
    always be read off a law, also off one that the points hardly bind, so that it is told only where the points speak
    against much being left. Reached is a ceiling where, 95% sure, endless rows would take no more than two points off
    the error at the largest size (of an error above eight, a quarter of it), and no more than half of it. What is left
    is taken within each draw, where the chance of the rows that were scored cancels. Where that fails, the curve either
    still climbs or is too short to tell, and its asymptote would be little but the prior; from fewer than three sizes
    it is all prior.

    Args:
        curve: of one rung.
        learns: whether more rows could change it.

    Source: the law: `stats.power_law`; that asymptotes extrapolated from a rising curve are not to be trusted: Viering
        and Loog (2023), The Shape of Learning Curves: a Review, IEEE TPAMI 45, section 5.
    """
    if not learns:
        return _not_reached("it learns from no row")
    n_sizes = len(curve.sizes)
    if curve.laws is None or n_sizes < MIN_SIZES:
        return _not_reached(f"it was run at {n_sizes} size{'s' if n_sizes != 1 else ''}, and a curve takes {MIN_SIZES}")
    law, largest = curve.laws[0], float(curve.sizes[-1])
    error = law.error(largest)
    left = error - law.floor
    most, seen = float(np.quantile(left, SURE)), float(np.median(error))
    if most > min(max(MOST_LEFT, MOST_LEFT_OF_LARGE * seen), MOST_LEFT_OF_ERROR * seen):
        about = 100 * float(np.median(left))
        return _not_reached(f"endless rows may bring {100 * most:.1f} points more ({about:.1f} in the middle)")
    score = 1.0 - law.floor
    return Ceiling(
        reached=True,
        score=float(np.median(score)),
        interval=middle(score),
        why=f"level over {n_sizes} sizes: endless rows would bring {100 * most:.1f} points at most",
    )


def _not_reached(why: str) -> Ceiling:
    return Ceiling(reached=False, score=None, interval=None, why=why)


def _parts(grid: Grid, cell: Measured, slices: Sequence[Slice]) -> tuple[PartScore, ...]:
    """Labels and slices, each held against its level by an exact test, all of them at once.

    A two-sided p doubles the smaller tail, and the side that the rows lie on is the one that is called: the share of
    false or wrongly directed calls is then at most `LEVEL` on average.

    Source: exact binomial test: Clopper and Pearson (1934), Biometrika 26, as in `stats.binomial`; directional calls
        after Benjamini and Hochberg: Benjamini and Yekutieli (2005), False Discovery Rate-Adjusted Multiple Confidence
        Intervals for Selected Parameters, JASA 100, section 3.
    """
    right = cell.y_pred == grid.y_true
    own = float(right[cell.judged].mean())
    level = grid.target.at_least if grid.target.metric == "accuracy" and grid.target.at_least is not None else own
    named = grid.labels if grid.kind == "classify" else ()
    members = [("label", name, grid.y_true == code) for code, name in enumerate(named)]
    members += [("slice", one.name, one.member) for one in slices]
    found: list[tuple[str, str, NDArray[np.bool_], float]] = []
    for kind, name, member in members:
        rows = member & cell.judged
        if rows.any():
            asked = grid.target.recall.get(name, level) if kind == "label" else level
            found.append((kind, name, rows, asked))
    p_values = [_p_value(*_effective(right, rows, grid), level=asked) for _, _, rows, asked in found]
    few = [_effective(right, rows, grid)[1] < _rows_to_be_good(asked) for _, _, rows, asked in found]
    return tuple(
        PartScore(
            kind="label" if kind == "label" else "slice",
            name=name,
            n=int(rows.sum()),
            n_correct=int(right[rows].sum()),
            interval=interval(*_effective(right, rows, grid), confidence=CONFIDENCE),
            level=asked,
            q_value=float(q_value),
            standing=_standing(float(right[rows].mean()) - asked, float(q_value), few=is_few),
        )
        for (kind, name, rows, asked), q_value, is_few in zip(found, benjamini_hochberg(p_values), few, strict=True)
    )


def _standing(difference: float, q_value: float, *, few: bool) -> Standing:
    if q_value <= LEVEL:
        return "good" if difference > 0 else "not_good"
    return "too_few" if few else "open"


def _rows_to_be_good(level: float) -> int:
    """The fewest rows that show a part to be good when all of them are right."""
    return rows_to_prove_anything(target=level, alpha=LEVEL / 2.0) if 0.0 < level < 1.0 else 1


def _p_value(n_correct: float, n: float, *, level: float) -> float:
    """Two-sided, of so many right answers or ones as far off, if the truth is the level; counts may be real."""
    as_many = 1.0 if n_correct <= 0 else float(special.betainc(n_correct, n - n_correct + 1, level))
    as_few = 1.0 if n_correct >= n else float(special.betainc(n - n_correct, n_correct + 1, 1.0 - level))
    return min(1.0, 2.0 * min(as_many, as_few))


def _effective(right: NDArray[np.bool_], rows: NDArray[np.bool_], grid: Grid) -> tuple[float, float]:
    """Right rows and rows of those chosen, as many as independent ones that tell as much."""
    n = effective_rows(int(rows.sum()), design_effect(right[rows], grid.groups[rows]))
    return float(right[rows].mean()) * n, n
