"""Tokens to an exact value, and whether a value that was said is that value, rounded or not.

No text is ever evaluated by Python: the four operations, powers and parentheses are read by recursive descent over
fractions, and everything that could grow (digits, exponents, nesting, length) has a bound.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Literal

from suffice.kinds.numbers.arithmetic_tokens import Token

MAX_TOKENS = 400
"""Of one expression."""
MAX_DEPTH = 12
"""Parentheses within one another: people hardly write three."""
MAX_EXPONENT = 64
"""Of a power; growth of money over months is the largest that prose has."""
MAX_BITS = 2_048
"""Of numerator and denominator together of any value on the way: products of numbers of the allowed length stay far
below, towers of powers do not."""
FLOAT_NOISE = Fraction(1, 10**9)
"""Relative error under which a value is a binary floating-point number printed whole: 0.30000000000000004."""

Agreement = Literal["exact", "rounded", "wrong"]
Reading = Callable[[Token], Fraction]


class Unreadable(Exception):
    """Tokens that are no arithmetic, or arithmetic beyond the bounds; the text says which."""


def plainly(token: Token) -> Fraction:
    """The value of a number as it is written; a percent sign divides by a hundred.

    Args:
        token: a number.

    Raises:
        Unreadable: the number has too many digits.
    """
    if token.value is None:
        raise Unreadable("a number has too many digits")
    return token.value / 100 if token.percent else token.value


def value_of(tokens: Sequence[Token], *, read: Reading = plainly) -> Fraction:
    """The exact value of an expression.

    Args:
        tokens: numbers, operators and parentheses, nothing else.
        read: what each number stands for; `plainly`, or a way that puts another value in its place.

    Raises:
        Unreadable: the tokens are no expression, divide by zero, or are beyond the bounds.
    """
    if len(tokens) > MAX_TOKENS:
        raise Unreadable("an expression is too long")
    parser = _Parser(tokens, read)
    value = parser.sum()
    if parser.place != len(tokens):
        raise Unreadable("an expression ends too early")
    return value


def agreement(exact: Fraction, said: Token, *, about: bool = False, read: Reading = plainly) -> Agreement:
    """Whether a value as it was said is the exact one.

    A value said with d decimals may be off by less than one unit of the last of them: people round down, up and to the
    nearest, and all three are the same step of reasoning. A whole number said for a value that is none may be off by
    less than one where the value is at least one (15 people in cars of 4 take 4 cars, 7 dollars buy 3 pieces at 2).
    That is `rounded`, which is counted apart from `exact`, so that whoever minds can see it; a slip in an exact whole
    value is never excused by it, since it is off by one at least. Behind a sign or word for "about", one unit of the
    last digit that is not zero is allowed.

    Args:
        exact: the value.
        said: the number that was said.
        about: whether it was said to be an approximation.
        read: what the number stands for.
    """
    value = read(said)
    error = abs(value - exact)
    if error == 0:
        return "exact"
    unit = Fraction(1, 10**said.decimals) * (Fraction(1, 100) if said.percent and read(said) != said.value else 1)
    if about:
        unit *= 10 ** _trailing_zeros(said)
    # A whole value rounded to a whole one would be a slip; a part of one said as 0 or 1 hides what was computed.
    may_round = about or said.decimals > 0 or said.percent or (exact.denominator != 1 and abs(exact) >= 1)
    if error <= FLOAT_NOISE * abs(exact) or (may_round and error < unit):
        return "rounded"
    return "wrong"


def _trailing_zeros(said: Token) -> int:
    digits = said.text.rstrip("%").replace(",", "")
    return 0 if said.decimals or not digits.strip("0") else len(digits) - len(digits.rstrip("0"))


class _Parser:
    """Sum, product, power, operand: one method for each, from the loosest to the tightest."""

    def __init__(self, tokens: Sequence[Token], read: Reading) -> None:
        self.tokens, self.read = tokens, read
        self.place = self.depth = 0

    def sum(self) -> Fraction:
        value = self._product()
        while (sign := self._next()) in {"+", "-"}:
            self.place += 1
            other = self._product()
            value = _bounded(value + other if sign == "+" else value - other)
        return value

    def _product(self) -> Fraction:
        value = self._signed()
        while (sign := self._next()) in {"*", "/", "("}:
            # 2(3 + 4): a parenthesis directly behind a number multiplies.
            self.place += sign != "("
            other = self._signed()
            if sign == "/" and other == 0:
                raise Unreadable("it divides by zero")
            value = _bounded(value / other if sign == "/" else value * other)
        return value

    def _signed(self) -> Fraction:
        """A minus sign binds less than a power: -2^2 is -4."""
        sign = 1
        while self._next() in {"-", "+"}:
            sign = -sign if self._next() == "-" else sign
            self.place += 1
        return sign * self._power()

    def _power(self) -> Fraction:
        base = self._operand()
        if self._next() != "^":
            return base
        self.place += 1
        exponent = self._deeper(self._signed)
        if exponent.denominator != 1 or abs(exponent) > MAX_EXPONENT:
            raise Unreadable("an exponent is no small whole number")
        if base == 0 and exponent < 0:
            raise Unreadable("it divides by zero")
        bits = base.numerator.bit_length() + base.denominator.bit_length()
        if bits * abs(exponent) > MAX_BITS:
            raise Unreadable("a value is too large")
        return base ** int(exponent)

    def _operand(self) -> Fraction:
        if self.place >= len(self.tokens):
            raise Unreadable("an operand is missing")
        token = self.tokens[self.place]
        self.place += 1
        if token.kind == "number":
            return self.read(token)
        if token.kind != "open":
            raise Unreadable("an operand is missing")
        value = self._deeper(self.sum)
        if self._next() != ")":
            raise Unreadable("a parenthesis is not closed")
        self.place += 1
        return value

    def _deeper(self, inner: Callable[[], Fraction]) -> Fraction:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable("it is nested too deeply")
        value = inner()
        self.depth -= 1
        return value

    def _next(self) -> str:
        return self.tokens[self.place].text if self.place < len(self.tokens) else ""


def _bounded(value: Fraction) -> Fraction:
    if value.numerator.bit_length() + value.denominator.bit_length() > MAX_BITS:
        raise Unreadable("a value is too large")
    return value
