from dataclasses import replace

import numpy as np
import pytest

from suffice.diagnose import settled_by
from suffice.diagnose.draws import Draws
from suffice.diagnose.outcomes import Outcomes
from suffice.diagnose.plans import considered_plans
from suffice.records.diagnosis import Plan, Step
from suffice.records.evaluation import Interval
from suffice.records.grid import ReviewedRows
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


@pytest.fixture
def cleaned(cell, grid):
    """The step of the plan that cleans labels of evaluation and does nothing else, where a person has found all that a
    rung misses on 400 rows to be the fault of the label: what it then scores is nearly 1."""

    def made(**given):
        cells = [
            cell("majority", n=800, right=0.25, seed=1),
            *(cell("tfidf", n=n, right=0.85) for n in (200, 400, 800)),
        ]
        rows = np.arange(400)
        draws = Draws(grid=grid(cells, reviewed=ReviewedRows(rows=rows, y=cells[-1].y_pred[rows]), **given), seed=0)
        equally = np.full(len(draws.weights), 1 / len(draws.weights))
        plans = [one.plan for one in considered_plans(Outcomes(draws=draws), weights=equally)]
        (found,) = [one for one in plans if [step.code for step in one.steps] == ["clean_eval_labels"]]
        assert found.score > 0.99
        return found.steps[0]

    return made


def test_cleaned_labels_of_evaluation_are_proven_on_fresh_rows(cleaned):
    # By hand: 0.8 ** 14 is 0.044 and 0.8 ** 15 is 0.035, the first at 0.04 or below; 0.99 ** 15 is 0.86, above 0.8.
    step = cleaned(at_least=0.8)
    assert step.labels == 1_000 + 15
    assert step.what == (
        "look at the labels of the 1,000 validation messages, predictions unseen, and label 15 fresh test messages "
        "(enough to prove 0.8; the sealed ones have the same fault, and prove nothing once they are looked at)"
    )


def test_a_test_in_the_place_of_the_sealed_one_need_be_no_larger(cleaned):
    # 15 would prove 0.8, and the test that all other plans are content with has 12.
    step = cleaned(at_least=0.8, n_test=12)
    assert step.labels == 1_000 + 12
    assert "label 12 fresh test messages (as many as the sealed test has; " in step.what


def test_where_no_test_is_sealed_none_takes_its_place(cleaned):
    step = cleaned(at_least=0.8, n_test=0)
    assert (step.labels, step.what) == (
        1_000,
        "look at the labels of the 1,000 validation messages, predictions unseen",
    )


def test_right_answers_are_no_labels(cleaned):
    said = cleaned(at_least=0.8, kind="answer").what
    assert "look at the answers of the 1,000 validation questions" in said
    assert "write the right answers of 15 fresh test questions" in said
