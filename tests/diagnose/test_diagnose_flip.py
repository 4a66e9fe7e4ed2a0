"""What would turn the choice of a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from suffice.diagnose.flip import flip_of
from suffice.diagnose.plans import Considered, ordered
from suffice.records.diagnosis import Plan, Step, StepCode
from suffice.records.evaluation import Interval
from suffice.records.grid import Grid
from suffice.records.task import CostSpec

EVEN = np.full(100, 0.01)
SPREAD = np.linspace(-0.0099, 0.0099, 100)
"""Draws within a point of their middle: four in five lie above the middle less 0.6 of a point."""


def considered(code: StepCode, *, score: float, labels: int, money: float, target: float) -> Considered:
    drawn = score + SPREAD
    plan = Plan(
        steps=(Step(code=code, what=code.replace("_", " "), labels=labels, minutes=0.0),),
        rung="tfidf",
        score=score,
        interval=Interval(low=float(drawn.min()), high=float(drawn.max()), confidence=0.9),
        probability=float((drawn >= target).mean()),
        money=money,
        predicted=False,
    )
    return Considered(plan=plan, reached=drawn >= target, score=drawn)


@pytest.fixture
def flip(grid: Callable[..., Grid]) -> Callable[..., str | None]:
    def told(*plans: tuple[StepCode, float, int, float], target: float = 0.9, per_label: float = 0.1) -> str | None:
        asked = grid((), at_least=target)
        asked = replace(asked, prices=CostSpec(per_label=per_label))
        made = [considered(c, score=s, labels=n, money=m, target=target) for c, s, n, m in plans]
        ranked = ordered([one.plan for one in made], called_for=None)
        return flip_of(made, ranked, asked, EVEN)

    return told


def test_a_lower_target_for_which_something_cheaper_will_do(flip):
    said = flip(("fix_training", 0.895, 0, 1.0), ("more_data", 0.94, 500, 51.0))
    # Four in five draws of what is cheaper lie at 0.889 or above.
    assert said == "with a target of 0.888 (1.1 points lower) it would be: fix training"


def test_a_target_so_high_that_the_plan_is_not_likely_enough(flip):
    assert flip(("more_data", 0.92, 500, 51.0)) == ("with a target above 0.913 this plan would not be likely enough")


def test_where_no_plan_is_likely_the_nearest_target_for_which_one_is(flip):
    said = flip(("fix_training", 0.80, 0, 1.0), ("more_data", 0.85, 500, 51.0))
    assert said == "with a target of 0.843 (5.6 points lower) it would be: more data"


def test_a_plan_that_is_nearly_likely_enough_needs_a_lower_target_and_no_other_plan(flip):
    assert flip(("more_data", 0.902, 500, 51.0)) == (
        "with a target of 0.895 (0.4 points lower) this plan would be likely enough"
    )


def test_the_price_of_a_label_at_which_another_likely_plan_is_the_cheaper(flip):
    said = flip(("clean_train_labels", 0.93, 200, 21.0), ("scale_up", 0.93, 0, 41.0))
    # 200 labels and a step for 41: a label at 0.20.
    assert said is not None
    assert said.endswith("; or with labels at 0.2 instead of 0.1 each it would be: scale up")


def test_plans_that_begin_with_the_same_code_turn_nothing(flip):
    said = flip(("clean_train_labels", 0.93, 200, 21.0), ("clean_eval_labels", 0.93, 0, 41.0))
    assert said == "with a target above 0.923 this plan would not be likely enough"


def test_without_plans_there_is_nothing_to_turn(flip):
    assert flip() is None
