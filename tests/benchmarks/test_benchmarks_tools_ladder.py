"""The ladder of tool calls is measured on tools that no rung has seen."""

from __future__ import annotations

from typing import Any

from tools_ladder import CATEGORIES, divided, figures

from household import LAMP, TIMER
from suffice.records.completion import Completion


def rows(n: int) -> list[dict[str, Any]]:
    """Of every category in turn; two rows have one tool."""
    return [
        {
            "id": f"b{k}",
            "category": CATEGORIES[k % 3],
            "messages": [{"role": "user", "content": f"Request {k}"}],
            "tools": [{**(LAMP if k % 4 < 2 else TIMER), "name": f"tool{k // 6}_{k % 3}"}],
            "accepted_calls": [] if k % 3 == 2 else [{f"tool{k // 6}_{k % 3}": {"room": ["hall", ""]}}],
        }
        for k in range(n)
    ]


def test_no_tool_of_a_judged_row_was_trained_on_and_no_row_is_lost() -> None:
    found = divided([*rows(120), {**rows(1)[0], "category": "parallel"}], seed=0, n_train=None, n_judged=None)
    names = [{tool.name for one in some for tool in one.example.tools} for some in (found.train, found.judged)]
    assert not names[0] & names[1]
    assert len(found.train) + len(found.judged) == 120
    # Of 60 tools with two rows each, six in ten are trained on.
    assert len(found.train) == 72
    assert 0 < len(found.tune) < 12
    fewer = divided(rows(120), seed=0, n_train=10, n_judged=7)
    assert (len(fewer.train), len(fewer.judged)) == (10, 7)
    assert {one.id for one in fewer.judged} < {one.id for one in found.judged}


def test_what_is_called_where_none_is_right_and_what_is_invented_is_counted() -> None:
    found = divided(rows(12), seed=0, n_train=None, n_judged=None)
    called = '[{"name": "kettle", "arguments": {}}]'
    written = [
        Completion(id=one.id, text=called, n_prompt_tokens=9, n_tokens=4, stop_reason="end", seconds=0.1)
        for one in found.judged
    ]
    told = figures(found, written, unheld=[found.judged[0].id])
    n_none = sum(not one.example.accepted for one in found.judged)
    assert told["calls_when_none_right"] == n_none
    assert told["invented_tools"] == len(found.judged) - n_none
    assert told["invented_tools_among_unheld"] == bool(found.judged[0].example.accepted)
    assert told["accuracy"] == 0.0
    assert told["tokens"] == 4.0
    assert sum(told["waterfall"].values()) == told["n"] == len(found.judged)
