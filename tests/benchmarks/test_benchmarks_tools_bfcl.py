"""Completions that were made wrong on purpose are wrong in the way that is said of them."""

from __future__ import annotations

from typing import Any

import pytest
from tool_corruptions import KINDS, corrupted, gold_cases, gold_of
from tool_variants import WAYS, variants
from tools_bfcl import compared

from suffice.kinds.calls.judge import judge
from suffice.kinds.calls.parse import parse

WEATHER = {
    "name": "weather.at",
    "description": "",
    "parameters": {
        "type": "dict",
        "properties": {
            "place": {"type": "string"},
            "days": {"type": "integer"},
            "wind": {"type": "float"},
            "unit": {"type": "string", "enum": ["celsius", "kelvin"]},
            "hours": {"type": "array", "items": {"type": "integer"}},
        },
        "required": ["place"],
    },
}
CLOCK = {"name": "clock", "description": "", "parameters": {"type": "dict", "properties": {"zone": {"type": "string"}}}}
OSLO = {"weather.at": {"place": ["Oslo"], "days": [3], "wind": [4.0, ""], "unit": ["celsius", ""], "hours": [[6, 18]]}}
ROME = {"weather.at": {"place": ["Rome", "Roma"], "days": [2]}}


def row(name: str, *accepted: dict[str, Any]) -> dict[str, Any]:
    category = "parallel" if len(accepted) > 1 else "multiple" if accepted else "irrelevance"
    messages = [{"role": "user", "content": "Weather?"}]
    tools = [WEATHER, CLOCK]
    return {"id": name, "category": category, "messages": messages, "tools": tools, "accepted_calls": [*accepted]}


GOLDS = [gold_of(one) for one in (row("one", OSLO), row("two", OSLO, ROME), row("none"))]


@pytest.mark.parametrize("seed", range(3))
def test_each_corruption_is_in_the_class_that_is_said_of_it(seed: int) -> None:
    cases = corrupted(GOLDS, n=5 * len(KINDS), seed=seed)
    assert {case.kind for case in cases} == set(KINDS)
    for case in cases:
        parsed = parse(case.text, names=["weather.at", "clock"])
        assert judge(parsed, case.example, truncated=case.truncated).outcome == case.expected, case


def test_the_same_seed_corrupts_alike_and_another_does_not() -> None:
    first, again, other = (corrupted(GOLDS, n=40, seed=seed) for seed in (1, 1, 2))
    assert [case.text for case in first] == [case.text for case in again]
    assert [case.text for case in first] != [case.text for case in other]


def test_gold_is_right_in_both_syntaxes_unless_no_value_is() -> None:
    without = gold_of(row("without", {"weather.at": {"place": ["Oslo"], "hours": []}}))
    cases = gold_cases([*GOLDS, without])
    assert [case.expected for case in cases] == ["right"] * 6 + ["wrong_arguments_value"] * 2
    figures = compared(cases, [{"valid": case.expected == "right"} for case in cases])
    assert (figures["n"], figures["same_verdict"], figures["in_the_class_that_was_meant"]) == (8, 8, 8)


def test_variants_say_gold_otherwise_and_leave_the_class_open() -> None:
    cases = variants(GOLDS, n=10 * len(WAYS), seed=0)
    assert {case.kind for case in cases} == set(WAYS)
    assert all(case.expected is None for case in cases)
    gold = {case.text for case in gold_cases(GOLDS)}
    assert not gold & {case.text for case in cases}


def test_what_is_judged_otherwise_is_counted_and_listed() -> None:
    cases = gold_cases(GOLDS[:1])
    figures = compared(cases, [{"valid": True}, {"valid": False, "why": "value_error:string"}])
    assert (figures["n"], figures["same_verdict"], figures["right_by_bfcl_eval"]) == (2, 1, 1)
    (listed,) = figures["otherwise"]
    assert (listed["id"], listed["ours"], listed["bfcl_eval"]["why"]) == ("one", "right", "value_error:string")
