import pytest

from suffice.records.tool_calls import (
    TOOL_CLASSES,
    Message,
    ParsedCalls,
    SyntaxFault,
    ToolCall,
    ToolJudgement,
    messages_behind,
)
from suffice.store.strict_json import dumps, loads

CALLS = (ToolCall(name="f", arguments={"a": [1, {"b": None}], "c": 2.0}, call_id="c1"),)
FAULT = SyntaxFault(what="Expecting value", call=1, at=7)
JUDGEMENT = ToolJudgement(outcome="wrong_arguments_value", call=0, argument="a[1]", got="3", accepted=("2", "4"))


@pytest.mark.parametrize(
    "record",
    [
        JUDGEMENT,
        ParsedCalls(calls=CALLS, form="tagged", text_around=True, fault=None),
        ParsedCalls(calls=(), form="json", text_around=False, fault=FAULT),
    ],
)
def test_what_is_kept_of_a_completion_is_read_back_as_it_was(record):
    assert loads(dumps(record).encode(), type(record)) == record


def test_the_classes_are_those_of_the_waterfall_in_its_order():
    # In the order in which a completion is asked about.
    assert TOOL_CLASSES == (
        "right",
        "truncated",
        "called_when_none_right",
        "silent",
        "broken_syntax",
        "invented_tool",
        "wrong_tool",
        "wrong_number_of_calls",
        "wrong_arguments_schema",
        "wrong_arguments_value",
    )


SYSTEM, ASKED = Message(role="system", content="Be short."), Message(role="user", content="Light, please.")
CALLED = Message(role="assistant", content="", calls=CALLS)
RESULT = Message(role="tool", content="on", call_id="c1")


@pytest.mark.parametrize(
    ("messages", "at", "said"),
    [
        ((ASKED,), 0, "Facts.\n\nLight, please."),
        ((SYSTEM, ASKED), 1, "Facts.\n\nLight, please."),
        # What was called for the request comes behind it, and so does nothing that is read.
        ((ASKED, CALLED, RESULT), 0, "Facts.\n\nLight, please."),
        ((ASKED, CALLED, RESULT, ASKED), 3, "Facts.\n\nLight, please."),
        ((SYSTEM,), 0, "Facts.\n\nBe short."),
    ],
)
def test_what_is_read_stands_in_the_last_turn_of_the_user(messages, at, said):
    found = messages_behind("Facts.", messages)
    assert [place for place, (one, other) in enumerate(zip(found, messages, strict=True)) if one != other] == [at]
    assert (found[at].role, found[at].content) == (messages[at].role, said)


def test_where_nothing_is_read_a_conversation_is_as_it_was():
    assert messages_behind(None, (SYSTEM, ASKED)) == messages_behind("", (SYSTEM, ASKED)) == (SYSTEM, ASKED)
