import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.kinds.calls.parse import no_call_in, parse, parse_tool_calls
from suffice.records.tool_calls import ToolCall

NAMES = ("f", "g.h")
ONE = ToolCall(name="f", arguments={"a": 1})
TWO = ToolCall(name="g.h", arguments={"b": "x"})
AS_JSON, SECOND = '{"name": "f", "arguments": {"a": 1}}', '{"name": "g.h", "arguments": {"b": "x"}}'


def with_id(call, call_id):
    return replace(call, call_id=call_id)


@pytest.mark.parametrize(
    ("completion", "form", "calls"),
    [
        (AS_JSON, "json", [ONE]),
        (f"\n {AS_JSON}\n", "json", [ONE]),
        (f"[{AS_JSON}, {SECOND}]", "json", [ONE, TWO]),
        (f"{AS_JSON}\n{SECOND}", "json", [ONE, TWO]),
        (f"{AS_JSON}; {SECOND}", "json", [ONE, TWO]),
        ('{"name": "f", "parameters": {"a": 1}}', "json", [ONE]),
        ('{"function": "f", "parameters": {"a": 1}}', "json", [ONE]),
        ('{"name": "f", "arguments": "{\\"a\\": 1}"}', "json", [ONE]),
        ('{"type": "function", "function": {"name": "f", "arguments": {"a": 1}}}', "json", [ONE]),
        (f'{{"tool_calls": [{AS_JSON}, {SECOND}]}}', "json", [ONE, TWO]),
        ('[{"f": {"a": 1}}]', "json", [ONE]),
        ('{"name": "f", "arguments": ""}', "json", [ToolCall(name="f", arguments={})]),
        ('{"name": "new", "arguments": {}}', "json", [ToolCall(name="new", arguments={})]),
        ("[]", "json", []),
        (f"```json\n{AS_JSON}\n```", "fenced", [ONE]),
        (f"```\n[{AS_JSON}]\n```", "fenced", [ONE]),
        ("```python\n[f(a=1), g.h(b='x')]\n```", "fenced", [ONE, TWO]),
        (f"```json\n{AS_JSON}", "fenced", [ONE]),
        (f"<tool_call>\n{AS_JSON}\n</tool_call>", "tagged", [ONE]),
        (f"<tool_call>{AS_JSON}</tool_call>\n<tool_call>{SECOND}</tool_call>", "tagged", [ONE, TWO]),
        (f"<tool_call>{AS_JSON}", "tagged", [ONE]),
        ("[f(a=1), g.h(b='x')]", "python", [ONE, TWO]),
        ("f(a=1)", "python", [ONE]),
        (f"<think>f(a=2)?</think>{AS_JSON}", "json", [ONE]),
        ('{"name": "f", "args": {"a": 1}}', "marked", [ONE]),
        ('{"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}}', "marked", [with_id(ONE, "t1")]),
        ('{"tool_name": "f", "parameters": {"a": 1}}', "marked", [ONE]),
        ('{"functionCall": {"name": "f", "args": {"a": 1}}}', "marked", [ONE]),
        ('{"tool_calls": [{"name": "f", "args": {"a": 1}}]}', "marked", [ONE]),
        ('{"name": "f", "arguments": {"a": 1}, "input": "said"}', "json", [ONE]),
        ('{"function_call": {"name": "f", "arguments": "{\\"a\\": 1}"}}', "marked", [ONE]),
        ("new(a=1)", "python", [ToolCall(name="new", arguments={"a": 1})]),
        (f"[TOOL_CALLS] [{AS_JSON}, {SECOND}]", "marked", [ONE, TWO]),
        ('[TOOL_CALLS]f{"a": 1}[TOOL_CALLS]g.h[ARGS]{"b": "x"}', "marked", [ONE, TWO]),
        ('<function=f>{"a": 1}</function>', "marked", [ONE]),
        (f"<|python_tag|>{AS_JSON}<|eom_id|>", "marked", [ONE]),
        ("<|python_tag|>f(a=1)", "marked", [ONE]),
        ('<｜tool▁call▁begin｜>f<｜tool▁sep｜>{"a": 1}<｜tool▁call▁end｜>', "marked", [ONE]),
    ],
)
def test_every_form_is_read_and_nothing_stands_around_it(completion, form, calls):
    found = parse(completion, names=NAMES)
    assert (list(found.calls), found.form, found.text_around, found.fault) == (calls, form, False, None)


@pytest.mark.parametrize(
    ("completion", "form"),
    [
        (f"Sure! {AS_JSON}", "json"),
        (f"{AS_JSON}\nThis finds it.", "json"),
        (f"Here it is:\n```json\n{AS_JSON}\n```", "fenced"),
        (f"<tool_call>{AS_JSON}</tool_call> Done.", "tagged"),
        ("Sure!\nf(a=1)\nDone", "python"),
        ("[f(a=1)]\nThis finds it.", "python"),
        ('Sure! <function=f>{"a": 1}</function>', "marked"),
        ('<function=f>{"a": 1} and that is all</function>', "marked"),
    ],
)
def test_what_is_said_beside_a_call_is_noted(completion, form):
    found = parse(completion, names=NAMES)
    assert (found.calls, found.form, found.text_around) == ((ONE,), form, True)


@pytest.mark.parametrize(
    "completion",
    [
        "I cannot do that.",
        "",
        "The area (in metres) is 5.",
        "[see the note]",
        '{"answer": 42}',
        "{x}",
        "```json\n[1, 2]\n```",
        "```python\nprint(1)\n```",
        "area(of it) is 5",
        '<think>{"name": "f", "arguments": {}}',
        "[[[[" * 2_500,
    ],
)
def test_an_answer_in_words_is_no_call(completion):
    found = parse(completion, names=NAMES)
    assert (found.calls, found.form, found.fault) == ((), "none", None)


@pytest.mark.parametrize(
    ("completion", "what", "call", "at"),
    [
        (AS_JSON[:-1], "Expecting ',' delimiter", None, 35),
        (f"[{AS_JSON}", "Expecting ',' delimiter", None, 37),
        (AS_JSON.replace('"', "'"), "Expecting property name enclosed in double quotes", None, 1),
        (f"<tool_call>{AS_JSON}</tool_call><tool_call>nothing</tool_call>", "Expecting value", 1, 70),
        (f"Sure! {AS_JSON[:-1]}", "Expecting ',' delimiter", None, 41),
        ('{"name": "f"}', "no arguments", None, 0),
        ('{"arguments": {}}', "no name of a tool", None, 0),
        ('{"name": "f", "arguments": [1]}', "arguments that are no object", None, 0),
        ('{"name": "f", "arguments": "{"}', "arguments: Expecting property name", None, 1),
        ('{"name": "f", "arguments": "{} {}"}', "arguments: Extra data", None, 2),
        ('{"name": "f", "arguments": {"a": 1, "a": 2}}', "a key stands twice", None, 0),
        ('{"name": "f", "arguments": {"a": NaN}}', "NaN is no number of JSON", None, 0),
        ('{"name": "f", "arguments": {"a": -Infinity}}', "-Infinity is no number of JSON", None, 0),
        ('{"name": "f", "arguments": {"a": 1e999}}', "a number too large to be held", None, 0),
        ('{"name": "f", "arguments": {"a": ' + "9" * 5_000 + "}}", "a number of 5,000 digits", None, 0),
        ('{"name": "f", "arguments": {"a": ' + "[" * 70 + "]" * 70 + "}}", "nested too deep", None, 0),
        ('{"name": "f", "arguments": ' + '{"a":' * 10_000 + "1" + "}" * 10_001, "nested too deep", None, 0),
        ('{"name": "f", "arguments": {"a": "' + "x" * 10**6 + '"}}', "longer than 100,000 characters", None, 100_000),
        ("f(a='" + "x" * 10**6 + "')", "longer than 100,000 characters", None, 100_000),
        (f"[{AS_JSON}, 7]", "a value that is no call", None, 0),
        (" [f(a=1", "never closed", None, 3),
        ("f(a=0x" + "F" * 4_000 + ")", "a number of too many digits", None, 4),
        ('<function=f>{"a": 1</function>', "Expecting ',' delimiter", None, 19),
        ("<function=f>[1]</function>", "arguments that are no object", None, 12),
        ("<function=f><parameter=a>1</parameter></function>", "Expecting value", None, 12),
        ("[TOOL_CALLS]f{}[TOOL_CALLS]g.h{", "Expecting property name", 1, 31),
    ],
)  # places counted by hand
def test_a_call_that_cannot_be_read_is_told_with_its_place(completion, what, call, at):
    found = parse(completion, names=NAMES)
    assert found.calls == ()
    assert found.fault is not None
    assert what in found.fault.what
    assert (found.fault.call, found.fault.at) == (call, at)


@given(
    st.text(alphabet=st.characters() | st.sampled_from("{}[]()\"':,=`<>"), max_size=60)
    | st.lists(
        st.sampled_from(
            [AS_JSON, SECOND, "<tool_call>", "</tool_call>", "```", "[", "]", "f(a=", "1)", '{"f": {', "é", " "]
        )
    ).map("".join)
)
def test_nothing_that_a_model_may_write_is_an_error(completion):
    found = parse(completion, names=NAMES)
    assert found.fault is None or (not found.calls and 0 <= found.fault.at <= len(completion))


ARGUMENTS = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=5,
    ),
    max_size=3,
)


@given(st.lists(st.tuples(st.sampled_from(NAMES), ARGUMENTS), min_size=1, max_size=3))
def test_every_form_holds_the_same_calls(made):
    calls = tuple(ToolCall(name=name, arguments=arguments) for name, arguments in made)
    objects = [{"name": name, "arguments": arguments} for name, arguments in made]
    wire = [{"function": {"name": name, "arguments": json.dumps(arguments)}} for name, arguments in made]
    assert parse(json.dumps(objects), names=NAMES).calls == calls
    assert parse(json.dumps(wire), names=NAMES).calls == calls
    tags = "".join(f"<tool_call>{json.dumps(one)}</tool_call>" for one in objects)
    assert parse(tags, names=NAMES).calls == calls
    assert parse_tool_calls(wire).calls == calls


def test_openai_objects_keep_their_ids_and_what_is_said_beside_them():
    found = parse_tool_calls([{"id": "c1", "function": {"name": "f", "arguments": '{"a": 1}'}}], content="Looking.")
    assert (found.calls[0].call_id, found.form, found.text_around) == ("c1", "openai", True)
    assert parse_tool_calls(None).form == "none"


@pytest.mark.parametrize(
    "flat",
    [
        {"name": "f", "arguments": {"a": 1}},
        {"name": "f", "arguments": '{"a": 1}'},
        {"name": "f", "parameters": {"a": 1}},
        {"type": "tool_use", "id": "c1", "name": "f", "input": {"a": 1}},
        {"tool_name": "f", "args": {"a": 1}},
        {"functionCall": {"name": "f", "args": {"a": 1}}},
    ],
)
def test_calls_beside_a_text_may_be_flat_and_in_the_keys_of_any_family(flat):
    assert parse_tool_calls([flat]).calls[0].arguments == {"a": 1}
    assert parse_tool_calls([flat]).calls[0].name == "f"
    assert no_call_in([flat]) is None


@pytest.mark.parametrize("odd", [5, "f()", None, {}, {"name": "f"}, {"name": 7, "arguments": {}}, {"f": {"a": 1}}])
def test_what_is_a_call_in_no_known_shape_is_told_by_its_place(odd):
    assert no_call_in([{"function": {"name": "f"}}, odd]) == 1


def test_arguments_that_a_model_broke_are_calls_all_the_same():
    assert no_call_in([{"function": {"name": "f", "arguments": "[1"}}, {"name": "f", "arguments": "[1]"}]) is None


@pytest.mark.parametrize(
    ("objects", "what", "call", "at"),
    [
        ("f", "tool_calls is no list", None, 0),
        ([7], "no name of a tool", 0, 0),
        ([{"function": {"name": "f"}}, {"function": {"arguments": "{}"}}], "no name of a tool", 1, 0),
        ([{"function": {"name": "f", "arguments": '{"a": }'}}], "arguments: Expecting value", 0, 6),
        ([{"function": {"name": "f", "arguments": "x" * 10**6}}], "longer than 100,000", 0, 100_000),
        ([{"function": {"name": "f", "arguments": "[" * 10_000}}], "nested too deep", 0, 0),
        ([{"function": {"name": "f", "arguments": [1]}}], "arguments that are no object", 0, 0),
    ],
)
def test_openai_objects_that_cannot_be_read_are_told(objects, what, call, at):
    found = parse_tool_calls(objects)
    assert found.fault is not None
    assert what in found.fault.what
    assert (found.fault.call, found.fault.at) == (call, at)
