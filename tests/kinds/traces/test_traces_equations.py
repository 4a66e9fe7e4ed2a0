"""Arithmetic in prose and in annotations, computed anew. Expected values are worked out by hand."""

from __future__ import annotations

import ast
import operator
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.kinds.numbers.arithmetic import MAX_DEPTH, Unreadable, value_of
from suffice.kinds.numbers.arithmetic_tokens import plain_signs, tokens_of
from suffice.kinds.traces.equations import equations_in, without_annotations


def verdicts(text):
    return [(one.text, one.verdict) for one in equations_in(plain_signs(text))]


def only(text):
    [equation] = equations_in(plain_signs(text))
    return equation


@pytest.mark.parametrize(
    "text",
    [
        "16 - 3 = 13",
        "She has 5 boxes and each has 4 * 3 = 12",
        "5 x 4 = 20 and 6×4 = 24",
        "$9 * 2 = $18",
        "20% of 50 is 10",
        "20 percent of 50 is 10",
        "1/2 of 30 = 15",
        "1,250 x 4 = 5,000",
        "100 000 / 4 = 25 000",
        "(5 + 3) * 2 = 16",
        "(so 5+3 = 8)",
        "2(3 + 4) = 14",
        "1 1/2 * 4 = 6 and 1½ * 4 = 6",
        "2 / 1/5 = 10",
        "-5 + 3 = -2",
        "- 5 + 3 = 8",
        "1.0 - -2 = 3",
        "1200-3000 = -1800",
        "2^10 = 1024 and 2**3 = 8",
        "7 plus 4 equals 11, 12 divided by 4 is 3",
        "$50/month * 12 months = $600",
        "4 miles/hour * 6 hours = 24 miles",
        "$950 (current) + $250 (withdraw) = $1200",
        "120 minutes for breaks + 30 minutes for snacks + 30 minutes for lunch = 180 minutes",
        r"\(\frac{3}{4} \times 20 = 15\)",
        "**5 * 4 = 20**",
        "20/50 = 40%",
        "25% + 10% = 35%",
        "4/20 x 100% = 20%",
        "3/3 - 1/4 = 3/4 of the cake",
    ],
)
def test_what_holds_is_exact(text):
    found = verdicts(text)
    assert found
    assert {verdict for _, verdict in found} == {"exact"}


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("16 - 3 = 14", 13),
        ("20% of 50 is 15", 10),
        ("1,250 x 4 = 50,000", 5000),
        ("(5 + 3) * 2 = 11", 16),
        ("14 eggs * 20 = 140 eggs", 280),
        ("100 - 475 = 375", -375),
        ("<<16-3=14>>", 13),
        ("<<12*20,000=24,000>>", 240_000),
    ],
)
def test_what_does_not_hold_is_wrong_and_the_right_value_is_told(text, right):
    equation = only(text)
    assert equation.verdict == "wrong"
    assert equation.exact == right


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("10 / 3 = 3.33", "rounded"),
        ("10 / 3 = 3.34", "rounded"),  # up: less than one unit of the last decimal away
        ("10 / 3 = 3.35", "wrong"),
        ("15 / 4 = 4", "rounded"),
        ("15 / 4 = 3", "rounded"),
        ("15 / 4 = 5", "wrong"),
        ("1 / 4 = 1", "wrong"),  # a part of one is not rounded to one
        ("12 / 4 = 4", "wrong"),  # a whole value is not rounded
        ("0.1 + 0.2 = 0.30000000000000004", "rounded"),
        ("288 * 1 ≈ 290", "rounded"),
        ("288 * 1 = 290", "wrong"),
        ("17 * 3 is about 50", "rounded"),
        ("17 * 3 is about 70", "wrong"),
        ("1/3 = 33%", "rounded"),
        ("1/3 = 35%", "wrong"),
        ("20 / 240 = 8.333...%", "rounded"),
    ],
)
def test_rounding_is_told_from_a_slip(text, verdict):
    assert only(text).verdict == verdict


@pytest.mark.parametrize(
    "text",
    [
        "R + 2 * 7 = 98",
        "2x = 10",
        "3A + 7 = 19",
        "15+2a = 35",
        "5 dozen * 2 = 120",
        "half of 20 + 4 = 14",
        "3 hours = 180 minutes",
        "8:40-6:00=2:20",
        "Day 3 = 5",
        "1/3 of Solomon = 66",
        "1/2 a cup = 4 ounces",
        "2/3 is equal to $20",
        "28 grams because two parrots times 14 equals 28",
        "in 13,2000 / 60 = 220",
        "3*30 = 30 + trees",
        "$100+($100*(10/100) = $110",
        "600 x 30 = 18 500",
        "3 != 4, 5 <= 6",
        "=====",
    ],
)
def test_what_is_no_plain_arithmetic_is_left_alone(text):
    assert verdicts(text) == []


def test_units_that_may_have_been_converted_are_called_unreadable_and_not_wrong():
    assert only("2 hours + 30 minutes = 150 minutes").verdict == "unreadable"
    assert only("2 hours * 60 minutes = 130 minutes").verdict == "wrong"  # 130/120 is no factor of conversion


def test_a_chain_is_one_equation_for_each_sign_and_a_running_total_is_read_as_meant():
    assert verdicts("5 * 4 = 20 = 10 + 10") == [("5 * 4 = 20", "exact"), ("20 = 10 + 10", "exact")]
    assert verdicts("5 * 4 = 20 + 3 = 23") == [("5 * 4 = 20 + 3", "exact"), ("20 + 3 = 23", "exact")]
    assert [verdict for _, verdict in verdicts("5 * 4 = 21 + 3 = 24")] == ["wrong", "exact"]


def test_an_annotation_and_its_prose_are_told_once():
    assert verdicts("48/2 = <<48/2=24>>24 clips") == [("48/2=24", "exact")]


def test_a_number_copied_wrongly_from_an_annotation_is_found():
    assert only("so <<36/3=12>>18 each").copied == "18"
    assert only("so $<<1/3=0.33333>>0.33 each").copied is None
    assert only("so $<<.25*1=.25>>25 cents").copied is None
    assert only("so $<<6*7000=42000>>42,000/year").copied is None
    assert only("so $<<6*7000=42000>>42k").copied is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<<x+3=5>>", "'x' stands for no number"),
        ("<<83.33>>", "nothing is said to be equal"),
        ("<<5/0=0>>", "it divides by zero"),
        ("<<2^2^9=3>>", "an exponent is no small whole number"),
        (f"{'9' * 50} + 1 = 2", "a number has too many digits"),
        (f"<<{'(' * 20}1{')' * 20}=1>>", "it is nested too deeply"),
        ("1 + " * 500 + "1 = 3", "an expression is too long"),
    ],
)
def test_what_cannot_be_computed_says_why(text, why):
    equation = only(text)
    assert equation.verdict == "unreadable"
    assert equation.why == why


def test_positions_are_those_of_the_text():
    text = "First, 5 + 3 = 8.\nThen 8 * 2 = <<8*2=16>>16."
    assert [text[one.start : one.end] for one in equations_in(text)] == ["5 + 3 = 8", "<<8*2=16>>"]


def test_a_line_that_ends_in_a_number_does_not_hide_the_next():
    assert len(verdicts("1 + 1 = 2\n2 + 2 = 4\n4 + 4 = 8")) == 3


def test_annotations_are_taken_out_as_a_person_reads():
    assert without_annotations("48/2 = <<48/2=24>>24 clips") == "48/2 = 24 clips"


def test_nesting_is_allowed_up_to_its_bound():
    inside = "(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH
    assert value_of(tokens_of(inside)) == 1
    with pytest.raises(Unreadable, match="nested"):
        value_of(tokens_of(f"({inside})"))


_PYTHON = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def _by_pythons_own_grammar(node):
    """The value by Python's parser, with fractions for numbers: precedence and parentheses are its own."""
    if isinstance(node, ast.Constant):
        return Fraction(node.value)
    return _PYTHON[type(node.op)](_by_pythons_own_grammar(node.left), _by_pythons_own_grammar(node.right))


_EXPRESSIONS = st.recursive(
    st.integers(1, 999).map(str),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner, st.booleans()).map(
        lambda parts: f"({parts[0]} {parts[1]} {parts[2]})" if parts[3] else f"{parts[0]} {parts[1]} {parts[2]}"
    ),
    max_leaves=8,
)


@given(_EXPRESSIONS)
def test_values_are_those_of_pythons_grammar(text):
    tokens = tokens_of(text)
    try:
        expected = _by_pythons_own_grammar(ast.parse(text, mode="eval").body)
    except ZeroDivisionError:
        with pytest.raises(Unreadable, match="zero"):
            value_of(tokens)
        return
    # `2 / 1/5` without blanks is the one place where blanks matter, and none is drawn here.
    assert value_of(tokens) == expected


@given(st.text(alphabet="0123456789 +-*/=().,%$x<>\n abc", max_size=200))
def test_any_text_is_read_and_equations_lie_within_it(text):
    for equation in equations_in(plain_signs(text)):
        assert 0 <= equation.start < equation.end <= len(text)
        assert (equation.verdict == "unreadable") == (equation.why is not None)
