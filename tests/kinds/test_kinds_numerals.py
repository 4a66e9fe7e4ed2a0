from decimal import Decimal
from fractions import Fraction
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.kinds.numerals import concluded_numeral, first_quantity, last_numeral, quantity_of, same_quantity


def same(one, other):
    return same_quantity(quantity_of(one), quantity_of(other))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("18", 18),
        ("$1,000", 1000),
        ("1 000", 1000),
        ("1.000.000", 1_000_000),
        ("1.000,50", Decimal("1000.5")),
        ("12,5", Decimal("12.5")),
        ("3 1/2 hours", Fraction(7, 2)),
        (r"\frac{1}{2}", Fraction(1, 2)),
        (r"\dfrac{-3}{4}", Fraction(-3, 4)),
        ("2/3 cup", Fraction(2, 3)),
        ("1e5", 100_000),
        ("3.2 x 10^4", 32_000),
        ("−5", -5),
        ("-$5", -5),
        ("$-5", -5),
        ("--5", 5),
        (".5", Decimal("0.5")),
        ("**18.**", 18),
        (r"\$18", 18),
        (r"$18$", 18),
        (r"3 \text{ km}", 3),
    ],
)
def test_a_number_is_read_exactly_however_it_is_written(text, value):
    assert quantity_of(text).value == value


@pytest.mark.parametrize("text", ["", "NaN", "inf", "-Infinity", "∞", "five", "5 or 6", "1/0", "1,234,5678", "x = 5"])
def test_what_is_no_single_finite_number_is_none(text):
    assert quantity_of(text) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("18", "18.00"),
        ("$18", "18 dollars"),
        ("18", "18 apples"),
        ("50%", "0.5"),
        ("50%", "50"),
        ("0.5", r"50\%"),
        ("5 km", "5000 m"),
        ("90 minutes", "1.5 hours"),
        ("100 cents", "$1"),
        ("0.5", "1/2"),
        ("3 apples", "3 pears"),
    ],
)
def test_numbers_are_equal_by_value_with_their_units_both_ways(one, other):
    assert same(one, other)
    assert same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("18", "18.001"),
        ("$5", "€5"),
        ("5 km", "5 m"),
        ("5 km", "5 hours"),
        ("50%", "0.5%"),
        ("0.3333", "1/3"),
        ("-5", "5"),
    ],
)
def test_numbers_that_differ_in_value_or_unit_are_not_equal(one, other):
    assert not same(one, other)
    assert not same(other, one)


# Fraction of the standard library is the judge.
@given(st.fractions(min_value=-1000, max_value=1000, max_denominator=999), st.integers(1, 9))
def test_a_quotient_is_equal_to_itself_expanded_and_to_no_other(value, times):
    expanded = f"{value.numerator * times}/{value.denominator * times}"
    assert same(f"{value.numerator}/{value.denominator}", expanded)
    assert not same(
        f"{value.numerator}/{value.denominator}", f"{value.numerator * times + 1}/{value.denominator * times}"
    )


@given(st.integers(0, 10**15))
def test_commas_change_nothing(value):
    assert quantity_of(f"{value:,}").value == value


def test_a_million_digits_are_compared_exactly_and_quickly():
    digits = "7" * 1_000_000
    started = process_time()
    assert same(digits, digits + ".0")
    assert not same(digits, digits[:-1] + "8")
    assert process_time() - started < 5.0


def test_a_quotient_too_long_to_divide_is_none_rather_than_slow():
    assert quantity_of("1" * 100_000 + "/3") is None


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("16 - 3 = 13 eggs", "13"),
        ("so 20-5", "5"),
        ("it is -5.", "-5"),
        ("costs $1,234.50.", "$1,234.50"),
        ("grew by 12.5 %", "12.5%"),
        ("first 3\nthen nothing", "3"),
        ("nothing", None),
        ("", None),
    ],
)
def test_the_last_number_of_a_text_keeps_its_signs(text, last):
    assert last_numeral(text) == last


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It takes 120/24 = 5 hours to read 120 pages.", "5"),
        ("16 - 3 = 13\nso there are 13 of 16", "16"),
        ("4 = x", "4"),
        ("costs 2 * 3 = $6 in all\nthat is all", "$6"),
        ("= 7", "7"),
        ("So 11 / 5 = <<11/5=2.2>>2 trays", "2"),
        ("So 5*2 = <<5*2=10>> of them", "10"),
        ("nothing", None),
    ],
)
def test_a_text_comes_to_what_stands_behind_its_last_sign_of_equality(text, found):
    assert concluded_numeral(text) == found


@pytest.mark.parametrize(("said", "value"), [("18 dollars for 3 days", 18), ("9 * 2 = 18", 18), ("x = 4", 4)])
def test_of_a_sentence_the_number_behind_the_sign_of_equality_or_the_first_is_meant(said, value):
    assert first_quantity(said).value == value
