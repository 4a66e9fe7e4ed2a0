import pytest

from suffice.kinds.calls.rows import read_row
from suffice.kinds.calls.support import said_in, unsaid

TOOLS = [{"name": "f", "parameters": {"type": "object", "properties": {"x": {}}}}]


def is_unsaid(asked, *values):
    """Whether values of one argument, each of them right, were said in no way."""
    row = {
        "messages": [{"role": "user", "content": asked}],
        "tools": TOOLS,
        "accepted_calls": [{"f": {"x": [*values]}}],
    }
    return bool(unsaid(read_row(row, where="row").accepted, [said_in(asked)]))


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        # As it stands there, in another form of the word, run together, and with an abbreviation beside it.
        ("the weather in San Francisco", "San Francisco, CA"),
        ("calculate the limit", "calculation"),
        ("flights from New York", "newYork"),
        ("the United States", "US"),
        # Numbers in words, units, percent, thousands and lists.
        ("forty-five of them", 45),
        ("wait two hours", 7200),
        ("half an hour", 1800),
        ("at 5%", 0.05),
        ("pay $1.5 million", 1_500_000),
        ("a sum of 1,250 dollars", 1250),
        ("prices=[200,300,450]", [200, 300, 450]),
        ("a minus of 45", -45),
        # What follows from a request in other ways: counts, days, years, round numbers, truth values, nothing.
        ("the end of the month", 31),
        ("since the last war", 1945),
        ("as many as there are", 1000),
        ("do it", True),
        ("do it", None),
        ("do it", []),
        ("do it", "+"),
        # Dates and times.
        ("on the fifth of June", "2023-06-05"),
        ("at noon", "12:00"),
        # Codes.
        ("order number 48213", "ORD-48213"),
        ("call 555 1234", "555-1234"),
        # Other letters are translated.
        ("明天北京的天气", "Beijing"),
        ("погода завтра", "weather"),
    ],
)
def test_what_was_said_or_follows_from_it_is_let_pass(asked, value):
    assert not is_unsaid(asked, value)


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        ("book for me", "Zaphod"),
        ("my last order", "ORD-48213"),
        ("my last order", 48213),
        ("the weather at home in °C and μm", "Berlin"),
        ("where is San Francisco?", 37.7749),
        ("all of them", [3, 777]),
        ("this person", {"name": "Zaphod"}),
        ("this one", "9" * 5000),
    ],
)
def test_what_nobody_said_is_told(asked, value):
    assert is_unsaid(asked, value)


def test_one_right_value_that_was_said_is_enough_and_what_may_be_left_out_need_not_be_said():
    assert is_unsaid("my home", "Berlin", "Hamburg")
    assert not is_unsaid("my home", "Berlin", "home")
    assert not is_unsaid("my home", "Berlin", "")
    assert not is_unsaid("my home")
