from __future__ import annotations

import json

import pytest
from review_rows import data_of

from suffice.records.labels import LabelSet
from suffice.review.read import read_decisions
from suffice.store.strict_json import dumps

DATA = data_of([("a message", "billing"), ("another", "refund")])
LABELS = LabelSet(names=("billing", "refund"))


@pytest.fixture
def line(decided):
    """A decision as a line, some of its keys changed."""

    def made(**changed):
        return json.dumps(json.loads(dumps(decided(DATA, 0))) | changed)

    return made


def read(text):
    return read_decisions(text, name="decisions.jsonl", labels=LABELS)


def test_what_was_written_is_read_back(decided):
    decisions = [decided(DATA, 0), decided(DATA, 1, "relabel", "billing", blind=True)]
    found = read("".join(dumps(decision, indent=None) + "\n" for decision in decisions))
    assert [line.decision for line in found.lines] == decisions
    assert [line.where for line in found.lines] == ["decisions.jsonl:1", "decisions.jsonl:2"]
    assert found.problems == ()


def test_no_lines_are_no_decisions():
    assert read("").lines == read("\n\n").lines == ()


@pytest.mark.parametrize("after", ["", "\n"])
def test_a_line_cut_off_by_a_crash_is_told_and_the_rest_is_kept(line, after):
    found = read(f"{line()}\n{line()[:40]}{after}{line() if after else ''}")
    assert len(found.lines) == (2 if after else 1)
    (problem,) = found.problems
    assert problem.where == "decisions.jsonl:2"
    assert problem.got.endswith("cut off in mid-line")
    assert "decide about its row again" in problem.fix


def test_a_whole_line_that_lacks_only_its_end_counts(line):
    assert len(read(line()).lines) == 1


@pytest.mark.parametrize(
    ("text", "rule", "got", "fix"),
    [
        ("keep it", "must be one decision in JSON", "'keep it'", "take the line out"),
        ("[1]", "must be whole", "Input should be an object", "correct the line"),
    ],
)
def test_what_is_no_decision_is_told(line, text, rule, got, fix):
    found = read(f"{text}\n{line()}\n")
    assert len(found.lines) == 1
    assert rule in found.problems[0].rule
    assert got in found.problems[0].got
    assert fix in found.problems[0].fix


@pytest.mark.parametrize(
    ("changed", "rule", "got", "fix"),
    [
        ({"action": "kep"}, "known action", "'kep' (nearest: 'keep')", "one of keep, relabel"),
        ({"action": "relabel", "became": "biling"}, "2 labels", "'biling' (nearest: 'billing')", "add the label to"),
        ({"action": "relabel"}, "2 labels", "None", "correct the line"),
        ({"row": "3"}, "must be whole", "row: Input should be a valid integer", "correct the line"),
        ({"shown": None}, "must be whole", "shown", "decide about its row again"),
        ({"colour": "red"}, "must be whole", "colour: Unexpected keyword argument", "correct the line"),
    ],
)
def test_a_value_that_does_not_hold_is_told_with_its_line(line, changed, rule, got, fix):
    found = read(f"{line()}\n{line(**changed)}\n")
    (problem,) = found.problems
    assert (problem.where, len(found.lines)) == ("decisions.jsonl:2", 1)
    assert rule in problem.rule
    assert got in problem.got
    assert fix in problem.fix
