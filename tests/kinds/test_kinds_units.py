from fractions import Fraction

import pytest

from suffice.kinds.units import unit_of


@pytest.mark.parametrize(
    ("words", "measures", "factor"),
    [("km", "length", 1000), ("Hours.", "time", 3600), ("lbs of", "mass", Fraction(45359237, 100000))],
)
def test_a_known_unit_is_known_in_any_spelling(words, measures, factor):
    assert (unit_of(words).measures, unit_of(words).factor) == (measures, factor)


@pytest.mark.parametrize("words", ["", "  ", "apples", "kilometre-ish"])
def test_other_words_are_no_unit(words):
    assert unit_of(words) is None
