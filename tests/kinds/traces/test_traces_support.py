from fractions import Fraction

import pytest

from suffice.kinds.traces.support import unsupported

GIVEN = "Anna's shop in Lyon sold two dozen eggs for $1,250.50 on 3 May, 20% more than before."


@pytest.mark.parametrize(
    "answer",
    ["24", "24 eggs", "$1250.5", "1250.50 dollars", "20%", "20", "Anna", "Lyon", "In Lyon", "The shop", "yes", ""],
)
def test_what_is_given_in_whatever_form_has_support(answer):
    assert unsupported(answer, sources=GIVEN) == ()


@pytest.mark.parametrize(
    ("answer", "told"),
    [("25", ("25",)), ("Paris", ("Paris",)), ("Anna of Nice sold 7", ("7", "Nice")), ("21%", ("21%",))],
)
def test_what_is_not_given_is_told(answer, told):
    assert unsupported(answer, sources=GIVEN) == told


def test_what_was_computed_has_support():
    assert unsupported("1274.5", sources=GIVEN, computed=[Fraction("1274.5")]) == ()


def test_long_answers_take_no_time_without_bound():
    assert len(unsupported("Zz9 " * 1_000_000, sources=GIVEN)) <= 5_000
