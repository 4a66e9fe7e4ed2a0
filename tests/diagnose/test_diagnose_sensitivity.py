"""Models that were asked the same with small changes: who is asked, what flips, and that nothing is decided by it."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from asked_cells import asked_cell
from scipy.stats import binomtest

from suffice.diagnose import diagnose
from suffice.diagnose.next_cells import may_follow, next_cells
from suffice.diagnose.sensitivity import sensitivities_of
from suffice.records.diagnosis import Diagnosis
from suffice.records.evaluation import Interval
from suffice.records.grid import Asking, Grid, Measured, RungFacts
from suffice.records.hosted import Consistency
from suffice.records.next_cells import Budget
from suffice.records.task import CostSpec, TargetSpec

RUNG, N = "hosted:mini", 200
CASE, TYPO, GREETING = "sensitivity:case", "sensitivity:typo", "sensitivity:greeting"
STEADY = Consistency(n=20, repeats=3, n_same=19, share=0.95, interval=Interval(low=0.75, high=0.99, confidence=0.95))


def facts(name: str = RUNG, *, trains: bool = False, seconds: float = 0.0) -> RungFacts:
    ways = tuple(Asking(rung=name, change=change, seconds=seconds) for change in (CASE, TYPO, GREETING))
    return RungFacts(
        name=name, cheap=False, trains=trains, sweep=(), in_ladder=True, seconds_per_row=0.0, sensitivities=ways
    )


def answered(right: range, *, change: str | None = None, rows: range = range(N), rung: str = RUNG) -> Measured:
    """A cell that is right on some of the rows that it was asked."""
    right = [row for row in right if row in rows]
    return asked_cell(rung, N, right=right, asked=rows, change=change, seconds=10.0)


def grid_of(*cells: Measured, again: tuple[Measured, ...] = (), **given) -> Grid:
    stated = {
        "kind": "answer",
        "labels": ("wrong", "right"),
        "y_true": np.ones(N, dtype=np.int64),
        "groups": np.arange(N, dtype=np.int64),
        "n_train": 100,
        "n_validation": N,
        "n_test": 400,
        "target": TargetSpec(at_least=0.9),
        "prices": CostSpec(),
        "rungs": (facts(),),
        "cells": cells,
        "asked_again": again,
    }
    return Grid(**(stated | given))


def wanted(grid: Grid, *skip: str) -> list[tuple[str, str | None]]:
    budget = Budget(seconds=float("inf"), run_all=False, n_seeds=1, seed=0, skip=frozenset(skip))
    return [(one.rung, one.change) for one in next_cells(grid, budget).wanted]


# Right on rows 0 to 119 as they are. Without capitals, asked about rows 0 to 79 alone: rows 70 to 79 flip. With slips,
# asked about rows 0 to 99: rows 90 to 99 flip. Behind a greeting, of rows 100 to 139: 120 to 124 come right.
WHOLE = answered(range(120))
AGAIN = (
    answered(range(70), change=CASE, rows=range(80)),
    answered(range(90), change=TYPO, rows=range(100)),
    answered(range(100, 125), change=GREETING, rows=range(100, 140)),
)


def test_flips_are_counted_on_the_rows_that_were_asked_both_ways() -> None:
    (found,) = sensitivities_of(grid_of(WHOLE, again=AGAIN[:2]))
    assert (found.rung, [one.change for one in found.flips]) == (RUNG, ["case", "typo"])
    told = [one.found for one in found.flips]
    counts = [(one.n, one.n_right_to_wrong, one.n_wrong_to_right, one.rate) for one in told]
    assert counts == [(80, 10, 0, pytest.approx(0.125)), (100, 10, 0, pytest.approx(0.1))]
    low, high = binomtest(10, 80).proportion_ci(0.95, method="exact")
    assert (told[0].interval.low, told[0].interval.high) == (pytest.approx(low), pytest.approx(high))
    # Every way was asked about rows 0 to 79. Of these 70 are right every way, and ten in two ways of three: by column
    # 80, 70, 80. Q = 2 (3 (80^2 + 70^2 + 80^2) - 230^2) / (3 * 230 - (70 * 9 + 10 * 4)) = 2 * 200 / 20 = 20.
    assert (found.together.n, found.together.df, found.together.statistic) == (80, 2, pytest.approx(20.0))
    assert found.together.p_value == pytest.approx(np.exp(-10.0))  # Of chi-squared with two degrees, exp(-Q / 2).


def test_rows_that_no_two_changes_share_are_told_one_by_one_alone() -> None:
    (found,) = sensitivities_of(grid_of(WHOLE, again=AGAIN))
    assert found.together is None
    greeting = found.flips[-1].found
    assert (greeting.n_right_to_wrong, greeting.n_wrong_to_right, greeting.difference) == (0, 5, pytest.approx(5 / 40))


def test_of_labels_one_wrong_one_for_another_is_a_flip_too() -> None:
    whole, case = answered(range(120)), answered(range(120), change=CASE, rows=range(150))
    case.y_pred[140:150] = 2
    grid = grid_of(whole, again=(case,), kind="classify", labels=("a", "b", "c"))
    (flips,) = sensitivities_of(grid)[0].flips
    assert (flips.found.n_wrong_to_other, flips.found.rate) == (10, pytest.approx(10 / 150))


def test_what_repeated_calls_alone_change_stands_beside_it() -> None:
    (found,) = sensitivities_of(grid_of(replace(WHOLE, consistency=STEADY), again=AGAIN))
    assert found.repeated == STEADY


def test_a_rung_that_was_asked_under_no_change_is_not_told() -> None:
    assert sensitivities_of(grid_of(WHOLE)) == ()
    elsewhere = answered(range(0), change=CASE, rows=range(0))
    assert sensitivities_of(grid_of(WHOLE, again=(elsewhere,))) == ()


def test_it_is_told_and_decides_nothing() -> None:
    told, not_told = (
        diagnose(grid_of(WHOLE, again=again), rung=RUNG, goals=(), skipped=(), seed=0) for again in (AGAIN, ())
    )
    assert len(told.sensitivity) == 1
    for field in fields(Diagnosis):
        if field.name != "sensitivity":
            assert getattr(told, field.name) == getattr(not_told, field.name), field.name


def test_every_change_is_wanted_once_and_left_out_on_demand() -> None:
    every = [(RUNG, change) for change in (CASE, TYPO, GREETING)]
    assert wanted(grid_of(WHOLE)) == every
    assert wanted(grid_of(WHOLE, again=AGAIN[:1])) == every[1:]
    assert wanted(grid_of(WHOLE), "sensitivity") == []
    budget = Budget(seconds=float("inf"), run_all=False, n_seeds=1, seed=0)
    assert [(one.rung, one.change) for one in may_follow(grid_of(WHOLE), budget, first=())] == every


def test_nothing_is_asked_where_the_target_is_met() -> None:
    here = facts("x/y@prompted")
    assert wanted(grid_of(answered(range(200), rung=here.name), rungs=(here,))) == []
    assert len(wanted(grid_of(answered(range(120), rung=here.name), rungs=(here,)))) == 3


def test_a_model_that_another_is_clearly_better_than_is_not_asked() -> None:
    tuned = facts("tuned", trains=True)
    cells = (WHOLE, answered(range(160), rung="tuned"))
    assert {rung for rung, change in wanted(grid_of(*cells, rungs=(facts(), tuned))) if change == CASE} == {"tuned"}


def test_asking_takes_no_longer_than_tuning_did() -> None:
    # Tuning took ten seconds: two changes of four seconds fit into it, three do not.
    tuned = facts(trains=True, seconds=4.0)
    budget = Budget(seconds=float("inf"), run_all=False, n_seeds=1, seed=0)
    found = next_cells(grid_of(WHOLE, rungs=(tuned,)), budget)
    assert [one.change for one in found.wanted if one.change in {CASE, TYPO, GREETING}] == [CASE, TYPO]
    assert (GREETING, "asking it under all these changes would take longer than tuning did") in [
        (one.what, one.why) for one in found.skipped
    ]
    prompted = facts(seconds=4.0)
    assert len(wanted(grid_of(WHOLE, rungs=(prompted,)))) == 3
