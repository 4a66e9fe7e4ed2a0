import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.kinds.tool_calls import parse, parse_tool_calls
from suffice.kinds.tool_schema import read_tools
from suffice.kinds.tools import (
    DEFAULT_INSTRUCTION,
    ToolShot,
    chat,
    chat_answer,
    constraint,
    prompt,
    render,
    render_calls,
)
from suffice.records.tool_calls import Message, ToolCall

TOOLS = read_tools(
    [
        {
            "name": "weather.at",
            "description": "Weather.",
            "parameters": {
                "type": "dict",
                "properties": {"place": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
                "required": ["place"],
            },
        },
        {"name": "clock", "parameters": {"type": "object", "properties": {}}},
    ],
    where="tools",
)
ASKED = (Message(role="user", content=" Will it rain in Oslo?\n"),)
CALLS = (ToolCall(name="weather.at", arguments={"place": "Tromsø", "days": 2}),)


def test_a_plain_prompt_reads_as_a_person_would_write_it():
    frame = prompt(TOOLS[1:], instruction="Call a tool. ", shots=[ToolShot(messages=ASKED, calls=())])
    assert frame.before + render(ASKED) + frame.after + render_calls(CALLS) == (
        "Call a tool.\n\nTools:\n"
        '{"name": "clock", "description": "", '
        '"parameters": {"type": "object", "properties": {}, "additionalProperties": false}}\n\n'
        "Request: Will it rain in Oslo?\nCalls: []\n\n"
        "Request: Will it rain in Oslo?\n"
        'Calls: [{"name": "weather.at", "arguments": {"place": "Tromsø", "days": 2}}]'
    )
    assert prompt(TOOLS).before.startswith(f"{DEFAULT_INSTRUCTION}\n\nTools:\n")


def test_a_request_of_several_turns_names_who_speaks():
    turns = (
        Message(role="user", content="Time?"),
        Message(role="assistant", content="", calls=(ToolCall(name="clock", arguments={}),)),
        Message(role="tool", content="12:30"),
    )
    assert render(turns) == '\nuser: Time?\nassistant: [{"name": "clock", "arguments": {}}]\ntool: 12:30'


def test_what_is_rendered_is_what_is_read():
    names = [tool.name for tool in TOOLS]
    assert parse(render_calls(CALLS), names=names).calls == CALLS
    assert parse(render_calls(()), names=names).fault is None


def test_a_chat_is_what_an_endpoint_takes():
    told = chat((Message(role="system", content="Be brief."), *ASKED), TOOLS, instruction="Call a tool.")
    assert [one["content"] for one in told.messages] == ["Call a tool.\n\nBe brief.", " Will it rain in Oslo?\n"]
    # OpenAI's protocol allows no dots in names.
    assert [one["function"]["name"] for one in told.tools] == ["weather_at", "clock"]
    assert told.tools[0]["function"]["parameters"] == TOOLS[0].parameters
    assert chat(ASKED, TOOLS).messages == ({"role": "user", "content": ASKED[0].content},)
    assert chat(ASKED, TOOLS, instruction="Call.").messages[0] == {"role": "system", "content": "Call."}


def test_a_message_that_calls_is_read_back():
    called = (
        ToolCall(name="clock", arguments={"a": [1, {"b": None}]}, call_id="c1"),
        ToolCall(name="clock", arguments={}),
    )
    message = chat_answer(called, content="Looking.")
    assert message["content"] == "Looking."
    assert parse_tool_calls(message["tool_calls"]).calls == called
    assert "tool_calls" not in chat_answer(())
    answered = chat((Message(role="tool", content="12:30", call_id="c1"),), TOOLS).messages
    assert answered == ({"role": "tool", "content": "12:30", "tool_call_id": "c1"},)


@pytest.mark.parametrize(
    ("answer", "fits"),
    [
        ([], True),
        ([{"name": "weather.at", "arguments": {"place": "Oslo"}}], True),
        ([{"name": "clock", "arguments": {}}, {"name": "weather.at", "arguments": {"place": "x", "days": 1}}], True),
        ([{"name": "weather", "arguments": {"place": "Oslo"}}], False),
        ([{"name": "weather.at", "arguments": {"days": 1}}], False),
        ([{"name": "weather.at", "arguments": {"place": "Oslo", "days": 0}}], False),
        ([{"name": "weather.at", "arguments": {"place": "Oslo", "unit": "C"}}], False),
        ([{"name": "clock"}], False),
        ([{"name": "clock", "arguments": {"zone": "CET"}}], False),
        ([{"name": "clock", "arguments": {}, "why": "x"}], False),
        ({"name": "clock", "arguments": {}}, False),
        ("clock()", False),
    ],
)
def test_the_constraint_admits_calls_of_these_tools_and_nothing_else(answer, fits):
    schema = json.loads(constraint(TOOLS).schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert jsonschema.Draft202012Validator(schema).is_valid(answer) == fits


def test_the_number_of_calls_can_be_bound():
    one = [{"name": "clock", "arguments": {}}]
    exactly = jsonschema.Draft202012Validator(json.loads(constraint(TOOLS, least=1, most=1).schema))
    assert [exactly.is_valid(one * n) for n in (0, 1, 2)] == [False, True, False]


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "name": st.sampled_from(["weather.at", "clock", "new"]),
                "arguments": st.dictionaries(
                    st.sampled_from(["place", "days", "new"]), st.sampled_from(["x", 1, 0, True, None]), max_size=3
                ),
            }
        ),
        max_size=2,
    )
)
def test_no_tool_is_invented_under_the_constraint(answer):
    if jsonschema.Draft202012Validator(json.loads(constraint(TOOLS).schema)).is_valid(answer):
        calls = parse(json.dumps(answer), names=[tool.name for tool in TOOLS]).calls
        assert {call.name for call in calls} <= {tool.name for tool in TOOLS}
        assert len(calls) == len(answer)
