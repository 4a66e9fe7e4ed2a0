from fractions import Fraction

import pytest

from suffice.kinds.numbers.units import scale_of, unit_of


@pytest.mark.parametrize(
    ("words", "measures", "factor"),
    [("km", "length", 1000), ("Hours.", "time", 3600), ("lbs of", "mass", Fraction(45359237, 100000))],
)
def test_a_known_unit_is_known_in_any_spelling(words, measures, factor):
    assert (unit_of(words).measures, unit_of(words).factor) == (measures, factor)


@pytest.mark.parametrize("words", ["", "  ", "apples", "kilometre-ish"])
def test_other_words_are_no_unit(words):
    assert unit_of(words) is None


# 10^5, 10^6, 10^9.
@pytest.mark.parametrize(
    ("written", "power"), [(" hundred thousand", 5), ("-Millions", 6), ("M", 6), (" m", 6), ("bn", 9)]
)
def test_words_and_letters_of_scale_are_powers_of_ten(written, power):
    assert scale_of(written) == power
