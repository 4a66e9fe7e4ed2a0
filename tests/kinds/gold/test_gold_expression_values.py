"""Expressions told equal or different by their values, never otherwise than math-verify tells them."""

import random

import pytest
from math_verify import LatexExtractionConfig, parse, verify
from sympy import Expr, Rational, Symbol, UnevaluatedExpr, sqrt

from suffice.kinds.gold.expression_values import told_by_values
from suffice.kinds.gold.expression_worker import symbolic_equality


def _parsed(latex: str) -> list[Expr]:
    return parse(f"${latex}$", [LatexExtractionConfig()], fallback_mode="no_fallback", parsing_timeout=None)


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("(x+3)^2", "x^2+6x+9", True),
        ("(x+3)^2", "x^2+6x+8", False),
        ("3\\sqrt{5}", "4\\sqrt{5}", False),
        ("\\sqrt{x}+1", "\\sqrt{x}+2", False),
        # What values do not tell is left to whoever simplifies: these are equal.
        ("\\sqrt{45}", "3\\sqrt{5}", None),
        ("\\frac{x^2-9}{x-3}", "x+3", None),
        # Equal above 0 alone.
        ("\\sqrt{x^2}+1", "x+1", None),
        # Different by less than the digits of decimals.
        ("0.333333+x", "\\frac{1}{3}+x", None),
        # Nothing to fifteen digits, and so nothing to math-verify.
        ("10^{-18}x+y", "y+10^{-19}x", None),
        # A lone symbol may be a word; a part of a hundred may be written without its sign.
        ("x", "x+1", None),
        ("9\\%", "8\\%", None),
        # Powers whose values may take any time to compute.
        ("x^{21}+1", "x^{22}+1", None),
        ("\\sin(x)", "\\cos(x)", None),
        ("a+b+c+d+t+1", "a+b+c+d+t+2", None),
    ],
)
def test_values_tell_what_is_certain_and_nothing_else(one: str, other: str, told: bool | None) -> None:
    assert told_by_values(*_parsed(one), *_parsed(other)) is told


def test_what_has_no_value_is_not_told() -> None:
    x = Symbol("x", real=True)
    # The root of the denominator is the point itself: 37/29.
    at_the_point = 1 / (x - Rational(37, 29))
    assert told_by_values(at_the_point, at_the_point + sqrt(x)) is None
    assert told_by_values(2 * UnevaluatedExpr(x), 3 * x) is None


def _polynomial(rng: random.Random) -> str:
    terms = [f"{rng.choice((-2, -1, 0, 1, 3))}{sign}" for sign in ("x^3", "x^2", "x", "xy", "y", "")]
    return "+".join(f"({term})" for term in rng.sample(terms, 3))


def _value(rng: random.Random) -> str:
    root, power = rng.choice((2, 3, 8, 12, 45)), rng.choice(("-1", "2", "\\frac{1}{2}"))
    return rng.choice((
        f"{rng.randint(1, 9)}\\sqrt{{{root}}}", f"({rng.randint(1, 9)}+\\pi x)^{{{power}}}", f"0.{rng.randint(1, 99)}x",
        f"\\frac{{{rng.randint(1, 9)}}}{{\\sqrt{{{root}}}}}", f"{rng.randint(1, 99)}\\%", f"(1+{rng.randint(1, 3)}i)^2",
    ))  # fmt: skip


def test_verdicts_are_those_of_math_verify() -> None:
    rng, same = random.Random(3), symbolic_equality()
    pairs = []
    for _ in range(60):
        kind = rng.choice((_polynomial, _value))
        one, other = kind(rng), kind(rng)
        pairs += [
            (one, other),
            (f"({one})({other})", f"({other})\\cdot({one})"),
            (f"{one}+{other}", f"{other}+{one}+0.1"),
        ]
    expected = [bool(verify(_parsed(one), _parsed(other), timeout_seconds=None)) for one, other in pairs]
    assert [same(one, other) for one, other in pairs] == expected
    assert 50 < sum(expected) < 130
