"""How far what a switch brings may lie from what the rows at hand show: by rows that were not seen, and by seeds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from suffice.diagnose.draws import Draws, middle
from suffice.diagnose.seeds import Seeds
from suffice.records.evaluation import Interval
from suffice.records.grid import Measured
from suffice.stats.groups import codes_or_rows
from suffice.stats.recipe import Runs


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Unseen:
    """Two groups of rows beside those that were seen, as parts of the weight of those, in each draw."""

    won: NDArray[np.float64]
    """That only a run with the switch on gets right, shape [D]."""
    lost: NDArray[np.float64]
    """That only a run with the switch off gets right, shape [D]."""


def unseen(draws: Draws, switch: str, rung: str, *, judged: NDArray[np.bool_]) -> Unseen:
    """Rows like those that were not seen, in each draw.

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
    won[0] = lost[0] = 0.0
    of_rows = typical / draws.weights[:, judged].sum(axis=1)
    return Unseen(won=np.asarray(won * of_rows), lost=np.asarray(lost * of_rows))


def with_unseen(
    score: NDArray[np.float64], unseen: Mapping[str, Unseen], *, on: Collection[str], seeds: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """A run's score on the rows and on those beside them, in each draw, shape [D]; never below 0 or above 1.

    Args:
        score: on the rows, shape [D].
        unseen: of every switch that the run is compared over, by its name.
        on: names of the switches that are on in the run.
        seeds: how far its seeds may have moved it, as of `of_seeds`, shape [D].
    """
    right = sum((two.won if switch in on else two.lost for switch, two in unseen.items()), score)
    weight = 1.0 + sum(two.won + two.lost for two in unseen.values())
    return np.clip(right / weight + seeds, 0.0, 1.0)


def gain_interval(gained: NDArray[np.float64]) -> Interval:
    """The middle of what a switch brings in each draw, shape [D], with what it brought on the rows as they are.

    The rows beside those that were seen draw every difference towards 0: of runs that differ on all rows the largest
    draws lie below 1, and what was seen is not to be told as ruled out.
    """
    found, seen = middle(gained), float(gained[0])
    return replace(found, low=min(found.low, seen), high=max(found.high, seen))


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
