import json
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.kinds.calls.judge import judge
from suffice.kinds.calls.parse import parse, parse_tool_calls
from suffice.kinds.calls.rows import gold_calls, read_row
from suffice.kinds.schemas.tools import spelled
from suffice.kinds.tools import render_calls
from suffice.records.tool_calls import TOOL_CLASSES

WEATHER = {
    "name": "weather.at",
    "description": "",
    "parameters": {
        "type": "object",
        "properties": {
            "place": {"type": "string"},
            "days": {"type": "integer", "minimum": 1},
            "unit": {"type": "string", "enum": ["C", "F"]},
        },
        "required": ["place"],
    },
}
CLOCK = {
    "name": "clock",
    "description": "",
    "parameters": {"type": "object", "properties": {"zone": {"type": "string"}}},
}
OSLO, ROME = {"weather.at": {"place": ["Oslo"], "days": [3, ""]}}, {"weather.at": {"place": ["Rome"]}}


def example(*accepted):
    messages = [{"role": "user", "content": "Weather?"}]
    return read_row({"messages": messages, "tools": [WEATHER, CLOCK], "accepted_calls": list(accepted)}, where="a row")


def judged(text, *accepted, truncated=False):
    return judge(parse(text, names=["weather.at", "clock"]), example(*accepted), truncated=truncated)


def call(name="weather.at", **arguments):
    return json.dumps({"name": name, "arguments": arguments})


INVENTED = (
    'fly(to="Rome")',
    "fly()",
    '[fly(to="Rome")]',
    'I would do this:\nfly(to="Rome")\nThat is all.',
    '```python\nfly(to="Rome")\n```',
    '{"name": "fly", "args": {"to": "Rome"}}',
    '{"name": "fly", "input": {"to": "Rome"}}',
    '{"functionCall": {"name": "fly", "args": {"to": "Rome"}}}',
    '<function=fly>{"to": "Rome"}</function>',
    '[TOOL_CALLS] [{"name": "fly", "arguments": {}}]',
    '[TOOL_CALLS]fly{"to": "Rome"}',
    '<|python_tag|>fly(to="Rome")',
)
"""Calls, each of a tool that there is not."""
BEGUN = (
    'clock(zone="CET"',
    'clock("CET")',
    '[fly(to="Rome"',
    '{"name": "fly", "args": {"to": ',
    '{"clock": {"zone": ',
    '<function=fly>{"to": ',
    "[TOOL_CALLS]fly{",
    "<tool_call>clock",
    "<|python_tag|>import time",
    "<function=clock><parameter=zone>CET</parameter></function>",
    "clock(zone=0x" + "F" * 4_000 + ")",
    '```json\n{"name": "clock"}\n```',
)
"""What was begun as a call and cannot be read as one."""
WORDS = (
    "[Note (from me): none of the tools fits]",
    "[Note(1): nothing]",
    "I will call clock(zone='CET') now.",
    "clock(zone='CET') would be it, but you gave no zone.",
    "clock(s) are not what you asked for.",
    "clock (the tool) does not fit.",
    "f(2) = 5",
    '{"answer": "clock"}',
    '{"name": "Ida", "input": "keyboard"}',
    "```python\nimport plots\nplots.show()\n```",
    "import plots\nplots.line(x=[1])\nplots.show()",
    "[clock](http://example.org/clock)",
)
"""An answer in words, signs or code that calls nothing."""


@pytest.mark.parametrize(
    ("text", "accepted", "truncated", "outcome"),
    [
        (call(place="oslo"), [OSLO], False, "right"),
        (f"[{call(place='Rome')}, {call(place='Oslo', days=3)}]", [OSLO, ROME], False, "right"),
        ("No tool can.", [], False, "right"),
        (call(place="oslo"), [OSLO], True, "right"),
        (call(place="oslo")[:-1], [OSLO], True, "truncated"),
        ("Let me see", [OSLO], True, "truncated"),
        (call(place="oslo")[:-1], [], True, "truncated"),
        (call(place="Oslo"), [], False, "called_when_none_right"),
        (call("new"), [], False, "called_when_none_right"),
        (call(place="Oslo")[:-1], [], False, "called_when_none_right"),
        *((text, [], False, "called_when_none_right") for text in INVENTED),
        *((text, [OSLO], False, "invented_tool") for text in INVENTED),
        *((text, [], False, "called_when_none_right") for text in BEGUN),
        *((text, [OSLO], False, "broken_syntax") for text in BEGUN),
        *((text, [], False, "right") for text in WORDS),
        *((text, [OSLO], False, "silent") for text in WORDS),
        ("It is cold.", [OSLO], False, "silent"),
        ("[]", [OSLO], False, "silent"),
        (call(place="Oslo")[:-1], [OSLO], False, "broken_syntax"),
        (f"[{call('new')}, {call('clock')}]", [OSLO], False, "invented_tool"),
        (f"[{call('clock')}, {call('new')}]", [OSLO], False, "invented_tool"),
        (call("clock", zone="CET"), [OSLO], False, "wrong_tool"),
        (f"[{call(place='Oslo')}, {call('clock')}]", [OSLO], False, "wrong_tool"),
        (f"[{call(place='Oslo')}, {call('clock')}]", [OSLO, ROME], False, "wrong_tool"),
        (f"[{call(place='Oslo')}, {call(place='Oslo')}]", [OSLO, {"clock": {}}], False, "wrong_tool"),
        (f"[{call(place='Oslo')}, {call(place='Rome')}]", [OSLO], False, "wrong_number_of_calls"),
        (call(place="Oslo"), [OSLO, ROME], False, "wrong_number_of_calls"),
        (call(days=3), [OSLO], False, "wrong_arguments_schema"),
        (call(place="Oslo", days="3"), [OSLO], False, "wrong_arguments_schema"),
        (call(place="Oslo", country="NO"), [OSLO], False, "wrong_arguments_schema"),
        (f"[{call(place='Bergen')}, {call(place=7)}]", [OSLO, ROME], False, "wrong_arguments_schema"),
        (call(place="Bergen"), [OSLO], False, "wrong_arguments_value"),
        (call(place="Oslo", unit="C"), [OSLO], False, "wrong_arguments_value"),
        (f"[{call(place='Oslo')}, {call(place='Oslo')}]", [OSLO, ROME], False, "wrong_arguments_value"),
        # What is accepted is right, whatever the schema says of it, and then is not what is wrong with the call.
        (
            call(place="Bergen", days=0),
            [{"weather.at": {"place": ["Oslo"], "days": [0]}}],
            False,
            "wrong_arguments_value",
        ),
        (call(place="Oslo", days=0), [{"weather.at": {"place": ["Oslo"], "days": [0]}}], False, "right"),
    ],
)
def test_the_first_class_that_holds_is_the_class(text, accepted, truncated, outcome):
    assert judged(text, *accepted, truncated=truncated).outcome == outcome


def test_a_judgement_tells_which_call_and_argument_and_what_would_have_been_right():
    found = judged(f"[{call(place='Rome')}, {call(place='Oslo', days=4)}]", OSLO, ROME)
    assert (found.call, found.argument, found.got, found.accepted) == (1, "days", "4", ("3",))
    found = judged(call(place="Oslo", days="3"), OSLO)
    assert (found.call, found.argument, found.accepted) == (0, "days", ("3",))
    assert found.got == "\"3\": '3' is not of type 'integer'"
    found = judged(call(), OSLO)
    assert (found.argument, found.got, found.accepted) == ("place", "is required", ('"Oslo"',))
    found = judged(call("weather"), OSLO)
    assert (found.call, found.got, found.accepted) == (0, "weather", ("weather.at", "clock"))
    found = judged(f"[{call(place='Oslo')}, {call('clock')}]", OSLO, ROME)
    assert (found.call, found.got, found.accepted) == (1, "clock", ("weather.at",))
    found = judged(f"[{call(place='Oslo')}, {call(place='Oslo')}]", OSLO, {"clock": {}})
    assert (found.call, found.got, found.accepted) == (1, "weather.at", ("clock",))
    found = judged(call(place="Oslo"), OSLO, ROME)
    assert (found.got, found.accepted) == ("weather.at", ("weather.at, weather.at",))
    found = judged(call(place="Oslo")[:-1], OSLO)
    assert found.got == "Expecting ',' delimiter (at 53)"
    assert judged("Cold.", OSLO).accepted == ("weather.at",)


def test_a_name_with_underscores_for_dots_is_the_tools_own():
    found = parse_tool_calls([{"function": {"name": "weather_at", "arguments": '{"place": "Oslo"}'}}])
    assert judge(found, example(OSLO)).outcome == "right"
    assert judged("weather_at(place='Oslo')", OSLO).outcome == "right"
    tools = example(OSLO).tools
    assert [spelled(name, tools) for name in ("weather.at", "weather_at", "weather")] == [
        "weather.at",
        "weather.at",
        "weather",
    ]


def test_what_is_shown_is_short():
    found = judged(call(place="x" * 50_000), OSLO)
    assert found.outcome == "wrong_arguments_value"
    assert len(found.got or "") == 200


def test_arguments_of_a_million_characters_are_judged_and_not_read():
    found = judged(call(place="x" * 10**6), OSLO)
    assert (found.outcome, found.got) == ("broken_syntax", "longer than 100,000 characters (at 100000)")


@pytest.mark.parametrize(
    "piece",
    [
        "<tool_call>",
        "<tool_call></tool_call>",
        '{"name": ',
        '{"name": "clock", "arguments": {}}',
        "clock()\n",
        "clock(zone=(",
        "```json\n",
        "```\n{}\n```",
        "[",
        "{ ",
        ' "',
        "'\"",
        "-",
        "a.",
        "<think>",
        "</think>",
        "\\",
        "[TOOL_CALLS]",
        "[TOOL_CALLS]a{",
        "<function=",
        "<function=a>",
        "<|python_tag|>",
        "<｜tool▁call▁begin｜>",
        "new(a=1)\n",
        "\nclock(",
        "\n",
        "\n`",
        '"clock": {',
    ],
)
def test_nothing_that_is_written_over_and_over_takes_long(piece):
    start = perf_counter()
    for text in (piece * (100_000 // len(piece)), "clock(zone=" + piece * 5_000, '{"name": "clock", ' + piece * 5_000):
        assert judged(text, OSLO).outcome in TOOL_CLASSES
    # A second on an idle machine at most; what grows with the square takes minutes.
    assert perf_counter() - start < 30


VALUES = st.sampled_from(["Oslo", "Rome", 3, 3.0, True, None, [], {}, "C", ["Oslo"]])
CALLS = st.lists(
    st.tuples(
        st.sampled_from(["weather.at", "weather_at", "clock", "new"]),
        st.dictionaries(st.sampled_from(["place", "days", "unit", "zone", "new"]), VALUES, max_size=3),
    ),
    max_size=3,
).map(lambda made: "[" + ", ".join(call(name, **arguments) for name, arguments in made) + "]")
TEXTS = CALLS | st.text(max_size=30) | st.tuples(CALLS, st.integers(0, 60)).map(lambda both: both[0][: both[1]])


@given(TEXTS, st.lists(st.sampled_from([OSLO, ROME, {"clock": {"zone": ["CET", ""]}}]), max_size=3), st.booleans())
def test_every_completion_has_exactly_one_class(text, accepted, truncated):
    found = judged(text, *accepted, truncated=truncated)
    assert TOOL_CLASSES.count(found.outcome) == 1
    # The classes that can be told by looking at the completion alone.
    parsed = parse(text, names=["weather.at", "clock"])
    assert (found.outcome == "silent") <= (not parsed.calls and bool(accepted))
    assert (found.outcome == "broken_syntax") == (parsed.fault is not None and not truncated and bool(accepted))
    assert (found.outcome == "called_when_none_right") <= (not accepted)
    assert truncated <= (found.outcome in {"right", "truncated"})
    assert (found.call is None) or 0 <= found.call < max(len(parsed.calls), 1)


@given(st.lists(st.sampled_from([OSLO, ROME, {"clock": {"zone": ["CET", ""]}}]), max_size=3), st.randoms())
def test_gold_calls_are_right_in_any_order(accepted, chance):
    calls = list(gold_calls(example(*accepted).accepted) or ())
    chance.shuffle(calls)
    assert judged(render_calls(calls), *accepted).outcome == "right"


def judged_of(schema, calls, accepted):
    parameters = {"type": "object", "properties": {"to": {"type": "string"}, "a": schema}, "required": ["to"]}
    row = {"messages": [{"role": "user", "content": "Go."}], "tools": [{"name": "go", "parameters": parameters}]}
    return judge(parse(json.dumps(calls), names=["go"]), read_row({**row, "accepted_calls": accepted}, where="a row"))


def test_a_number_that_no_float_holds_breaks_its_schema():
    call = {"name": "go", "arguments": {"to": "Oslo", "a": 10**400 - 1}}
    found = judged_of({"type": "number", "multipleOf": 0.01}, [call], [{"go": {"to": ["Rome"]}}])
    assert (found.outcome, found.argument) == ("wrong_arguments_schema", "a")


def test_the_calls_of_a_completion_are_held_to_their_schemas_in_bounded_work():
    hostile = {"not": {"contains": {"pattern": "(?:(?:[ab]?[bc]?){500}){2}z"}}}
    calls = [{"name": "go", "arguments": {"to": "Oslo", "a": ["abc" * 30] * 20}}] * 40
    start = perf_counter()
    found = judged_of(hostile, calls, [{"go": {"to": ["Rome"]}}] * 40)
    # 90 signs times 6,006 states are 5,405 steps a string: of 250,000 the 47th string, in the third call, is too much.
    assert (found.outcome, found.call) == ("wrong_arguments_schema", 2)
    assert "takes too long" in (found.got or "")
    assert perf_counter() - start < 60
