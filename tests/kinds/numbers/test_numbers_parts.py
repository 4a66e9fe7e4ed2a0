from fractions import Fraction
from time import process_time

import pytest

from suffice.kinds.numbers.parts import computed, goes_on, is_led


@pytest.mark.parametrize(
    "behind", ["^2", "!", ":30", "-6", " - 6", " x 3", "*2", " ** 2", ",5", "π", " plus 2", " 500"]
)
def test_a_number_goes_on_where_a_sign_and_another_number_follow(behind):
    assert goes_on(f"5{behind}", 1)


@pytest.mark.parametrize(
    "behind", ["", ".", ": so", " - so", "-year", "* so", " **18**", "+", "/day", ", 6", " 500-page"]
)
def test_a_number_ends_where_words_or_marks_follow(behind):
    assert not goes_on(f"5{behind}", 1)


def test_a_number_is_led_by_an_operator_or_a_root_and_not_by_a_mark():
    assert is_led("3 * 5", 4)
    assert is_led(r"\sqrt{5}", 6)
    assert is_led("5:30", 2)
    assert not is_led("**5**", 2)
    assert not is_led("Step 3: 5", 8)


# 9 * 2 = 18, 2^10 = 1024, (1 + 2) / 4 = 3/4 by hand.
@pytest.mark.parametrize(
    ("text", "value", "behind"),
    [
        ("9 * 2 dollars", 18, " dollars"),
        ("2^{10}", 1024, ""),
        ("(1+2)/4", Fraction(3, 4), ""),
        ("so 3 x 4 (in all)", 12, " (in all)"),
        ("-(5)", -5, ""),
    ],
)
def test_arithmetic_is_computed_exactly_up_to_its_unit(text, value, behind):
    found = computed(text)
    assert (found.value, found.behind) == (value, behind)


@pytest.mark.parametrize(
    "text",
    ["5", "5 apples", "5-6", "2024-01-05", "1/2/2024", "4 - 5!", "1/0", "(", "x * 3 + 2", "2 + 3 apples * 4", "2^100"],
)
def test_ranges_dates_single_numbers_and_what_cannot_be_read_are_not_computed(text):
    assert computed(text) is None


def test_arithmetic_made_to_be_slow_is_not_computed():
    started = process_time()
    assert computed("9^" * 90 + "9") is None
    assert computed("1+" * 100_000 + "1") is None
    assert process_time() - started < 1.0
