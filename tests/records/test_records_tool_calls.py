import pytest

from suffice.records.tool_calls import TOOL_CLASSES, ParsedCalls, SyntaxFault, ToolCall, ToolJudgement
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
