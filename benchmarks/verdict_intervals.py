"""How often the intervals behind a verdict cover, and how often its test of non-inferiority errs.

    python benchmarks/verdict_intervals.py --cells bench-out/verdict_intervals.jsonl [--quick]

Clopper-Pearson and the score test are not simulated but summed: every number of right rows, every pair of counts,
weighed by its probability, which is what a simulation without end comes to. Asked: the interval covers its nominal
share or more; the test errs at most half a point above alpha (Wald's beside it).

A recipe's accuracy is simulated: a grid of runs in which rows differ in difficulty, answers differ by chance, and
subsets and training seeds move all rows together. The subset of a seed at one size is correlated 0.5 with its subset at
half the size, as nested ones are. Asked: a nominal 90% covers 88 to 94% of the recipe's true accuracy. Beside it the
percentile bootstrap over runs and rows.

Ten minutes on one core. `--quick` takes few cases and few grids.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from cells import Measured, measure, print_json
from numpy.typing import NDArray
from scipy import special, stats

from suffice.stats.binomial import interval
from suffice.stats.components import Run, borrowed, components
from suffice.stats.paired import PairedCounts
from suffice.stats.recipe import Recipe, recipe_interval
from suffice.stats.resampling import group_draws, percentile_interval
from suffice.stats.tango import non_inferiority

MINUTES = 12
CONFIDENCES, ROWS = (0.90, 0.95), (30, 100, 300, 1_000, 3_000)
FRACTIONS = np.concatenate([np.linspace(0.005, 0.995, 199), [0.001, 0.999]])
ALPHAS, PAIRS = (0.05, 0.04, 0.01), (50, 100, 200, 300, 600, 1_000)
DISCORDANCES, MARGINS = (0.03, 0.05, 0.08, 0.12, 0.2), (0.01, 0.02, 0.03)
GRIDS, FIRST = 1_000, 100_000
"""Grids of each case, and the number of the first: those from 0 on were used to choose between formulas."""
ERROR_ABOVE_ALPHA = 0.005
COVERED = (0.88, 0.94)
NOMINAL = 0.90
DIFFICULTY = 2.0
"""Standard deviation of how hard rows are, in that of the chance by which one run answers and another does not: at an
accuracy of 0.9 two runs that are alike in all else differ on 8% of the rows."""
NESTED = 0.5


def clopper_pearson(n: int, confidence: float) -> Measured:
    """The share that the two-sided interval covers, at every true fraction."""
    ends = [interval(k, n, confidence=confidence) for k in range(n + 1)]
    low, high = np.array([one.low for one in ends]), np.array([one.high for one in ends])
    k = np.arange(n + 1)
    covered = [float(stats.binom.pmf(k, n, p)[(low <= p) & (p <= high)].sum()) for p in FRACTIONS]
    return {
        "least": round(min(covered), 4),
        "at": round(float(FRACTIONS[int(np.argmin(covered))]), 4),
        "mean": round(float(np.mean(covered)), 4),
        "met": min(covered) >= confidence - 1e-9,
    }


def tango(n: int, alpha: float) -> Measured:
    """How often each test says "not worse by the margin" of a model that is worse by just the margin."""
    worst: dict[str, Any] = {"score": 0.0, "wald": 0.0}
    for discordance in DISCORDANCES:
        for margin in MARGINS:
            if margin >= discordance:
                continue
            b, c, chance = _counts(n, (discordance - margin) / 2.0, (discordance + margin) / 2.0)
            for method, holds in (
                ("score", _score_holds(b, c, n, margin=margin, alpha=alpha)),
                ("wald", _wald_holds(b, c, n, margin=margin, alpha=alpha)),
            ):
                error = float(chance[holds].sum())
                if error > worst[method]:
                    worst |= {method: error, f"{method}_at": [discordance, margin]}
    return {
        "score": round(worst["score"], 4),
        "score_at": worst["score_at"],
        "wald": round(worst["wald"], 4),
        "wald_at": worst["wald_at"],
        "met": worst["score"] <= alpha + ERROR_ABOVE_ALPHA,
    }


def _counts(n: int, p_first: float, p_second: float) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[Any]]:
    """Pairs of counts that matter, and their chances; what is left out weighs less than 1e-7."""
    ends = [range(int(stats.binom.ppf(1e-9, n, p)), int(stats.binom.isf(1e-9, n, p)) + 1) for p in (p_first, p_second)]
    b, c = (one.ravel() for one in np.meshgrid(*map(np.array, ends), indexing="ij"))
    b, c = b[b + c <= n], c[b + c <= n]
    rest = np.stack([b, c, n - b - c], axis=1)
    return b, c, stats.multinomial.pmf(rest, n, [p_first, p_second, 1.0 - p_first - p_second])


def _score_holds(b: NDArray[np.int64], c: NDArray[np.int64], n: int, *, margin: float, alpha: float) -> Any:
    """The product's own test. For a given number of rows that differ it holds from some share won on."""
    holds, least = np.zeros(len(b), dtype=np.bool_), {}
    for differ in np.unique(b + c).tolist():
        low, high = -1, differ + 1
        while high - low > 1:
            middle = (low + high) // 2
            counts = PairedCounts(n=n, n_only_first=middle, n_only_second=differ - middle)
            low, high = (low, middle) if non_inferiority(counts, margin=margin, alpha=alpha).holds else (middle, high)
        least[differ] = high
    for differ, from_on in least.items():
        holds |= (b + c == differ) & (b >= from_on)
    return holds


def _wald_holds(b: NDArray[np.int64], c: NDArray[np.int64], n: int, *, margin: float, alpha: float) -> Any:
    difference = (b - c) / n
    error = np.sqrt(np.maximum((b + c) / n - difference**2, 0.0) / n)
    return difference - float(special.ndtri(1.0 - alpha)) * error >= -margin


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A grid of runs, as it truly is."""

    sizes: tuple[int, ...] = (250, 500, 1_000)
    """Training rows of the runs, of `pool`."""
    pool: int = 2_000
    seeds: int = 3
    """Runs at each size."""
    rows: int = 500
    """That runs are judged on."""
    accuracy: float = 0.9
    """Of the recipe, at the size that is looked at."""
    seeds_over_rows: float = 0.5
    """Standard deviation of one run because of its seeds, over that of the mean over rows, at the largest size."""
    share_subset: float = 0.5
    """Of that variance, what is due to the subset as long as few of the pool are drawn; the rest to the training."""
    slopes: tuple[float, float] = (-0.5, -0.5)
    """Of the log variance of subset and training in log n."""
    group: int = 1
    """Rows of one group, all as hard as one another."""
    at: int = -1
    """The size that is looked at."""
    one_seed: bool = False
    """The rung itself has one seed; its components are borrowed from a sibling with `seeds`."""


CASES: Mapping[str, Case] = {
    "one size, two seeds": Case(sizes=(1_000,), seeds=2),
    "one size, three seeds": Case(sizes=(1_000,)),
    "one size, five seeds": Case(sizes=(1_000,), seeds=5),
    "two sizes, two seeds": Case(sizes=(500, 1_000), seeds=2),
    "three sizes, two seeds": Case(seeds=2),
    "three sizes, three seeds": Case(),
    "five sizes, three seeds": Case(sizes=(125, 250, 500, 1_000, 2_000)),
    "the smallest of three sizes": Case(at=0),
    "seeds do not matter": Case(seeds_over_rows=0.0),
    "seeds do not matter, two seeds": Case(seeds_over_rows=0.0, seeds=2),
    "seeds matter as rows do": Case(seeds_over_rows=1.0),
    "seeds matter as rows do, two seeds": Case(seeds_over_rows=1.0, seeds=2),
    "seeds matter twice as much": Case(seeds_over_rows=2.0),
    "seeds matter twice as much, one size": Case(seeds_over_rows=2.0, sizes=(1_000,)),
    "seeds matter twice as much, five seeds": Case(seeds_over_rows=2.0, seeds=5),
    "subsets alone": Case(seeds_over_rows=1.0, share_subset=1.0, slopes=(-1.0, 0.0)),
    "training alone, as much at every size": Case(seeds_over_rows=1.0, share_subset=0.0, slopes=(-1.0, 0.0)),
    "steep subsets, level training": Case(seeds_over_rows=1.0, slopes=(-1.0, 0.0)),
    "all of the pool": Case(sizes=(500, 1_000, 2_000), seeds_over_rows=1.0),
    "200 rows": Case(rows=200),
    "2,000 rows": Case(rows=2_000),
    "accuracy 0.6": Case(accuracy=0.6),
    "accuracy 0.98": Case(accuracy=0.98),
    "accuracy 0.99 on 200 rows": Case(accuracy=0.99, rows=200),
    "groups of five": Case(group=5),
    "one seed, borrowed": Case(one_seed=True),
    "one seed, borrowed, seeds matter as rows do": Case(one_seed=True, seeds_over_rows=1.0),
    "one seed, borrowed from two seeds": Case(one_seed=True, seeds=2),
}
QUICK = ("three sizes, three seeds", "one seed, borrowed")


def simulated(name: str, *, grids: int) -> Measured:
    """How often the interval of one case's recipe covers its accuracy."""
    case = CASES[name]
    covered, plain, widths = [], [], []
    for number in range(FIRST, FIRST + grids):
        generator = np.random.default_rng([number, *name.encode()])
        runs = _grid(case, generator)
        of_rung = [run for run in runs if run.n == case.sizes[case.at]]
        groups = None if case.group == 1 else np.arange(case.rows, dtype=np.int64) // case.group
        found = components(runs, n_pool=case.pool, groups=groups)
        assert found is not None, "every case has two runs of a size"
        if case.one_seed:
            of_rung, found = [_grid(case, generator)[-1]], borrowed(found, rung="sibling")
        right = np.stack([run.right for run in of_rung])
        n_subsets = len({run.subset_seed for run in of_rung}) if case.sizes[case.at] < case.pool else 1
        recipe = Recipe(right=right, n=case.sizes[case.at], n_subsets=n_subsets, components=found)
        given = recipe_interval(recipe, groups=groups, seed=number, confidence=NOMINAL, n_draws=1_000)
        covered.append(given.low <= case.accuracy <= given.high)
        widths.append(given.high - given.low)
        bootstrap = _bootstrap(right, groups, seed=number)
        plain.append(bootstrap.low <= case.accuracy <= bootstrap.high)
    share = float(np.mean(covered))
    return {
        "grids": grids,
        "covered": round(share, 4),
        "mean_half_width": round(float(np.mean(widths)) / 2.0, 4),
        "percentile_bootstrap": round(float(np.mean(plain)), 4),
        "met": COVERED[0] <= share <= COVERED[1],
        "standard_error": round(math.sqrt(share * (1.0 - share) / grids), 4),
    }


def _grid(case: Case, generator: np.random.Generator) -> list[Run]:
    """Runs of one rung. Rows are right by a normal law: how hard the row is, the run's effect, and chance."""
    hard = np.repeat(generator.standard_normal(math.ceil(case.rows / case.group)), case.group)[: case.rows]
    at = case.sizes[case.at]
    deviation = case.seeds_over_rows * math.sqrt(case.accuracy * (1 - case.accuracy) / case.rows)
    # An effect moves accuracy by itself times the density where the rows that are right begin.
    spread = math.sqrt(DIFFICULTY**2 + 1.0)
    density = stats.norm.pdf(special.ndtri(case.accuracy)) / spread
    runs, subset = [], np.zeros(case.seeds)
    for place, n in enumerate(case.sizes):
        kept = NESTED if place else 0.0
        subset = kept * subset + math.sqrt(1.0 - kept**2) * generator.standard_normal(case.seeds)
        scale = (n / case.sizes[-1]) ** np.array(case.slopes)
        of_subset = case.share_subset * scale[0] * (1.0 - n / case.pool)
        of_training = (1.0 - case.share_subset) * scale[1]
        sizes = np.sqrt([of_subset, of_training]) * deviation / density
        # With seeds of this size about it the mean over seeds is the accuracy that the case has.
        level = special.ndtri(case.accuracy) * math.sqrt(spread**2 + float((sizes**2).sum()))
        effects = sizes[0] * subset + sizes[1] * generator.standard_normal(case.seeds)
        for k, effect in enumerate(effects):
            right = level + effect + DIFFICULTY * hard + generator.standard_normal(case.rows) > 0.0
            runs.append(Run(n=n, subset_seed=k, training_seed=k, right=right))
    assert any(run.n == at for run in runs), "the size that is looked at was run"
    return runs


def _bootstrap(right: NDArray[np.bool_], groups: NDArray[np.int64] | None, *, seed: int) -> Any:
    """Runs and groups of rows drawn with replacement: what is not used."""
    codes = np.arange(right.shape[1]) if groups is None else groups
    n_groups = int(codes.max()) + 1
    gained = np.stack([np.bincount(codes, weights=one, minlength=n_groups) for one in right])
    size = np.bincount(codes, minlength=n_groups)
    times = np.concatenate(list(group_draws(n_groups, n_draws=500, seed=seed)))
    runs = np.concatenate(list(group_draws(len(right), n_draws=500, seed=seed + 1)))
    draws = np.einsum("dg,sg,ds->d", times, gained, runs, optimize=True) / (times @ size) / len(right)
    return percentile_interval(draws, confidence=NOMINAL)


def run(name: str) -> Measured:
    """Measures one cell.

    Args:
        name: what is measured, and of what.
    """
    what, _, of = name.partition("; ")
    if what == "clopper-pearson":
        n, confidence = of.split(" at ")
        return clopper_pearson(int(n), float(confidence))
    if what == "non-inferiority":
        n, alpha = of.split(" at ")
        return tango(int(n), float(alpha))
    case, _, grids = of.rpartition("; ")
    return simulated(case, grids=int(grids))


def names(*, quick: bool) -> list[str]:
    """Names of the cells.

    Args:
        quick: the small form, for tests.
    """
    if quick:
        cases = [f"recipe; {case}; 20" for case in QUICK]
        return ["clopper-pearson; 30 at 0.95", "non-inferiority; 50 at 0.05", *cases]
    return [
        *(f"clopper-pearson; {n} at {confidence:g}" for n in ROWS for confidence in CONFIDENCES),
        *(f"non-inferiority; {n} at {alpha:g}" for n in PAIRS for alpha in ALPHAS),
        *(f"recipe; {case}; {GRIDS}" for case in CASES),
    ]


def summary(cells: Mapping[str, Measured]) -> dict[str, Any]:
    """All cells by what they measure, and how many are as asked.

    Args:
        cells: of `run`, by name.
    """
    table: dict[str, Any] = {}
    for name, figures in cells.items():
        what, _, of = name.partition("; ")
        table.setdefault(what, {})[of] = figures
    return {
        what: {"met": sum(one["met"] for one in of.values()), "of": len(of), "cells": of} for what, of in table.items()
    }


def main() -> None:
    """Measures the cells that are missing and prints all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=Path, required=True, help="file of finished cells, one JSON object per line")
    parser.add_argument("--data", type=Path, help="taken like the other benchmarks' and not read")
    parser.add_argument("--quick", action="store_true", help="the small form")
    given = parser.parse_args()
    print_json(summary(measure(names(quick=given.quick), run, kept=given.cells)))


if __name__ == "__main__":
    main()
