import pytest

from suffice.kinds.calls.python import UnreadableCall, python_calls
from suffice.records.tool_calls import ToolCall


def f(**arguments):
    return ToolCall(name="f", arguments=arguments)


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("f()", [f()]),
        ("[]", []),
        ("[f(a=1), f(b='x')]", [f(a=1), f(b="x")]),
        ("f(a=1), f(a=2)", [f(a=1), f(a=2)]),
        ("f(a=1)\nf(a=2)", [f(a=1), f(a=2)]),
        ("f(a=-1, b=+2.5, c=True, d=None)", [f(a=-1, b=2.5, c=True, d=None)]),
        ("f(a=[1, (2, 'x')], b={'k': {'l': []}})", [f(a=[1, [2, "x"]], b={"k": {"l": []}})]),
        ("f(a=my_data)", [f(a="my_data")]),
        (r"f(a='\d')", [f(a=r"\d")]),
        ("f(a='one' 'two')", [f(a="onetwo")]),
        ("a.b.c(x=1)", [ToolCall(name="a.b.c", arguments={"x": 1})]),
    ],
)
def test_calls_are_read(text, calls):
    assert list(python_calls(text)) == calls


@pytest.mark.parametrize(
    ("text", "what", "at"),
    [
        ("[f(a=1", "never closed", 2),
        ("f(1)", "an argument without a name", 2),
        ("f(a=1, a=2)", "argument 'a' twice", 9),
        ("f(**{'a': 1})", r"\*\* instead of named", 4),
        ("f(a=__import__('os').getcwd())", "no literal", 4),
        ("f(a=1 + 2)", "no literal", 4),
        ("f(a=b'x')", "no literal", 4),
        ("f(a=1j)", "no literal", 4),
        ("f(a=...)", "no literal", 4),
        ("f(a=1e999)", "no literal", 4),
        ("f(a=0x" + "F" * 4_000 + ")", "a number of too many digits", 4),
        ("f(a=[-0b" + "1" * 20_000 + "])", "a number of too many digits", 6),
        ("f(a=f'{x}')", "no literal", 4),
        ("f(a={1: 2})", "a key that is no string", 5),
        ("f(a={**b})", "a key that is no string", 7),
        ("f(a={'k': 1, 'k': 2})", "key 'k' twice", 13),
        ("[f(a=1), 2]", "no call", 9),
        ("x = f(a=1)", "a statement that is no call", 0),
        ("f()(a=1)", "something that has no name", 0),
        ("f(a='é', b=1 + 1)", "no literal", 11),
        ("f(a=1)\ng(b=2)\nh(3)", "without a name", 16),
        ("f(a='\0')", "null bytes", 0),
        ("f(a='\ud800')", "surrogates not allowed", 0),
        ("f(a=" + "[" * 70 + "]" * 70 + ")", "nested too deep", 0),
    ],
)
def test_what_is_no_call_is_told_with_its_place(text, what, at):
    with pytest.raises(UnreadableCall, match=what) as caught:
        python_calls(text)
    assert caught.value.at == at


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("f(a=" + "-" * 50_000 + "1)", "nested too deep"),
        ("f(a=" + "[" * 10_000, "too many nested parentheses"),
        ("f(a=" + "1" * 5_000 + ")", "limit.*value has 5000 digits$"),
        ("f" + ".a" * 30_000 + "(x=1)", "nested too deep"),
    ],
)  # where Python meets its own limits is its own business
def test_what_python_itself_will_not_read_is_told(text, what):
    with pytest.raises(UnreadableCall, match=what):
        python_calls(text)
