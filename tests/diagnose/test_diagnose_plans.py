from dataclasses import replace

import pytest

from suffice.diagnose import settled_by
from suffice.records.diagnosis import Plan, Step
from suffice.records.evaluation import Interval
from suffice.records.verdict import Goal

OPEN = Goal(
    what="accuracy",
    outcome="undecided",
    n=87,
    n_effective=87.0,
    estimate=0.954,
    lower=0.89,
    upper=0.98,
    alpha=0.04,
    target=0.95,
    more_rows=8_400,
)
PROOF = Step(
    code="more_test_rows", what="label about 710 more held-out messages, to prove tfidf", labels=710, minutes=0
)
ROWS = Step(code="more_data", what="label about 500 more training messages", labels=500, minutes=1.0)


def plan(*steps, rung="tfidf"):
    interval = Interval(low=0.9, high=0.99, confidence=0.9)
    return Plan(steps=steps, rung=rung, score=0.97, interval=interval, probability=0.9, money=71.0, predicted=False)


def test_what_settles_a_goal_is_told_with_the_one_figure_of_the_plan_that_proves_it():
    (goal,) = settled_by((OPEN,), plan(PROOF), rung="tfidf")
    assert goal == replace(OPEN, more_rows=710)


@pytest.mark.parametrize("taken", [None, plan(), plan(ROWS), plan(PROOF, rung="embed")])
def test_any_other_plan_leaves_what_the_test_says(taken):
    assert settled_by((OPEN,), taken, rung="tfidf") == (OPEN,)


def test_goals_that_are_settled_or_of_one_label_keep_their_figure():
    others = (replace(OPEN, outcome="proven", more_rows=0), replace(OPEN, what="recall of yes"))
    assert settled_by(others, plan(PROOF), rung="tfidf") == others
