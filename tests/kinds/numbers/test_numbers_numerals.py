from decimal import Decimal
from fractions import Fraction
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.kinds.numbers.numerals import (
    concluded_numeral,
    first_quantity,
    last_numeral,
    left_to_compute,
    quantity_of,
    same_quantity,
)


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
        ("1'000", 1000),
        ("12’345’678.5", Decimal("12345678.5")),
        ("1,00,000", 100_000),
        ("$12,34,56,789", 123_456_789),
        ("١٨", 18),
        ("१८ रुपये", 18),
        ("１８．５", Decimal("18.5")),
        ("١٬٠٠٠٫٥", Decimal("1000.5")),
        ("１／２", Fraction(1, 2)),
        ("１，０００", 1000),
        ("**18.**", 18),
        (r"\$18", 18),
        (r"$18$", 18),
        (r"3 \text{ km}", 3),
        ("‑5", -5),
        ("－5", -5),
        ("minus 5", -5),
        ("negative $5", -5),
        ("3½", Fraction(7, 2)),
        ("½", Fraction(1, 2)),
        (r"3\frac{1}{2}", Fraction(7, 2)),
        ("3×10⁴", 30_000),
        ("5×10⁻²", Decimal("0.05")),
        (r"90^\circ", 90),
    ],
)
def test_a_number_is_read_exactly_however_it_is_written(text, value):
    assert quantity_of(text).value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5 million", 5_000_000),
        ("5-million", 5_000_000),
        ("2.5 Billion", 2_500_000_000),
        ("5 hundred thousand", 500_000),
        ("3 lakh", 300_000),
        ("1/2 million", 500_000),
        ("3 1/2 million", 3_500_000),
        ("$12 thousand", 12_000),
        ("$12k", 12_000),
        ("12K", 12_000),
        ("12 k", 12_000),
        ("5M", 5_000_000),
        ("€1.5bn", 1_500_000_000),
        ("$5m", 5_000_000),
        ("$5 M", 5_000_000),
        ("5m dollars", 5_000_000),
        ("-$2T", -2_000_000_000_000),
        ("5m", 5),
        ("5 m", 5),
        ("5 dozen", 5),
        ("5 thousand apples", 5_000),
        ("5 millionaires", 5),
        ("$5 T-shirts", 5),
    ],
)
def test_words_and_letters_of_scale_multiply_the_number_before_them(text, value):
    assert quantity_of(text).value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2^10", 1024),
        ("2^{10}", 1024),
        ("2**10", 1024),
        ("2¹⁰", 1024),
        ("10^6", 1_000_000),
        ("9*2", 18),
        (r"9 \times 2", 18),
        ("3x10", 30),
        ("12 - 5", 7),
        ("7 minus 5", 2),
        ("2 + 3 apples", 5),
        ("2(3 + 4)", 14),
        ("-2^2", -4),
    ],
)
def test_plain_arithmetic_is_the_number_that_it_comes_to(text, value):
    assert quantity_of(text).value == value


def test_a_length_of_time_in_two_units_is_read_whole():
    assert same("4 hours 30 minutes", "4.5 hours")
    assert same("1 hour, 30 minutes and 15 seconds", "5415 seconds")
    assert same("$5 and 50 cents", "$5.50")
    assert quantity_of("18 dollars for 3 days") is None


# In mathematics a letter or a root behind a number makes another number.
@pytest.mark.parametrize("text", ["2x", "2 x", "2xy", r"3\pi", "3i", r"3\sqrt{2}", "2π", "2√3"])
def test_a_multiple_of_something_is_not_its_first_digits(text):
    assert quantity_of(text) is None


@pytest.mark.parametrize(
    "said",
    [
        "5!", "5:30", "3:4", "3 : 4", "5-6", "5–6", "5 to 6", "2024-01-05", "1/2/2024", "1.2.3", "1,234,5678",
        "2 million 300 thousand", "2x + 3", r"\sqrt{16}", "√2", "log 100", "5 squared", "5 hundredths", "5 ± 2",
        "5'11", "1'0000", "1,00,0000", "1e99999", "9 dollars * 2", "5 apples + 3 pears", "18 + tax", "x^2", "$5M-$10M",
    ],
)  # fmt: skip
def test_a_part_of_something_bigger_does_not_pass_for_a_number(said):
    assert quantity_of(said) is None
    assert first_quantity(said) is None


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


@pytest.mark.parametrize("said", ["9 * 2", "9 * 2 =", "36/2", "x = 9 * 2", "2^10", "so 9 times 2 is"])
def test_arithmetic_without_a_result_is_left_to_compute(said):
    assert left_to_compute(said)


@pytest.mark.parametrize(
    "said", ["18", "1/2", "3/6", "3 1/2", "10^6", "9 * 2 = 18", "18 = 9 * 2", "3 x 10^4", "no", "-5"]
)
def test_fractions_results_and_powers_of_ten_are_numbers_as_they_stand(said):
    assert not left_to_compute(said)


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
        ("it is −5 degrees", "-5"),
        ("from 3−5", "5"),
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
        ("So 5*2 = <<5*2", None),
        ("3 − 8 = −5", "-5"),
        ("So 5 = 2 + 3 apples", "5"),
        ("so n = 2^10", "2^10"),
        ("It is −5 degrees", "-5"),
        ("It costs $5 million.", "$5 million"),
        ("He pays $18 at 5:30", "$18"),
        ("The latest is 5 - 3 = 2:00 pm", "2"),
        ("They stand 3:4", None),
        ("First 3 * 4", None),
        ("9*2", None),
        ("We have 36/2", None),
        ("10^6", "10^6"),
        ("It makes 1/2", "1/2"),
        ("1 000", "1 000"),
        ("There are 18!", "18"),
        ("Step 5: **18**", "18"),
        ("a model-5 at $7", "$7"),
        ("2400 / 200 = 12 200-page books", "12"),
        ("nothing", None),
    ],
)
def test_a_text_comes_to_what_stands_behind_its_last_sign_of_equality(text, found):
    assert concluded_numeral(text) == found


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("18 dollars for 3 days", 18),
        ("9 * 2 = 18", 18),
        ("x = 4", 4),
        ("5 = 2 + 3", 5),
        ("18 = 9 * 2 = 3 * 6", 18),
        ("x = 9 * 2", 18),
        ("x - 3 = 9 * 2", 18),
        ("18 (9 * 2)", 18),
        ("(2 + 3) * 4", 20),
        ("-(5)", -5),
        ("3 − 8 = −5", -5),
        ("total - 5 apples", 5),
        ("5 million in 3 days", 5_000_000),
        ("1.000.000 euros", 1_000_000),
        ("18 500 dollars", 18_500),
        ("18/day", 18),
        ("18+", 18),
        ("18 - that is all", 18),
        ("3 times as many", 3),
    ],
)
def test_of_a_sentence_the_number_said_to_be_equal_or_the_first_is_meant(said, value):
    assert first_quantity(said).value == value


@given(st.text(alphabet="0123456789.,-−+*/^!:=()$%kMm x{}\\½²\u00a0", max_size=30))
def test_no_text_of_signs_breaks_the_readers(text):
    quantity_of(text)
    first_quantity(text)
    concluded_numeral(text)
    last_numeral(text)
