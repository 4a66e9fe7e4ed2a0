"""How likely each code is the right one."""

from __future__ import annotations

import numpy as np
import pytest

from suffice.diagnose.plans import Considered
from suffice.diagnose.winners import sharpened, winners
from suffice.records.diagnosis import Plan, Step, StepCode
from suffice.records.evaluation import Interval

EVEN = np.full(4, 0.25)


def considered(code: StepCode, money: float, reached: list[bool]) -> Considered:
    plan = Plan(
        steps=(Step(code=code, what=code, labels=0, minutes=0.0),),
        rung="tfidf",
        score=0.9,
        interval=Interval(low=0.8, high=0.95, confidence=0.9),
        probability=float(np.mean(reached)),
        money=money,
        predicted=False,
    )
    return Considered(plan=plan, reached=np.array(reached), score=np.where(reached, 0.95, 0.85))


def test_the_cheapest_that_does_wins_a_draw():
    plans = [
        considered("more_data", 100.0, [True, True, True, False]),
        considered("fix_training", 1.0, [True, False, False, False]),
    ]
    assert winners(plans, EVEN, provable=None) == {"more_data": 0.5, "fix_training": 0.25, "undecided": 0.25}


def test_steps_that_tell_of_one_code_count_together():
    plans = [
        considered("clean_eval_labels", 1.0, [True, False, False, False]),
        considered("clean_train_labels", 2.0, [True, True, False, False]),
    ]
    assert winners(plans, EVEN, provable=None) == {"clean_labels": 0.5, "undecided": 0.5}


def test_a_rung_that_does_as_it_is_comes_first_and_lacks_evidence_alone():
    plans = [
        considered("fix_training", 1.0, [True, True, True, True]),
        considered("more_test_rows", 500.0, [True, False, False, True]),
    ]
    assert winners(plans, EVEN, provable=None) == {"undecided": 0.5, "fix_training": 0.5}


def test_draws_that_the_sealed_test_makes_likelier_count_more():
    plans = [considered("more_data", 1.0, [True, False, False, False])]
    found = winners(plans, np.array([0.7, 0.1, 0.1, 0.1]), provable=None)
    assert found == pytest.approx({"more_data": 0.7, "undecided": 0.3})


def test_where_no_plan_is_known_nothing_is_decided():
    assert winners([], EVEN, provable=None) == {"undecided": 1.0}


def test_a_temperature_above_one_brings_chances_nearer_to_each_other_and_keeps_their_sum():
    flat = sharpened({"more_data": 0.64, "undecided": 0.36}, temperature=2.0, lapse=0.0)
    assert flat == pytest.approx({"more_data": 0.8 / 1.4, "undecided": 0.6 / 1.4})
    assert sharpened({}) == {}


@pytest.mark.parametrize(("provable", "expected"), [(0.93, "suffices"), (0.97, "undecided")])
def test_what_does_as_it_is_suffices_where_the_test_rows_would_show_it(provable, expected):
    plans = [considered("more_test_rows", 500.0, [True, True, True, True])]  # Its score is 0.95.
    assert winners(plans, EVEN, provable=provable)[expected] == 1.0


def test_what_no_draw_knows_of_is_left_to_nothing():
    assert sharpened({"more_data": 1.0}, lapse=0.05) == {"more_data": pytest.approx(0.95)}
