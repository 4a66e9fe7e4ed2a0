"""What sort of answer is right, and how a wrong number lies to the right one."""

from __future__ import annotations

from fractions import Fraction

from suffice.kinds.gold.equality import stated_quantity
from suffice.kinds.numbers.numerals import Quantity

RATIOS = {
    Fraction(100): "100 times the right one",
    Fraction(10): "10 times the right one",
    Fraction(2): "twice the right one",
    Fraction(1, 2): "half of the right one",
    Fraction(1, 10): "a tenth of the right one",
    Fraction(1, 100): "a hundredth of the right one",
    Fraction(-1): "of the other sign",
}
"""Wrong answers that one mistake explains."""
NEAR = Fraction(1, 10)
"""How far off, as a share of the right answer, a near miss is at most."""
MAX_SIGNS = 100
"""Characters of an answer that is read as a number: a division of longer ones takes minutes."""


def sort_of(answer: str) -> str:
    """What sort of answer it is: of one letter, that letter.

    Args:
        answer: a right one.
    """
    quantity = _quantity_of(answer)
    if quantity is None:
        return answer if len(answer) == 1 else "text"
    if quantity.value < 0:
        return "negative"
    return "whole number" if Fraction(quantity.value).denominator == 1 else "fraction"


def against(gold: str, answer: str) -> tuple[str, ...]:
    """How a wrong number lies to the right one; nothing where one of them is no number.

    Args:
        gold: the right answer.
        answer: a wrong one.
    """
    right, given = _quantity_of(gold), _quantity_of(answer)
    if right is None or given is None:
        return ()
    one, other = Fraction(right.value), Fraction(given.value)
    if one and other / one in RATIOS:
        return (RATIOS[other / one],)
    if abs(other - one) == 1:
        return ("off by one",)
    if abs(other - one) <= abs(one) * NEAR:
        return ("a near miss",)
    return ("too large",) if other > one else ("too small",)


def _quantity_of(answer: str) -> Quantity | None:
    """The number of an answer; None where there is none, or one too long to divide by."""
    if len(answer) > MAX_SIGNS:
        return None
    return stated_quantity(answer)
