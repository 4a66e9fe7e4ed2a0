"""Values of right calls that nothing which is given says: whoever calls so has to know them.

Values are written otherwise than they are said: `San Francisco, CA`, 3600 for an hour, `2023-06-05`, `sin(x)`. So a
value is told only where there is nothing of it: no word of four letters or more begins as any that was said, or a
number is no small one and neither said nor that of another unit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from suffice.kinds.numbers.known import numbers_said
from suffice.records.tool_calls import AcceptedArgument, AcceptedCall, AcceptedObject
from suffice.text.normalise import canonical

N_LETTERS = 4
"""Letters in which two words agree that are forms of one, and below which a word may be short for anything."""
MAX_SMALL = 31
"""Whole numbers up to here are counts, days and months: they follow from what was said in other ways."""
YEARS = range(1900, 2101)
"""Numbers that may be years, which a date that was said in words has."""
MAX_DIGITS = 30
"""Of a number that is read as one: others are looked for sign by sign."""
_UNITS = tuple(
    Fraction(ratio)
    for ratio in (1, 2, 3, 4, 7, 10, 12, 24, 52, 60, 100, 365, 1000, 1440, 3600, 10_000, 86_400, 100_000, 10**6, 10**9)
)
"""What one unit has of another, doubles and quarters among them."""
_DIGITS, _LONG_DIGITS = re.compile(r"\d+"), re.compile(r"\d{3,}")
_CAMEL, _LETTERS = re.compile(r"(?<=[a-z])(?=[A-Z])"), re.compile(r"[^\W\d_]+")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{4}-\d{2}\b|\d{1,2}:\d{2}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What was given, as values are looked for in it."""

    beginnings: frozenset[str]
    """The first letters of each word."""
    squeezed: str
    """All words without anything between them."""
    numbers: frozenset[Fraction]
    """In digits and in words; of `[200,300]` each alone as well."""
    digits: str
    """All runs of digits, with blanks between them."""
    latin: bool
    """Whether no word of it is in other letters: from such words one in Latin letters may be translated."""


def said_in(text: str) -> Said:
    """What a text says.

    Args:
        text: any.
    """
    words, runs = canonical(text).split(), _DIGITS.findall(text)
    return Said(
        beginnings=frozenset(word[:N_LETTERS] for word in words),
        squeezed="".join(words),
        numbers=numbers_said(text.replace("_", " ")) | {Fraction(run) for run in runs if len(run) <= MAX_DIGITS},
        digits=" ".join(runs),
        latin=text.isascii() or not any(map(_is_foreign, words)),
    )


def unsaid(accepted: Sequence[AcceptedCall], given: Sequence[Said]) -> frozenset[tuple[str, str]]:
    """Arguments of right calls, each with a value, none of whose right values was said in any way.

    Those that may be left out are passed over, and those that have no right value.

    Args:
        accepted: the calls that are right.
        given: everything that was given, the request first.
    """
    return frozenset(
        (name, str(right.values[0]))
        for call in accepted
        for name, right in call.arguments.items()
        if _is_unsaid(right, given)
    )


def _is_unsaid(right: AcceptedArgument, given: Sequence[Said]) -> bool:
    return bool(right.values) and not right.optional and all(_unsaid_value(value, given) for value in right.values)


def _unsaid_value(value: Any, given: Sequence[Said]) -> bool:
    if isinstance(value, AcceptedObject):
        return any(_is_unsaid(right, given) for right in value.keys.values())
    if isinstance(value, list | tuple):
        return any(_unsaid_value(one, given) for one in value)
    if isinstance(value, str):
        return _unsaid_text(value, given)
    return isinstance(value, int | float) and not isinstance(value, bool) and _unsaid_number(value, given)


def _unsaid_text(text: str, given: Sequence[Said]) -> bool:
    if not _DATE.search(text) and any(_unsaid_digits(digits, given) for digits in _LONG_DIGITS.findall(text)):
        return True
    words = [word for word in _words(text) if len(word) >= N_LETTERS]
    return bool(words) and given[0].latin and not any(_is_said(word, said) for word in words for said in given)


def _words(text: str) -> Iterator[str]:
    """Words of letters alone, those of `camelCase` and `snake_case` apart."""
    for word in canonical(_CAMEL.sub(" ", text)).split():
        yield from _LETTERS.findall(word)


def _is_said(word: str, said: Said) -> bool:
    return word[:N_LETTERS] in said.beginnings or word in said.squeezed


def _unsaid_digits(digits: str, given: Sequence[Said]) -> bool:
    if any(digits in said.digits or digits in said.squeezed for said in given):
        return False
    return len(digits) > MAX_DIGITS or _unsaid_number(int(digits), given)


def _unsaid_number(number: float, given: Sequence[Said]) -> bool:
    exact = abs(Fraction(str(number)))
    if exact.denominator == 1 and (exact <= MAX_SMALL or int(exact) in YEARS or _is_round(int(exact))):
        return False
    others = {other for ratio in _UNITS for other in (exact * ratio, exact / ratio)}
    return all(others.isdisjoint(said.numbers) for said in given)


def _is_round(number: int) -> bool:
    """Whether it is 100, 1,000 and so on, which stands for `many` and in other units."""
    return number <= _UNITS[-1] and str(number).rstrip("0") == "1"


def _is_foreign(word: str) -> bool:
    """Whether a word has two letters or more that are not Latin; a sign such as the Greek of a unit is none."""
    return len(word) > 1 and not word.isascii() and sum(not _is_latin(letter) for letter in word) > 1


def _is_latin(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "LATIN").startswith("LATIN")
