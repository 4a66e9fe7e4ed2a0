"""How often intervals cover: what is summed is what the product does, and grids of runs are what their case says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import bench
import cells
import numpy as np
import pytest
import verdict_intervals
from scipy import stats

from suffice.stats.paired import PairedCounts
from suffice.stats.tango import non_inferiority


def test_the_quick_form_measures_some_of_each_and_a_second_run_measures_nothing_again(tmp_path: Path) -> None:
    names, kept, asked = verdict_intervals.names(quick=True), tmp_path / "cells.jsonl", list[str]()

    def run(name: str) -> cells.Measured:
        asked.append(name)
        return verdict_intervals.run(name)

    first = verdict_intervals.summary(cells.measure(names, run, kept=kept))
    assert verdict_intervals.summary(cells.measure(names, run, kept=kept)) == first
    assert asked == names
    assert {what: of["of"] for what, of in first.items()} == {"clopper-pearson": 1, "non-inferiority": 1, "recipe": 2}


def test_its_minutes_are_declared() -> None:
    assert bench.minutes_of(Path(verdict_intervals.__file__)) == verdict_intervals.MINUTES


def test_coverage_of_clopper_pearson_by_hand() -> None:
    # Two rows at 0.9: the interval of none right ends at 1 - sqrt(0.05) = 0.776, of one at sqrt(0.95) = 0.975, of two
    # at 1. A true 0.5 lies in all three, a true 0.995 in the last alone, with chance 0.995^2; 0.98 in it with 0.98^2.
    found = verdict_intervals.clopper_pearson(2, 0.90)
    least = min(p**2 for p in verdict_intervals.FRACTIONS if p > 0.95**0.5)
    assert found["least"] == pytest.approx(least, abs=1e-4)
    assert found["met"]


def test_the_score_tests_error_is_that_of_the_products_test_on_every_pair_of_counts() -> None:
    b, c, chance = verdict_intervals._counts(40, 0.05, 0.07)
    assert chance.sum() == pytest.approx(1.0, abs=1e-7)
    plain = [
        non_inferiority(PairedCounts(n=40, n_only_first=first, n_only_second=second), margin=0.02, alpha=0.05).holds
        for first, second in zip(b.tolist(), c.tolist(), strict=True)
    ]
    assert verdict_intervals._score_holds(b, c, 40, margin=0.02, alpha=0.05).tolist() == plain


def test_walds_test_by_hand() -> None:
    # 5 won, 3 lost of 100: 0.02, standard error sqrt((0.08 - 0.0004) / 100) = 0.0282; 0.02 - 1.645 * 0.0282 = -0.0264.
    one = np.array([5]), np.array([3])
    assert not verdict_intervals._wald_holds(*one, 100, margin=0.026, alpha=0.05)[0]
    assert verdict_intervals._wald_holds(*one, 100, margin=0.027, alpha=0.05)[0]


def test_runs_of_a_grid_have_the_accuracy_and_the_deviations_of_their_case() -> None:
    case = verdict_intervals.Case(sizes=(1_000,), seeds=500, rows=50, accuracy=0.9, seeds_over_rows=1.0, pool=10**9)
    found = []
    for number in range(30):
        runs = verdict_intervals._grid(case, np.random.default_rng(number))
        found.append([run.right.mean() for run in runs])
    accuracy = np.array(found)
    # Over grids rows differ, within one the seeds do: as much as rows, and chance on single rows besides.
    assert accuracy.mean() == pytest.approx(0.9, abs=0.02)
    within = accuracy.var(axis=1).mean()
    assert 0.09 / 50 < within < 2.2 * 0.09 / 50


def test_of_groups_all_rows_are_as_hard() -> None:
    case = replace(verdict_intervals.CASES["groups of five"], rows=1_000, seeds=2, sizes=(1_000,))
    runs = verdict_intervals._grid(case, np.random.default_rng(0))
    share = runs[0].right.reshape(-1, 5).mean(axis=1)
    # Of independent rows the shares of five would vary by 0.09 / 5.
    assert share.var() > 2.5 * 0.09 / 5


def test_the_percentile_bootstrap_that_is_not_used_covers_too_seldom_where_seeds_are_all() -> None:
    # STATISTICS of the project, section 3: with two seeds a nominal 90% covers half of the time.
    rng, covered = np.random.default_rng(0), []
    for number in range(100):
        accuracy = 0.5 + 0.15 * rng.standard_normal(2)
        right = np.arange(800) < 800 * accuracy[:, None]
        ends = verdict_intervals._bootstrap(right, None, seed=number)
        covered.append(ends.low <= 0.5 <= ends.high)
    assert np.mean(covered) == pytest.approx(0.5, abs=0.15)
    assert stats.binom.cdf(sum(covered), 100, 0.9) < 1e-6
