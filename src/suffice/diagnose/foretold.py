"""What the smaller sizes of a rung foretold for all rows, beside what came of it."""

from __future__ import annotations

from dataclasses import replace

from suffice.diagnose.curves import TRUSTED, Curve
from suffice.diagnose.draws import Draws, by_size, mean_errors
from suffice.diagnose.seeds import Seeds
from suffice.records.diagnosis import Foretold
from suffice.records.grid import Grid, Measured


def foretold(grid: Grid, *, seed: int) -> tuple[Foretold, ...]:
    """The forecast of every rung on all rows by what was run on a quarter of them or less, and the run itself.

    As it would have been told before any rung was run on more than that: it is made from such cells alone, whenever
    they were run.

    Args:
        grid: what was run.
        seed: of the draws.

    Source: forecasts as in `Curve.forecast`, held against what came: STATISTICS of the project, section 4.
    """
    few = [cell for cell in grid.cells if cell.change is None and cell.n <= grid.n_train / TRUSTED]
    before = Draws(grid=replace(grid, cells=tuple(few)), seed=seed)
    seeds = Seeds(draws=before)
    found = []
    for facts in grid.rungs:
        whole = [cell for cell in grid.of(facts.name) if cell.whole]
        seen = by_size(before.grid.of(facts.name))
        if not whole or not seen or facts.name == "majority":
            continue
        one = Curve(rung=facts.name, draws=before, seeds=seeds).forecast(whole[0].n)
        if one is not None:
            found.append(
                Foretold(
                    rung=one.rung,
                    seen=max(seen),
                    n=one.n,
                    accuracy=one.accuracy,
                    interval=one.interval,
                    came=_score(before, whole),
                )
            )
    return tuple(found)


def _score(draws: Draws, cells: list[Measured]) -> float:
    return float(1.0 - mean_errors(draws, cells)[0, 0])
