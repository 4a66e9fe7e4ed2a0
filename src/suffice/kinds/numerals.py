"""Text to exact numbers, in time that grows with its length alone.

No number is ever computed by running text as code, and none is rounded: a numeral becomes a `Decimal` of as many digits
as it has, a quotient a `Fraction`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import MAX_PREC, Context, Decimal
from fractions import Fraction

from suffice.kinds.units import CURRENCIES, Unit, unit_of

DIGITS = "0123456789"
MAX_DIVIDED = 2_000
"""Characters of the parts of a quotient: Python divides long whole numbers in quadratic time."""
NUMERAL = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
"""Digits, in groups of three with commas or without, and decimals."""
EXPONENT = r"(?:[eE][-+]?[0-9]{1,4}(?![0-9])|\s?(?:\*|x|×|\\times)\s?10\s?\^\s?\{?[-+]?[0-9]{1,4}\}?(?![0-9]))?"
_SIGNS = re.escape(CURRENCIES)
QUANTITY = re.compile(
    rf"(?P<sign>[-+]?)\s?(?P<before>[{_SIGNS}]?)\s?(?P<inner>[-+]?)"
    rf"(?:(?P<whole>[0-9]{{1,9}})\s(?P<part>[0-9]{{1,9}}/[0-9]{{1,9}})(?![0-9])"
    rf"|(?P<number>{NUMERAL})(?P<power>{EXPONENT})(?:\s?/\s?(?P<below>{NUMERAL}))?)"
    r"\s?(?P<percent>%|percent\b|per cent\b)?"
)
"""One number with what belongs to it: sign, currency, percent."""
LAST = re.compile(rf"(?:(?<![0-9A-Za-z.,)])[-+]?[{_SIGNS}]?[-+]?)?{NUMERAL}")
_FRACTION = re.compile(r"\\[dt]?frac\{([^{}]{1,40})\}\{([^{}]{1,40})\}")
_DECIMAL_COMMA = re.compile(r"^([-+]?[0-9]+),([0-9]{1,2})$")
_DOTTED = re.compile(r"^([-+]?[0-9]{1,3}(?:\.[0-9]{3}){2,}|[-+]?[0-9]{1,3}(?:\.[0-9]{3})+(?=,))(?:,([0-9]+))?$")
_GROUPED = re.compile(r"(?<=[0-9])[ \u00a0\u202f](?=[0-9]{3}(?![0-9]))")
_FOLDED = str.maketrans({"−": "-", "–": "-", "\u00a0": " ", "\u202f": " ", "％": "%"})
_EXACT = Context(prec=MAX_PREC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantity:
    """A number and what stands beside it."""

    value: Decimal | Fraction
    """The number as it is written, exactly; of a percentage that before the sign."""
    percent: bool
    """Whether a percent sign follows."""
    unit: Unit | None
    """What it is counted in, where that is known."""


def plain(text: str) -> str:
    """A text without the marks of Markdown and LaTeX that mean nothing in a number.

    Args:
        text: any.
    """
    text = text.translate(_FOLDED)
    if "\\" in text:
        for mark in ("\\!", "\\,", "\\;", "\\ ", "\\left", "\\right", "\\(", "\\)", "\\[", "\\]"):
            text = text.replace(mark, "")
        text = text.replace("{,}", ",").replace("\\%", "%").replace("\\$", "\0")
        text = _FRACTION.sub(r"\1/\2", re.sub(r"\\(?:text|mathrm|mbox)\{([^{}]*)\}", r" \1", text))
        text = text.replace("$", "").replace("\0", "$")
    elif len(text) > 2 and text[0] == text[-1] == "$":
        text = text[1:-1]
    return text.strip(" \t\r\n*_`\"'").removesuffix(".").rstrip(" *_`")


def quantity_of(text: str) -> Quantity | None:
    r"""The one number that a text is, with its unit; None where it is none, several, or not finite.

    Args:
        text: an answer: `18`, `$1,000`, `3 1/2 hours`, `50%`, `\frac{1}{2}`, `1 000`, `12,5`.
    """
    text = plain(text)
    found = QUANTITY.match(text)
    if found is None or found.end() < len(text):
        text = _regrouped(text)
        found = QUANTITY.match(text)
    if found is None or any(sign in DIGITS for sign in text[found.end() :]):
        return None
    return _quantity(found, beside=text[found.end() :])


def first_quantity(text: str) -> Quantity | None:
    """The number of a sentence that states one: that behind the last sign of equality, or else the first.

    Args:
        text: what was said to be the answer: `18 dollars a day`, `9 * 2 = 18`.
    """
    text = plain(text)
    for part in (text.rpartition("=")[2], text):
        found = QUANTITY.search(part)
        if found is not None:
            return _quantity(found, beside=part[found.end() : found.end() + 30])
    return None


def last_numeral(text: str) -> str | None:
    """The last number of a text, with the signs that belong to it; None where there is none.

    Args:
        text: any, however long.
    """
    end = _after_last_digit(text)
    found = list(LAST.finditer(text, text.rfind("\n", 0, end) + 1, end))
    if not found:
        return None
    return found[-1].group() + ("%" if text[end : end + 2].lstrip(" \\").startswith("%") else "")


def concluded_numeral(text: str) -> str | None:
    """The number that a text comes to: that behind the last sign of equality of its last line with a number in it.

    Where that line has no such sign it is the last number. `it takes 120 / 24 = 5 hours to read 120 pages` comes to 5:
    of GSM8K's own traces without their answers this finds 99.1%, the last number 97.2% (docs/LOG.md).

    Args:
        text: any, however long.
    """
    end = _after_last_digit(text)
    line_end = text.find("\n", end)
    line = text[text.rfind("\n", 0, end) + 1 : len(text) if line_end < 0 else line_end]
    before, sign, behind = line.rpartition("=")
    # What is written behind a calculator's annotation counts, not what the calculator said: `<<11/5=2.2>>2 trays`.
    written = QUANTITY.match(behind.partition(">>")[2])
    found = (written or QUANTITY.search(behind)) if sign and before else None
    return found.group().strip() if found else last_numeral(text)


def _after_last_digit(text: str) -> int:
    """Where the last digit ends; 0 where there is none."""
    end = len(text)
    while end > 0 and text[end - 1] not in DIGITS:
        end -= 1
    return end


def same_quantity(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities have the same value.

    A unit that only one of them has says nothing against it, and a percent sign that only one of them has may be a unit
    (`50%` for 50) or part of the number (`50%` for 0.5).

    Args:
        one: a quantity.
        other: another.
    """
    if one.unit is not None and other.unit is not None and one.unit != other.unit:
        return one.unit.measures == other.unit.measures and _same_converted(one, other, one.unit, other.unit)
    if one.value == other.value:
        return True
    if one.percent == other.percent:
        return False
    share, number = (one, other) if one.percent else (other, one)
    return _hundredth(share.value) == number.value


def _same_converted(one: Quantity, other: Quantity, unit: Unit, other_unit: Unit) -> bool:
    if max(len(str(one.value)), len(str(other.value))) > MAX_DIVIDED:
        return False
    return Fraction(one.value) * unit.factor == Fraction(other.value) * other_unit.factor


def _hundredth(value: Decimal | Fraction) -> Decimal | Fraction:
    return value.scaleb(-2, _EXACT) if isinstance(value, Decimal) else value / 100


def _quantity(found: re.Match[str], *, beside: str) -> Quantity | None:
    """The quantity of what was matched; None where it is divided by nothing or too long to divide.

    Args:
        found: of `QUANTITY`.
        beside: the words behind it.
    """
    value = _mixed(found) if found["whole"] else _value(found)
    if value is None:
        return None
    negative = (found["sign"] + found["inner"]).count("-") == 1
    return Quantity(
        value=_negated(value) if negative else value,
        percent=found["percent"] is not None,
        unit=unit_of(beside) or unit_of(found["before"]),
    )


def _negated(value: Decimal | Fraction) -> Decimal | Fraction:
    """Minus the value: the sign of a `Decimal` alone, since arithmetic would round it."""
    return value.copy_negate() if isinstance(value, Decimal) else -value


def _mixed(found: re.Match[str]) -> Fraction | None:
    above, _, below = found["part"].partition("/")
    return int(found["whole"]) + Fraction(int(above), int(below)) if int(below) else None


def _value(found: re.Match[str]) -> Decimal | Fraction | None:
    power = re.sub(r"^.*?\^|[^-+0-9]", "", found["power"].lstrip("eE")) if found["power"] else "0"
    above = Decimal(f"{found['number'].replace(',', '')}e{power}")
    if found["below"] is None:
        return above
    below = Decimal(found["below"].replace(",", ""))
    if not below or len(found["number"]) + len(found["below"]) > MAX_DIVIDED or abs(int(power)) > MAX_DIVIDED:
        return None
    return Fraction(above) / Fraction(below)


def _regrouped(text: str) -> str:
    """A number as other languages group it (`1 000`, `1.000.000`, `12,5`) in the form of this module."""
    text = _GROUPED.sub("", text)
    number, blank, rest = text.partition(" ")
    number, percent, _ = number.partition("%")
    comma, dotted = _DECIMAL_COMMA.match(number), _DOTTED.match(number)
    if comma:
        number = f"{comma[1]}.{comma[2]}"
    elif dotted:
        number = dotted[1].replace(".", "") + (f".{dotted[2]}" if dotted[2] else "")
    return f"{number}{percent}{blank}{rest}"
