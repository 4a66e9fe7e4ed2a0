"""Single values are held against bfcl-eval in `test_calls_bfcl_verdicts.py`; here is what is told of a difference."""

from suffice.kinds.calls.match import Difference, differences, matched
from suffice.kinds.calls.rows import read_row
from suffice.records.tool_calls import ToolCall

TOOL = {
    "name": "f",
    "description": "",
    "parameters": {
        "type": "dict",
        "properties": {
            "a": {"type": "integer"},
            "b": {"type": "dict"},
            "c": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["a"],
    },
}


def example(*accepted):
    row = {
        "messages": [{"role": "user", "content": "x"}],
        "tools": [TOOL],
        "accepted_calls": [{"f": one} for one in accepted],
    }
    return read_row(row, where="a row")


def told(arguments, accepted):
    (right,), (tool,) = (read := example(accepted)).accepted, read.tools
    return differences(ToolCall(name="f", arguments=arguments), right, tool)


def test_a_right_call_differs_in_nothing():
    assert told({"a": 1, "c": ["X"]}, {"a": [1, 2], "c": [["x"], ""], "b": [{"k": [1]}, ""]}) == ()


def test_another_value_is_told_with_all_that_are_accepted():
    assert told({"a": 3}, {"a": [1, 2]}) == (Difference(argument="a", place="a", given=True, got=3, accepted=(1, 2)),)


def test_the_place_within_an_argument_is_told_where_one_value_is_accepted():
    (key,) = told({"a": 1, "b": {"k": {"l": 2}}}, {"a": [1], "b": [{"k": [{"l": [3]}]}]})
    assert (key.argument, key.place, key.got, key.accepted) == ("b", "b.k.l", 2, (3,))
    (item,) = told({"a": 1, "c": ["x", "y"]}, {"a": [1], "c": [["x", "z"]]})
    assert (item.argument, item.place, item.got, item.accepted) == ("c", "c[1]", "y", ("z",))
    (unknown,) = told({"a": 1, "b": {"k": 1, "m": 2}}, {"a": [1], "b": [{"k": [1]}]})
    assert (unknown.place, unknown.got, unknown.accepted) == ("b.m", 2, ())
    (missing,) = told({"a": 1, "b": {}}, {"a": [1], "b": [{"k": [1]}]})
    assert (missing.place, missing.given, missing.accepted) == ("b.k", False, (1,))


def test_what_was_given_comes_first_and_what_is_missing_last():
    found = told({"d": 1, "b": {}}, {"a": [1], "b": [{}], "c": [["x"]]})
    assert [(one.argument, one.given) for one in found] == [("d", True), ("a", False), ("c", False)]
    (required,) = told({}, {})
    assert (required.argument, required.given, required.accepted) == ("a", False, ())


def test_calls_are_paired_so_that_as_many_as_can_be_are_right():
    # By hand: 1 fits both, 2 only the first; the first that fits would leave 2 without its own.
    read = example({"a": [1, 2]}, {"a": [1]})
    calls = [ToolCall(name="f", arguments={"a": a}) for a in (1, 2, 3)]
    tools = {tool.name: tool for tool in read.tools}
    assert matched(calls, read.accepted, tools) == (1, 0, None)
    assert matched([], read.accepted, tools) == ()
    assert matched(calls, (), tools) == (None, None, None)
