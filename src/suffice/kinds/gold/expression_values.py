"""Whether two parsed expressions differ, told by their values where that is certain: simplifying a difference that is
not zero takes most of the time of a comparison.

math-verify takes two expressions for equal if they are alike, if their difference is nothing to fifteen digits, or if
SymPy simplifies it to nothing. What differs clearly at a point cannot be simplified to nothing, and a polynomial that
is nothing when it is multiplied out always is. Anything else is left to it.
"""

from __future__ import annotations

from typing import Any

from sympy import Add, E, Expr, Float, I, Integer, Mul, Pow, Rational, Symbol, expand, pi, preorder_traversal
from sympy.core.evalf import PrecisionExhausted

MAX_PARTS = 200
"""Parts of an expression that is looked at."""
MAX_POWER = 20
"""Largest power, and root, that is taken; what a tower of them comes to may take any time."""
MAX_SYMBOLS = 4
"""Symbols of an expression that is looked at: a sum of many to a high power has too many terms."""
DIGITS = 15
"""Digits that values are computed to, and to which math-verify tells a difference from nothing."""
CLEARLY = 1e-3
"""Difference of two values that no rounding brings about: math-verify rounds decimals to six places."""
RELATIVELY = 1e-9
"""The same as a share of the larger value: decimals have fifteen digits."""


def told_by_values(one: Expr, other: Expr) -> bool | None:
    """Whether two expressions are equal; None where only simplification can tell.

    Args:
        one: the right answer.
        other: what was answered.
    """
    if not (_is_plain(one) and _is_plain(other)):
        return None
    if _is_polynomial(one) and _is_polynomial(other):
        if expand(one - other) == 0:
            return True
    elif not _differ(one, other):
        return None
    # Coefficients too small for its digits are nothing to math-verify.
    return None if (one - other).evalf(DIGITS, chop=True) == 0 else False


def _is_plain(expression: Expr) -> bool:
    """Whether it is made of numbers, symbols, sums, products and moderate powers, and no lone symbol: that may be a
    word, which is compared by its letters.
    """
    if isinstance(expression, Symbol) or len(expression.free_symbols) > MAX_SYMBOLS:
        return False
    for n_parts, part in enumerate(preorder_traversal(expression)):
        known = isinstance(part, Add | Mul | Pow | Rational | Float | Symbol) or part in {pi, E, I}
        if not known or n_parts >= MAX_PARTS or (isinstance(part, Pow) and not _is_moderate(part.exp)):
            return False
    return True


def _is_moderate(power: Any) -> bool:
    return isinstance(power, Rational) and abs(power.p) <= MAX_POWER and power.q <= MAX_POWER


def _is_polynomial(expression: Expr) -> bool:
    """Whether it is one over the fractions."""
    return all(
        isinstance(part, Add | Mul | Rational | Symbol)
        or (isinstance(part, Pow) and isinstance(part.exp, Integer) and part.exp >= 0)
        for part in preorder_traversal(expression)
    )


def _differ(one: Expr, other: Expr) -> bool:
    """Whether their values at a point are clearly different; False where they have none, or it is not known."""
    symbols = sorted(one.free_symbols | other.free_symbols, key=str)
    # No whole numbers and no simple relation between them, and above 0, where every root is real.
    point = {symbol: Rational(37 + 20 * place, 29 + 6 * place) for place, symbol in enumerate(symbols)}
    try:
        mine, theirs = (complex(each.evalf(DIGITS, subs=point, strict=True)) for each in (one, other))
    except (PrecisionExhausted, TypeError, ValueError, OverflowError, ZeroDivisionError):
        return False
    least = max(CLEARLY, RELATIVELY * max(abs(mine), abs(theirs)))
    return abs(mine - theirs) > least  # Not so of what is not a number.
