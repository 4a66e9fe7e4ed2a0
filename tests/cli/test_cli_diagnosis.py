"""What is in the way, on a terminal: what carries a plan out beside that plan, and no signs of size of a lookup."""

from __future__ import annotations

from suffice.cli.diagnosis import print_diagnosis, print_symptoms
from suffice.records.diagnosis import Diagnosis, Plan, Step
from suffice.records.evaluation import Interval
from suffice.records.symptoms import NotApplicable


def plan(*steps: Step) -> Plan:
    return Plan(
        steps=steps,
        rung="hosted:big",
        score=0.9,
        interval=Interval(low=0.8, high=0.95, confidence=0.9),
        probability=0.7,
        money=26.0,
        predicted=False,
    )


def test_what_carries_a_plan_out_stands_beside_that_plan(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    reads = Step(code="add_retrieval", what="let it read", labels=0, minutes=0.0, sets="knowledge.use=always")
    held = Step(code="fix_format", what="hold it to the form", labels=0, minutes=0.0, sets="answer.hold_form=true")
    waits = Step(code="more_test_rows", what="label more test rows", labels=20, minutes=0.0)
    found = Diagnosis(
        gap=None,
        curves=(),
        forecast=(),
        rows_needed=(),
        gains=(),
        label_ceiling=None,
        plans=(plan(reads), plan(held, reads), plan(waits)),
        flip=None,
        drawn={},
        chances={},
        not_learnable=False,
        not_run=(),
        notes=(),
    )
    print_diagnosis(found, proven=False)
    said = [line for line in capsys.readouterr().out.splitlines() if "task file, or behind" in line]
    assert said == [
        "- to let it read: set in the task file, or behind `suffice fit`, knowledge.use=always",
        "- to hold it to the form, then let it read: set in the task file, or behind `suffice fit`, "
        "answer.hold_form=true knowledge.use=always",
    ]


def test_a_lookup_shows_no_signs_of_a_model_that_is_too_small(capsys):
    looked = (NotApplicable(symptom="repetition", why="nothing was written"),)
    print_symptoms(looked, rung="majority", kind="answer")
    print_symptoms(looked, rung="embed", kind="tools")
    assert capsys.readouterr().out == ""
    print_symptoms(looked, rung="embed", kind="classify")
    assert "repetition: not applicable: nothing was written" in capsys.readouterr().out
