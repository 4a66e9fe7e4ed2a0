"""How far what a switch brings may lie from what the rows at hand show: by rows that were not seen, and by seeds."""

from __future__ import annotations

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from suffice.diagnose.draws import Draws, middle
from suffice.diagnose.seeds import Seeds
from suffice.records.evaluation import Interval
from suffice.records.grid import Measured
from suffice.stats.groups import codes_or_rows
from suffice.stats.recipe import Runs


def unseen(draws: Draws, switch: str, rung: str, *, judged: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What rows like those that were not seen would move a difference by, in each draw, shape [D].

    Beside the rows stand one group that only the changed run gets right and one that only the unchanged gets right,
    each with an exponential weight: two runs that agree on every row are then still not certain to be equally good. A
    switch has the same draws wherever it is told of. None in the first draw, which is the rows as they are.

    Args:
        draws: of the rows.
        switch: what was changed: `training`, `next_rung`.
        rung: that is changed, or stands in for another.
        judged: rows that both runs were asked, shape [R].

    Source: a row more in either kind of discordant ones: Bonett and Price (2012), Adjusted Wald Confidence Interval for
        a Difference of Binomial Proportions Based on Paired Data, Journal of Educational and Behavioral Statistics 37;
        as a prior of the Bayesian bootstrap, Rubin (1981), The Annals of Statistics 9.
    """
    _, n_groups = codes_or_rows(int(judged.sum()), draws.grid.groups[judged])
    typical = judged.sum() / n_groups
    drawn = np.random.default_rng([draws.seed, 3, crc32(f"{switch} {rung}".encode())])
    won, lost = drawn.standard_exponential((2, draws.n_draws))
    moved = typical * (won - lost) / draws.weights[:, judged].sum(axis=1)
    moved[0] = 0.0
    return np.asarray(moved, dtype=np.float64)


def of_seeds(seeds: Seeds, cell: Measured, *, change: str | None) -> NDArray[np.float64]:
    """How far one run's score may lie from its recipe's because of its seeds, in each draw, shape [D].

    Two runs are compared that were given the same training rows, so that which these were moves both alike; what a
    change brings on other rows is not asked. Where a rung was run under one seed, what is usual stands in, or a
    sibling's, as for curves. A cheap rung has no seed of training. None in the first draw, which is the run as it is.

    Args:
        seeds: of every rung.
        cell: the run.
        change: what was trained differently in it: of one recipe it is always the same draw, so that sets of switches
            that score one run in two ways share it. None where nothing was.

    Source: STATISTICS of the project, section 3.
    """
    draws = seeds.draws
    if seeds.of(cell.rung) is None or draws.grid.facts(cell.rung).cheap:
        return np.zeros(draws.n_draws)
    example_variance = draws.errors(cell).var(axis=1)
    effects = seeds.effects(
        cell.rung, Runs(n=cell.n), example_variance=example_variance, change=change, same_rows=True
    )[0]
    effects[0] = 0.0
    return np.asarray(effects)


def gain_interval(gained: NDArray[np.float64]) -> Interval:
    """The middle nine tenths of what a switch brings in each draw, shape [D], no further than scores can differ by.

    Rows that were not seen and seeds are added to what the rows at hand differ by, so that a draw may lie beyond 1. To
    count them as rows of the whole instead draws every difference towards 0, and of few rows the interval then misses
    large gains: see docs/decisions/0065.
    """
    return middle(np.clip(gained, -1.0, 1.0))
