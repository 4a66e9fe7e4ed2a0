"""Symptoms of answers in free text: read from the layers that were measured, each found, clear or not applicable."""

from __future__ import annotations

import numpy as np
import pytest

from household import requests
from suffice.diagnose.symptoms import look
from suffice.evaluate.completions import evaluate_completions, judged_answers, judged_calls
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Gold, Question, Submission
from suffice.records.evaluation import NotMeasured
from suffice.records.symptoms import Clear, Found, NotApplicable
from suffice.records.tool_spec import ToolSpec

N = 20
ROUND = "so we count and " * 12


@pytest.fixture
def looked(observed):
    """Symptoms by name, of twenty completions."""

    def made(text: str, *, n_like_it: int = N, context: str | None = None):
        questions = [
            Question(
                id=f"q{k}",
                source="r.jsonl",
                row=k,
                text=f"What is {k} and 1?",
                gold=Gold(answer=str(k + 1), trace=None),
                group=None,
                split=None,
                context=context,
            )
            for k in range(N)
        ]
        said = [
            Submission(
                id=f"q{k}", text=text if k < n_like_it else f"{k} + 1 = {k + 1}\n#### {k + 1}", stop_reason="end"
            )
            for k in range(N)
        ]
        judged = judged_answers(questions, said, np.arange(N), spec=AnswerSpec(), seed=0, done=lambda n: None)
        layers = evaluate_completions(judged, clusters=NotMeasured(why="not asked"))
        return {one.symptom: one for one in look(observed(kind="answer", closed=False, answers=layers))}

    return made


def test_steps_that_do_not_hold_are_poor_logic(looked) -> None:
    found = looked("2 + 2 = 5\n#### 5", n_like_it=10)["poor_logic"]
    assert isinstance(found, Found)
    # By hand: 10 of 20, and one equation in each of the 20.
    assert found.figures[0].value == 0.5
    assert found.says.startswith("50.0% of 20 answers with steps have a wrong one (")
    assert found.says.endswith("; 10 of 20 equations do not hold")
    assert isinstance(looked("2 + 2 = 4\n#### 4")["poor_logic"], Clear)


def test_without_a_step_there_is_no_logic_to_judge(looked) -> None:
    found = looked("#### 4")["poor_logic"]
    assert isinstance(found, NotApplicable)
    assert found.why == "no completion has a step before its answer"


def test_completions_that_go_round_in_circles_are_repetition(looked) -> None:
    found = looked(ROUND, n_like_it=10)["repetition"]
    assert isinstance(found, Found)
    assert found.figures[0].value == 0.5
    assert "beside that, held against no threshold, 50.0% are word for word those of another question" in found.says
    assert isinstance(looked("1 + 1 = 2\n#### 2", n_like_it=1)["repetition"], Clear)


def test_what_stands_in_no_context_is_hallucination(looked) -> None:
    found = looked("#### 977", n_like_it=10, context="There are many numbers.")["hallucination"]
    assert isinstance(found, Found)
    assert found.says.endswith("; 0 of these are right")
    assert isinstance(looked("#### 977")["hallucination"], NotApplicable)


def looked_at_calls(observed, text: str):
    rows = requests(N)
    said = [Submission(id=row.id, text=text, stop_reason="end") for row in rows]
    judged = judged_calls(rows, said, np.arange(N), spec=ToolSpec(), seed=0, done=lambda n: None)
    layers = evaluate_completions(judged, clusters=NotMeasured(why="not asked"))
    return {one.symptom: one for one in look(observed(kind="tools", closed=False, answers=layers))}


def test_calls_of_tools_that_there_are_not_are_hallucination(observed) -> None:
    found = looked_at_calls(observed, '[{"name": "kettle", "arguments": {}}]')["hallucination"]
    assert isinstance(found, Found)
    # By hand: of every four requests no call is right for one, and a call that is made there is another class.
    assert found.figures[0].value == 0.75
    assert found.says.startswith("75.0% of 20 requests are answered by a call of a tool that there is not (")
    assert isinstance(looked_at_calls(observed, "[]")["hallucination"], Clear)


def test_calls_have_no_steps_that_could_be_wrong(observed) -> None:
    found = looked_at_calls(observed, "[]")["poor_logic"]
    assert isinstance(found, NotApplicable)
    assert found.why == "calls have no steps that could be wrong"
