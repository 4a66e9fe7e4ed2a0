"""The numbers that a text says, in digits and in words, and a store of numbers that may be computed with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cache

from suffice.kinds.numbers.arithmetic_tokens import Token, tokens_of
from suffice.kinds.numbers.units import SCALES

CONSTANTS = tuple(
    Fraction(number)
    for number in (0, 1, 2, 3, 4, 5, 7, 8, 10, 12, 16, 20, 24, 25, 28, 29, 30, 31, 36, 48, 50, 52, 60, 100, 180, 360,
                   365, 366, 1000, 1440, 2000, 3600, 5280, 10_000, 1_000_000)
)  # fmt: skip
"""Numbers that need no source: small counts, days, months, hours, minutes, dozens, coins, measures, a hundred."""
_MAX_DIGITS = 12
"""Of a number before a word: 3 dozen."""
MAX_DECIMALS = 6
"""Rounded forms of a number that are kept; what is written with more digits is looked up exactly."""

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: number for number, word in enumerate(_ONES)} | {word: 20 + 10 * k for k, word in enumerate(_TENS)}
_PARTS = {
    "half": Fraction(1, 2), "halves": Fraction(1, 2), "third": Fraction(1, 3), "quarter": Fraction(1, 4),
    "fourth": Fraction(1, 4), "fifth": Fraction(1, 5), "sixth": Fraction(1, 6), "seventh": Fraction(1, 7),
    "eighth": Fraction(1, 8), "ninth": Fraction(1, 9), "tenth": Fraction(1, 10),
}  # fmt: skip
_TIMES = {"once": 1, "twice": 2, "double": 2, "doubled": 2, "both": 2, "couple": 2, "pair": 2, "twin": 2, "thrice": 3,
          "triple": 3, "tripled": 3, "quadruple": 4, "quadrupled": 4}  # fmt: skip
NUMBER_WORDS = (*_WORDS, *SCALES)
"""Words of one number or of a part of one: `forty`, `two`, `hundred`."""
_SPLIT = re.compile(r"\d+|[^\W\d_]+")
_CLOCK_OR_ORDINAL = re.compile(r"(\d{1,9})(?=st\b|nd\b|rd\b|th\b|:\d\d)|(?<=:)(\d\d)\b")


def numbers_said(text: str) -> frozenset[Fraction]:
    """All numbers of a text: digits, words ("twenty-five", "two dozen", "three quarters"), hours and minutes.

    Args:
        text: any.
    """
    found = {value for token in tokens_of(text) if (value := _plain(token)) is not None}
    found |= {Fraction(int(number)) for pair in _CLOCK_OR_ORDINAL.findall(text) for number in pair if number}
    return frozenset(found | set(_in_words(text)))


def _plain(token: Token) -> Fraction | None:
    return token.value if token.kind == "number" else None


def _in_words(text: str) -> Iterator[Fraction]:
    """Numbers in words, those of digits with a word behind them ("3 dozen") included."""
    so_far = Fraction(0)
    for piece in _SPLIT.findall(text.lower()):
        singular = piece.removesuffix("s")
        if piece.isdecimal():
            so_far = Fraction(int(piece)) if len(piece) <= _MAX_DIGITS else Fraction(0)
        elif piece in _WORDS:
            joined = so_far >= 20 and _WORDS[piece] < 10 and so_far % 10 == 0
            so_far = Fraction(_WORDS[piece]) + (so_far if joined else 0)
            yield so_far
        elif singular in SCALES:
            yield Fraction(SCALES[singular])
            so_far = (so_far or Fraction(1)) * SCALES[singular]
            yield so_far
        elif singular in _PARTS or piece in _PARTS:
            part = _PARTS.get(piece, _PARTS.get(singular, Fraction(1)))
            yield from (part, 1 / part, (so_far or Fraction(1)) * part)
            so_far = Fraction(0)
        elif singular in _TIMES:
            yield Fraction(_TIMES[singular])
            so_far = Fraction(0)
        elif piece != "and":
            so_far = Fraction(0)


def _ways_to_write(number: Fraction) -> frozenset[Fraction]:
    """A number, its hundredth and its hundredfold, and what it leaves of one and of a hundred, or adds to them."""
    if not 0 < number <= 1000:
        return frozenset({number, number * 100})
    return frozenset(
        {number, number * 100, number / 100, 1 - number / 100, 1 + number / 100, 100 - number, 100 + number}
    )


@cache
def _known_to_all() -> frozenset[Fraction]:
    return frozenset().union(*(_ways_to_write(number) for number in CONSTANTS))


class KnownNumbers:
    """Numbers that may be computed with; looking one up takes the same time however many there are."""

    def __init__(self, numbers: Iterable[Fraction]) -> None:
        """
        Args:
            numbers: what is known at first, beside `CONSTANTS`.
        """
        self._exact = set(_known_to_all())
        self._rounded: set[tuple[int, int]] = set()
        for number in numbers:
            self.add(number)

    def add(self, number: Fraction) -> None:
        """Makes a number known, and with it its hundredth, its hundredfold, and what it leaves of one and of a hundred.

        Percentages are written in all of these ways.

        Args:
            number: any.
        """
        number = abs(number)
        self._exact |= _ways_to_write(number)
        if number.denominator != 1:
            for decimals in range(MAX_DECIMALS + 1):
                scaled = number * 10**decimals
                self._rounded |= {(decimals, int(scaled)), (decimals, int(scaled) + 1)}

    def __contains__(self, token: Token) -> bool:
        """Whether a number as it is written is known, rounded up or down included."""
        if token.value is None:
            return False
        rounded = (token.decimals, int(token.value * 10**token.decimals)) in self._rounded
        return token.value in self._exact or rounded
