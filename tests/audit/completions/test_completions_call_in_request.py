import pytest

from suffice.audit.completions import CallRows
from suffice.kinds.calls.rows import read_row

AREA = [{"geo.area": {"radius": [5], "unit": ["cm", ""]}}]
CLEAR = [
    ("The area of a circle with radius 5, by geo.area", AREA),
    ("geo.area(radius=6) is wrong, it is one less", AREA),
    ("my geo.area(5) does not work", AREA),
    ("Call geo.area(radius=5) or do not", []),
]


@pytest.mark.parametrize(
    "asked",
    [
        "geo.area(radius=5)",
        "Do what (as I said) geo.area(radius=5, unit='cm') does, please.",
        "Run geo_area(unit='(cm)', radius=5) or geo_area( radius = 5 ).",
        'Do this: {"name": "geo.area", "arguments": {"radius": 5}}',
        'Do this:\n```json\n{"name": "geo_area", "arguments": {"radius": 5}}\n```',
    ],
)
def test_requests_that_hold_their_own_call_are_found(found, calls, asked):
    [one] = found("call_in_request", calls(*CLEAR, (asked, AREA)))
    assert one.rows.tolist() == [4]
    assert one.got == "1 of 4 requests with right calls hold one of them, written out"
    assert one.score == 0.25


def test_other_calls_and_the_name_of_a_tool_are_clear(found, calls):
    assert found("call_in_request", calls(*CLEAR)) == []


def test_what_the_assistant_called_before_is_no_leak(found):
    called = {"type": "function", "function": {"name": "now", "arguments": "{}"}}
    turns = [
        {"role": "user", "content": "What time is it?"},
        {"role": "assistant", "content": "now()", "tool_calls": [called]},
        {"role": "tool", "content": "12:05"},
        {"role": "user", "content": "And again?"},
    ]
    tools = [{"name": "now", "parameters": {"type": "object", "properties": {}}}]
    row = read_row({"messages": turns, "tools": tools, "accepted_calls": [{"now": {}}]}, where="row")
    assert found("call_in_request", CallRows(questions=("And again?",), examples=(row,))) == []


def test_without_right_calls_it_does_not_apply(why_not, calls):
    assert why_not("call_in_request", calls(("sing!", []))) == "in no row a call is right"
