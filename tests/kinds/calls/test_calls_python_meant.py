import pytest

from suffice.kinds.calls.python_meant import calling_lines, is_begun, is_calls, is_python

NAMES = ("book", "geo.area")
FLY, BOOK = 'fly(to="Rome")', 'book(to="Rome")'


@pytest.mark.parametrize(
    ("text", "alone", "meant"),
    [
        (BOOK, False, True),
        (FLY, True, True),
        (FLY, False, False),
        (f"[{FLY}]", False, True),
        (f"{FLY}\n{BOOK}", False, True),
        ("fly()", True, True),
        ("f(2)", True, False),
        ("print('x')", True, False),
        (f"{FLY} now", True, False),
        ("[]", True, False),
    ],
)
def test_calls_and_nothing_else_are_calls_of_tools_that_there_are_or_stand_alone(text, alone, meant):
    assert is_calls(text, NAMES, alone=alone) is meant


@pytest.mark.parametrize(
    "text",
    [
        'book(to="Rome"',
        "book(",
        "book(to",
        "book('Rome')",
        "book(1, 2)",
        "book(-1",
        "book({'to': 'Rome'})",
        "book(**{})",
        "book(days=1 + 2)",
        "geo.area(r=1))",
        '[fly(to="Rome"',
        "[fly()",
        f"[{BOOK}] books it.",
    ],
)
def test_a_list_or_a_tool_that_there_is_is_begun_where_a_value_follows(text):
    assert is_python(text)
    assert is_begun(text, NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "book(s) are sold here.",
        "book (a seat) first.",
        f"{BOOK} is what I would call, but you did not say when.",
        f"{FLY} now",
        'fly(to="Rome"',
        "[Note (from me): none of the tools fits]",
        "[Note(1): none fits]",
        "[see(this)]",
        "[see (the note)]",
        "[print(x) for x in y]",
        "[book](http://example.org)",
        "[book(s) of mine]",
        "words",
    ],
)
def test_words_with_brackets_are_no_call_that_was_begun(text):
    assert not is_begun(text, NAMES)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"Sure!\n{BOOK}\nEnjoy", [BOOK]),
        (f"Sure!\n`{BOOK}`\nEnjoy", [BOOK]),
        (f"  {BOOK}  \n\nThat books it.", [BOOK]),
        (f"import api\n{BOOK}\nx = 1", [BOOK]),
        (f"First:\n{BOOK}\nThen:\n{FLY}\nDone.", [BOOK, FLY]),
        (f"I would:\n{FLY}", [FLY]),
        (f"Here:\n[\n  {BOOK},\n  {FLY}\n]", [f"[\n  {BOOK},\n  {FLY}\n]"]),
        (f"Here:\nbook(\n  to='Rome',\n)\n{BOOK}", [f"book(\n  to='Rome',\n)\n{BOOK}"]),
    ],
)
def test_calls_on_lines_of_their_own_are_found(text, found):
    assert [text[begin:end] for begin, end in calling_lines(text, NAMES)] == found


@pytest.mark.parametrize(
    "text",
    [
        f"I will call {BOOK} now.",
        f"{BOOK} it is.",
        "import plots\nplots.line(x=[1])\nplots.show()",
        "def go():\n    fly(to='Rome')",
        "Run it:\nmain()\nThat is all.",
        "See (below):\nf(x)\n",
        "",
    ],
)
def test_calls_within_a_sentence_or_among_code_are_left_alone(text):
    assert calling_lines(text, NAMES) == []
