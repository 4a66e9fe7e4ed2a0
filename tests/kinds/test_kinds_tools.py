import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.kinds.calls.parse import parse, parse_tool_calls
from suffice.kinds.prompts import ChatMessage, Example
from suffice.kinds.schemas.tools import read_tools
from suffice.kinds.tools import (
    DEFAULT_INSTRUCTION,
    ToolShot,
    called_names,
    chat,
    chat_answer,
    constraint,
    conversation,
    default_instruction,
    frame,
    held_to,
    in_form,
    prompt,
    render,
    render_calls,
    shown_for,
    wordings,
)
from suffice.records.tool_calls import CallLimits, Message, ToolCall
from suffice.records.tool_spec import ToolSpec

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


@pytest.mark.parametrize("form", ["json", "tagged", "python"])
@pytest.mark.parametrize("calls", [(), CALLS, CALLS * 2])
def test_what_is_written_in_a_form_is_read_as_it_and_stands_in_it(form, calls):
    written = render_calls(calls, form=form)
    parsed = parse(written, names=[tool.name for tool in TOOLS])
    assert parsed.calls == tuple(calls)
    # An empty list is JSON as well as Python.
    assert in_form(parsed, ToolSpec(form=form))
    assert called_names(written) == ({"weather_at"} if calls else frozenset())


def test_values_are_written_as_python_writes_them():
    call = ToolCall(name="f", arguments={"a": True, "b": None, "c": "it's"})
    assert render_calls([call], form="python") == ' [f(a=True, b=None, c="it\'s")]'


def test_each_form_is_named_by_every_wording_but_the_one_that_says_nothing():
    for form, sign in (("json", "JSON list"), ("tagged", "<tool_call></tool_call>"), ("python", "Python's syntax")):
        told = {one.name: one.instruction for one in wordings(ToolSpec(form=form))}
        assert told["default"] == default_instruction(ToolSpec(form=form))
        assert told.pop("none") == ""
        assert len(set(told.values())) == len(told) == 4
        assert all(sign in instruction for instruction in told.values())


def test_tools_in_words_stand_in_the_system_turn_behind_the_instruction_and_the_requests_own():
    asked = (Message(role="system", content="You live in Oslo."), *ASKED)
    system, *turns = conversation(asked, TOOLS[1:], told="Call. ", examples=[Example(text=" Time?", answer=" []")])
    assert system.content == (
        'Call.\n\nYou live in Oslo.\n\nTools:\n{"name": "clock", "description": "", '
        '"parameters": {"type": "object", "properties": {}, "additionalProperties": false}}'
    )
    assert turns == [
        ChatMessage(role="user", content="Time?"),
        ChatMessage(role="assistant", content="[]"),
        ChatMessage(role="user", content="Will it rain in Oslo?"),
    ]
    assert conversation(ASKED, (), told="") == (turns[-1],)


def test_a_request_behind_calls_is_one_turn_in_words():
    turns = (*ASKED, Message(role="assistant", content="", calls=CALLS), Message(role="tool", content="rain"))
    (only,) = conversation(turns, (), told="")
    assert only.role == "user"
    assert only.content.startswith("user: Will it rain in Oslo?\nassistant: [")
    assert only.content.endswith("tool: rain")


def test_examples_of_other_tools_are_left_out_and_those_without_a_call_are_kept():
    examples = [Example(text=" a", answer=render_calls(CALLS)), Example(text=" b", answer=" []")]
    assert shown_for(examples, TOOLS) == tuple(examples)
    assert shown_for(examples, TOOLS[1:]) == (examples[1],)


def test_a_frame_without_an_instruction_begins_with_the_tools():
    assert frame(TOOLS[1:], told="").before.startswith("Tools:\n")


def test_limits_choose_the_tool_and_the_number_of_calls():
    schema = json.loads(held_to(TOOLS, CallLimits(least=1, most=1, only="clock")).schema)
    assert jsonschema.Draft202012Validator(schema).is_valid([{"name": "clock", "arguments": {}}])
    for wrong in ([], [{"name": "clock", "arguments": {}}] * 2, [{"name": "weather.at", "arguments": {"place": "x"}}]):
        assert not jsonschema.Draft202012Validator(schema).is_valid(wrong)
    assert held_to(TOOLS, None) == constraint(TOOLS)
