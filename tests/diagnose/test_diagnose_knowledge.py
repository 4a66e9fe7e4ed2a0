"""Missing knowledge, missed passages and passages that are not used, told apart by what cells say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from asked_cells import asked_cell

from suffice.diagnose import diagnose
from suffice.diagnose.draws import Draws
from suffice.diagnose.knowledge import uses_of
from suffice.diagnose.next_cells import next_cells
from suffice.diagnose.outcomes import Outcomes
from suffice.records.evaluation import Interval
from suffice.records.grid import Asking, Grid, Measured, RungFacts
from suffice.records.knowledge import Recall
from suffice.records.next_cells import Budget
from suffice.records.task import CostSpec, TargetSpec
from suffice.text.knowledge_words import use_sentence

RUNG, N = "hosted:mini", 200
CLOSED, FOUND, GOLD = "retrieval:none", "retrieval:found", "retrieval:gold"


def answered(n_right: int, *, change: str | None = None, rows: int = N) -> Measured:
    """A cell that is right on the first of the rows that it was asked."""
    return asked_cell(RUNG, N, right=range(n_right), asked=range(rows), change=change, price_per_message=0.001)


def recall(n_found: int, *, low: float, n: int = 100) -> Recall:
    interval = Interval(low=low, high=1.0, confidence=0.95)
    figures = {"n": n, "n_found": n_found, "recall": n_found / n, "interval": interval}
    return Recall(way="fused", k=3, missed=(), not_there=(), n_without_gold=0, **figures)


def grid_of(
    whole: Measured,
    *again: Measured,
    found: Recall | None = None,
    ways: tuple[str, ...] = (FOUND, GOLD),
    groups: np.ndarray | None = None,
) -> Grid:
    facts = RungFacts(
        name=RUNG,
        cheap=False,
        trains=False,
        sweep=(),
        in_ladder=True,
        seconds_per_row=0.0,
        price_per_message=0.001,
        readings=tuple(Asking(rung=RUNG, change=change, seconds=1.0) for change in ways),
    )
    return Grid(
        kind="answer",
        labels=("wrong", "right"),
        y_true=np.ones(N, dtype=np.int64),
        groups=np.arange(N, dtype=np.int64) if groups is None else groups,
        n_train=100,
        n_validation=N,
        n_test=400,
        target=TargetSpec(at_least=0.7),
        prices=CostSpec(),
        rungs=(facts,),
        cells=(whole,),
        asked_again=again,
        recall=found,
    )


def use_of(grid: Grid):
    (use,) = uses_of(Outcomes(draws=Draws(grid=grid, seed=0)))
    return use


@pytest.mark.parametrize(
    ("found", "gold", "finding"),
    [
        # Forty in a hundred are right without the knowledge.
        (90, 95, "brought"),  # What is found brings it.
        (60, 95, "brought"),  # A part of it.
        (41, 95, "missed"),  # The gold passage does, what is found does not.
        (41, 41, "not_used"),  # One row more of sixty that are wrong: neither is used.
        (30, 30, "not_used"),  # Nor where it makes matters worse.
    ],
)
def test_what_is_missing_missed_or_not_used_is_told_apart(found: int, gold: int, finding: str) -> None:
    again = (answered(found, change=FOUND, rows=100), answered(gold, change=GOLD, rows=100))
    use = use_of(grid_of(answered(40, rows=100), *again))
    assert (use.finding, use.closed) == (finding, pytest.approx(0.4))
    assert use.found.difference == pytest.approx((found - 40) / 100)
    assert use.gold_over_found.difference == pytest.approx((gold - found) / 100)
    assert use.found.rows == 100


def test_few_rows_cannot_tell() -> None:
    again = (answered(5, change=FOUND, rows=10), answered(5, change=GOLD, rows=10))
    use = use_of(grid_of(answered(4, rows=10), *again))
    assert use.finding == "unclear"
    assert "these rows cannot tell with 95% confidence: " in use_sentence(use)


@pytest.mark.parametrize(("rows", "in_group", "finding"), [(14, 1, "brought"), (80, 20, "unclear")])
def test_no_gain_is_told_beyond_what_two_accuracies_can_differ_by(rows: int, in_group: int, finding: str) -> None:
    again = (answered(rows, change=FOUND, rows=rows), answered(rows, change=GOLD, rows=rows))
    use = use_of(grid_of(answered(0, rows=rows), *again, groups=np.arange(N) // in_group))
    assert use.found.difference == use.found.interval.high == 1.0
    assert -1.0 < use.found.interval.low < 0.75
    assert -1.0 < use.gold_over_found.interval.low < 0.0 < use.gold_over_found.interval.high < 1.0
    assert use.finding == finding


def test_without_gold_passages_a_high_recall_stands_for_them() -> None:
    whole, found = answered(40, rows=100), answered(41, change=FOUND, rows=100)
    assert use_of(grid_of(whole, found, found=recall(95, low=0.88))).finding == "not_used"
    assert use_of(grid_of(whole, found, found=recall(50, low=0.40))).finding == "unclear"
    assert use_of(grid_of(whole, found)).finding == "unclear"


def test_a_rung_that_ships_with_its_knowledge_is_held_against_closed_book() -> None:
    grid = grid_of(answered(90, rows=100), answered(40, change=CLOSED, rows=100), ways=(CLOSED,))
    use = use_of(grid)
    assert (use.finding, use.closed, use.found.difference) == ("brought", pytest.approx(0.4), pytest.approx(0.5))
    # It is what it is: there is nothing to add.
    assert Outcomes(draws=Draws(grid=grid, seed=0)).switches_of(RUNG) == ()


def test_adding_retrieval_is_a_plan_that_is_foretold_for_the_rows_that_were_not_asked() -> None:
    # On the hundred rows that were asked, errors fall from 60 to 12, to a fifth; of all rows 160 of 200 are wrong.
    whole = answered(40)
    grid = grid_of(whole, replace(answered(88, change=FOUND, rows=100), latency_ms=50.0, price_per_message=0.004))
    errors = Outcomes(draws=Draws(grid=grid, seed=0)).errors(RUNG, frozenset({"retrieval"}))
    assert errors.predicted
    assert errors.values[0, 0] == pytest.approx(0.8 * 12 / 60)
    found = diagnose(grid, rung=RUNG, goals=(), skipped=(), seed=0)
    plan = next(plan for plan in found.plans if [step.code for step in plan.steps] == ["add_retrieval"])
    assert plan == found.plans[0]
    # A million messages at what a longer prompt costs, and 50 ms of a machine at 0.10 an hour; a step costs 1.
    assert plan.money == pytest.approx(1_000_000 * (0.004 + 50.0 / 3.6e6 * 0.1) + 1.0, rel=0.05)


def test_gold_passages_are_no_plan() -> None:
    grid = grid_of(answered(40), answered(95, change=GOLD, rows=100))
    assert Outcomes(draws=Draws(grid=grid, seed=0)).switches_of(RUNG) == ()


def test_what_knowledge_brings_is_asked_of_every_model_unless_it_is_left_out() -> None:
    def wanted(*skip: str) -> list[str | None]:
        budget = Budget(seconds=float("inf"), run_all=False, n_seeds=1, seed=0, skip=frozenset(skip))
        return [one.change for one in next_cells(grid_of(answered(40)), budget).wanted]

    assert wanted() == [FOUND, GOLD]
    assert wanted("prompt") == [FOUND, GOLD]
    assert wanted("retrieval") == []


def test_a_task_without_knowledge_is_told_nothing_of_it() -> None:
    assert uses_of(Outcomes(draws=Draws(grid=grid_of(answered(40), ways=()), seed=0))) == ()
