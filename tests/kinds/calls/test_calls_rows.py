import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.errors import DataError
from suffice.kinds.calls.judge import judge
from suffice.kinds.calls.parse import parse
from suffice.kinds.calls.rows import gold_calls, read_request, read_row
from suffice.kinds.tools import render_calls
from suffice.records.tool_calls import AcceptedArgument, AcceptedCall, AcceptedObject, Message, ToolCall

TOOL = {"name": "f", "description": "", "parameters": {"type": "dict", "properties": {"a": {}, "b": {}, "c": {}}}}
ASKED = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Do it."}]


def bfcl(*accepted):
    return {"id": "x_1", "category": "parallel", "messages": ASKED, "tools": [TOOL], "accepted_calls": list(accepted)}


def openai(*arguments, content=None):
    calls = [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": one}} for one in arguments]
    return {"messages": [*ASKED, {"role": "assistant", "content": content, "tool_calls": calls}], "tools": [TOOL]}


def argument(*values, optional=False):
    return AcceptedArgument(values=values, optional=optional)


def test_a_row_of_bfcl_says_what_each_argument_may_be():
    read = read_row(bfcl({"f": {"a": [1, ""], "b": [{"k": ["x", ""]}], "c": [[{"k": [1]}], [2]]}}), where="row 1")
    assert read.messages == (Message(role="system", content="Be brief."), Message(role="user", content="Do it."))
    assert [tool.name for tool in read.tools] == ["f"]
    assert read.accepted == (
        AcceptedCall(
            name="f",
            arguments={
                "a": argument(1, "", optional=True),
                "b": argument(AcceptedObject(keys={"k": argument("x", "", optional=True)})),
                "c": argument((AcceptedObject(keys={"k": argument(1)}),), (2,)),
            },
        ),
    )


def test_no_accepted_calls_say_that_none_is_right():
    assert read_row(bfcl(), where="row 1").accepted == ()
    assert gold_calls(()) == ()


def test_a_conversation_says_what_is_right_by_its_last_message():
    read = read_row(openai('{"a": "", "b": {"k": [1, {"l": null}]}}'), where="row 1")
    inner = AcceptedObject(keys={"l": argument(None)})
    keys = {"a": argument(""), "b": argument(AcceptedObject(keys={"k": argument((1, inner))}))}
    assert read.accepted == (AcceptedCall(name="f", arguments=keys),)
    assert [one.role for one in read.messages] == ["system", "user"]


def test_what_is_exactly_right_may_not_be_left_out_even_where_it_is_empty():
    read = read_row(openai('{"a": ""}'), where="row 1")
    judged = [judge(parse(text, names=["f"]), read).outcome for text in ("f(a='')", "f()", "f(a='', b=1)")]
    assert judged == ["right", "wrong_arguments_value", "wrong_arguments_value"]


def test_an_answer_in_words_says_that_no_call_is_right():
    row = {"messages": [*ASKED, {"role": "assistant", "content": "I cannot."}], "tools": [TOOL]}
    assert read_row(row, where="row 1").accepted == ()


def test_earlier_calls_and_their_answers_are_part_of_the_request():
    row = openai('{"a": 1}')
    row["messages"] += [
        {
            "role": "tool",
            "tool_call_id": "c1",
            "content": [{"type": "text", "text": "4"}, {"type": "text", "text": "2"}],
        },
        {"role": "assistant", "content": "It is 42."},
    ]
    read = read_row(row, where="row 1")
    assert read.messages[2:] == (
        Message(role="assistant", content="", calls=(ToolCall(name="f", arguments={"a": 1}, call_id="c1"),)),
        Message(role="tool", content="42", call_id="c1"),
    )


def test_gold_calls_take_the_first_value_that_says_something():
    row = bfcl({"f": {"a": ["", 2, 3], "b": [""], "c": [{"k": ["", "x"], "l": [""]}]}})
    calls = gold_calls(read_row(row, where="row 1").accepted)
    assert calls == (ToolCall(name="f", arguments={"a": 2, "c": {"k": "x"}}),)


def test_there_is_no_gold_where_an_argument_has_no_right_value():
    # BFCL's live_simple_106-63-0 has such an argument.
    read = read_row(bfcl({"f": {"a": [1]}}, {"f": {"a": []}}), where="row 1")
    assert gold_calls(read.accepted) is None
    guess = render_calls([ToolCall(name="f", arguments={"a": one}) for one in (1, [])])
    assert judge(parse(guess, names=["f"]), read).outcome == "wrong_arguments_value"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({}, r"row 1: messages: must be a list of at least one message\n  got: None\n  fix: give the request"),
        (bfcl() | {"messages": []}, "must be a list of at least one message"),
        (bfcl() | {"messages": [{"role": "usr"}]}, r"messages\[0\]: a message .*\n  got: 'usr' \(nearest: 'user'\)"),
        (bfcl() | {"messages": ["hello"]}, r"a message is an object with a role\n  got: 'hello'"),
        (bfcl() | {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "content is text"),
        (bfcl() | {"tools": None}, "tools: must be a list of at least one tool"),
        (bfcl() | {"accepted_calls": None}, r"accepted_calls: must be a list of right calls\n  got: None"),
        (bfcl({"f": 1}), r"accepted_calls\[0\]: each right call is .*\n  got: {'f': 1}"),
        (bfcl({"f": {}, "g": {}}), r"accepted_calls\[0\]: each right call is"),
        (bfcl({"f": {"a": 1}}), r"accepted_calls\[0\]\.f\.a: each right call is .*\n  got: 1"),
        (bfcl({"f": {"a": [float("nan")]}}), r"row 1: every number is finite\n  got: NaN or an infinity\n  fix: leave"),
        (bfcl() | {"tools": [TOOL | {"x": float("inf")}]}, "every number is finite"),
        ({"messages": ASKED, "tools": [TOOL]}, r"must be told\n  got: a last message of role 'user'\n  fix: end with"),
        (openai('{"a": 1'), r"\[2\]\.tool_calls\[0\]: .*\n  got: arguments: Expecting ',' delimiter \(character 7"),
        (openai("x" * 10**6), "longer than 100,000 characters"),
        (openai("[" * 10_000), "nested too deep"),
        (openai("[]"), "arguments that are no object"),
    ],
)
def test_rows_that_cannot_be_read_are_told(row, said):
    with pytest.raises(DataError, match=said) as caught:
        read_row(row, where="row 1")
    assert len(str(caught.value)) < 1_000


FORM = r"fix: write \[{\"book\": {\"to\": \[\"Rome\"\]}}\], of each argument a list of all its right values"


@pytest.mark.parametrize(
    "accepted",
    [[{"name": "f", "arguments": {"a": 1}}], [{"f": {"a": 1}}], [{"function": {"name": "f"}}], {"f": {"a": [1]}}, None],
)
def test_what_is_no_right_call_is_told_with_the_form_of_one(accepted):
    with pytest.raises(DataError, match=FORM):
        read_row(bfcl() | {"accepted_calls": accepted}, where="row 1")


def test_a_developer_s_message_is_the_system_s():
    row = bfcl() | {"messages": [{"role": "developer", "content": "Be brief."}, *ASKED]}
    assert read_row(row, where="row 1").messages[0] == Message(role="system", content="Be brief.")


def test_bfcl_s_list_of_one_turn_is_its_messages_and_of_several_it_is_said_what_to_do():
    turns = bfcl() | {"messages": [ASKED]}
    assert read_row(turns, where="row 1") == read_row(bfcl(), where="row 1")
    assert read_request(turns, where="row 1").messages == read_row(bfcl(), where="row 1").messages
    with pytest.raises(DataError, match=r"of one request\n  got: 2 lists of them\n  fix: make each turn a row"):
        read_row(bfcl() | {"messages": [ASKED, ASKED]}, where="row 1")
    with pytest.raises(DataError, match=r"messages\[2\]: .*\n.*\n  fix: write {\"role\": \"user\", \"content\""):
        read_row(bfcl() | {"messages": [*ASKED, ASKED]}, where="row 1")


def test_everything_that_is_wrong_with_a_row_is_told_at_once():
    with pytest.raises(DataError) as caught:
        read_row({"messages": 1, "tools": 2, "accepted_calls": 3}, where="row 1")
    assert [problem.where for problem in caught.value.problems] == [
        "row 1: messages",
        "row 1: tools",
        "row 1: accepted_calls",
    ]


def test_a_row_that_would_overrun_the_stack_is_refused():
    value: object = 1
    for _ in range(10_000):
        value = [value]
    for row in (bfcl({"f": {"a": [value]}}), bfcl() | {"tools": value}, bfcl() | {"messages": value}):
        with pytest.raises(DataError, match="no deeper than its tools may"):
            read_row(row, where="row 1")


def test_a_row_is_left_as_it_was():
    row = bfcl({"f": {"a": [1], "b": [{"k": [1]}]}})
    before = json.dumps(row)
    read_row(row, where="row 1")
    assert json.dumps(row) == before


WORDS = [
    "name",
    "function",
    "parameters",
    "properties",
    "type",
    "items",
    "$ref",
    "#",
    "#/$defs/a",
    "$defs",
    "enum",
    "f",
]
KEYS = [*WORDS, "anyOf", "required", "additionalProperties", "minimum", "maximum", "pattern", "role", "tool_calls", "a"]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats() | st.sampled_from([*WORDS, "object", "dict", "user"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


def read_or_refused(row):
    try:
        return read_row(row, where="row 1")
    except DataError as error:
        return error


@given(ANYTHING, ANYTHING, ANYTHING, st.booleans())
def test_a_row_of_whatever_is_read_or_refused(one, two, three, wrapped):
    tools = [{"name": "f", "parameters": one}] if wrapped else one
    messages = [{"role": "user", "content": "x"}, {"role": "assistant", "tool_calls": two}] if wrapped else two
    for accepted in ({}, {"accepted_calls": three}, {"accepted_calls": [{"f": three}]}):
        read = read_or_refused({"messages": messages, "tools": tools} | accepted)
        if isinstance(read, DataError):
            assert all(problem.where.startswith("row 1") for problem in read.problems)
        else:
            calls = gold_calls(read.accepted)
            assert calls is None or len(calls) == len(read.accepted)
