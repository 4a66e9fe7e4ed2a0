"""Text to exact numbers, in time that grows with its length alone.

No number is ever computed by running text as code, and none is rounded: a numeral becomes a `Decimal` of as many digits
as it has, a quotient a `Fraction`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import MAX_PREC, Context, Decimal
from fractions import Fraction

from suffice.kinds.numbers.parts import MAX_COMPUTED, computed, goes_on, is_led
from suffice.kinds.numbers.spelling import DIGITS, FOLDED, plain, regrouped, western_digits
from suffice.kinds.numbers.units import (
    CURRENCIES,
    MONEY,
    MONEY_LETTERS,
    SCALE_LETTERS,
    SCALE_WORDS,
    UNITS,
    Unit,
    scale_of,
    unit_of,
)

__all__ = [
    "DIGITS",
    "NUMERAL",
    "QUANTITY",
    "Quantity",
    "concluded_numeral",
    "first_quantity",
    "last_numeral",
    "left_to_compute",
    "plain",
    "quantity_of",
    "same_quantity",
    "western_digits",
]

MAX_DIVIDED = 2_000
"""Characters of the parts of a quotient: Python divides long whole numbers in quadratic time."""
MAX_SIDES = 20
"""Sides of an equation that are looked at, the last ones."""
MAX_BESIDE = 30
"""Characters behind a number that are looked at for its unit."""
NUMERAL = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
"""Digits, in groups of three with commas or without, and decimals."""
EXPONENT = r"(?:[eE][-+]?[0-9]{1,4}(?![0-9])|\s?(?:\*|x|×|\\times)\s?10\s?\^\s?\{?[-+]?[0-9]{1,4}\}?(?![0-9]))?"
_SIGNS = re.escape(CURRENCIES)
_SMALL = "|".join(letters for letters in SCALE_LETTERS if not letters.isupper())
_CAPITAL = "|".join(letters for letters in SCALE_LETTERS if letters.isupper())
_ENDS = r"(?![A-Za-z0-9]|-[A-Za-z])"
_OF_MONEY = rf"[ ]?[{''.join(MONEY_LETTERS)}]{_ENDS}"
_SCALE = (
    rf"(?:(?:[ -]?(?ai:{'|'.join(SCALE_WORDS)})s?\b){{1,3}}|(?:[ ]?(?:{_SMALL})|{_CAPITAL}){_ENDS}"
    rf"|{_OF_MONEY}(?=[ ]?(?i:{'|'.join(map(re.escape, MONEY))})(?![A-Za-z]))|(?(before){_OF_MONEY}|(?!)))"
)
QUANTITY = re.compile(
    rf"(?=[-+.0-9{_SIGNS}])(?:(?P<sign>[-+])\s?)?(?:(?P<before>[{_SIGNS}])\s?)?(?P<inner>[-+]?)"
    rf"(?:(?P<whole>[0-9]{{1,9}})\s{{1,2}}(?P<part>[0-9]{{1,9}}/[0-9]{{1,9}})(?![0-9])"
    rf"|(?P<number>{NUMERAL})(?P<power>{EXPONENT})(?:\s?/\s?(?P<below>{NUMERAL}))?)"
    rf"(?P<scale>{_SCALE})?(?:\s?(?P<percent>\\?%|percent\b|per cent\b))?"
)
"""One number with what belongs to it: sign, currency, scale, percent."""
LAST = re.compile(rf"(?:(?<![0-9A-Za-z.,)])[-+]?[{_SIGNS}]?[-+]?)?{NUMERAL}")
_POWER_OF_TEN = re.compile(r"[-+]?10\s?(?:\^|\*\*)\s?[({]?[-+]?[0-9]+[)}]?")
_NAME = re.compile(r"(?<![A-Za-z])[A-Za-z]$")
_SCALED_AND = re.compile(r"[ ](?:and[ ])?[0-9]")
_SMALLER = re.compile(rf"[ ]?[A-Za-z]*,?[ ](?:and[ ])?({NUMERAL})[ ]?([A-Za-z]+)")
_EXACT = Context(prec=MAX_PREC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantity:
    """A number and what stands beside it."""

    value: Decimal | Fraction
    """The number as it is written, exactly, with the words and letters that multiply it; of a percentage that before
    the sign."""
    percent: bool
    """Whether a percent sign follows."""
    unit: Unit | None
    """What it is counted in, where that is known."""


def quantity_of(text: str) -> Quantity | None:
    r"""The one number that a text is, with its unit; None where it is none, several, or not finite.

    Arithmetic is the number that it comes to (`2^10`); what has letters, roots or LaTeX right behind its number (`2x`,
    `3\pi`) is none.

    Args:
        text: an answer: `18`, `$1,000`, `3 1/2 hours`, `50%`, `\frac{1}{2}`, `1 000`, `12,5`, `5 million`.
    """
    text = plain(text)
    found = QUANTITY.match(text)
    if found is None or found.end() < len(text):
        text = regrouped(text)
        found = QUANTITY.match(text)
    if found is None:
        return None
    alone = not _is_part(found) and not _is_named(text[found.end() : found.end() + MAX_BESIDE])
    read, behind = _with_smaller(found) if alone else _of_expression(text)
    return None if any(sign in DIGITS for sign in behind) else read


def first_quantity(text: str) -> Quantity | None:
    """The number of a sentence that states one: of an equation the last side that is a number, or else the first.

    What is only a part of something is none, and what is computed comes after what is said: `9 * 2 = 18` and
    `18 = 9 * 2` are both 18.

    Args:
        text: what was said to be the answer: `18 dollars a day`, `9 * 2 = 18`.
    """
    text = plain(text)
    said = _said_in(text)
    read, _ = _of_expression(_computed_side(text) or "") if said is None else _with_smaller(said)
    return read


def left_to_compute(text: str) -> bool:
    """Whether what was said is arithmetic that nobody carried out: `9 * 2`, `36/2`, `9 * 2 =`.

    A fraction is a number as it stands (`1/2`, `5/10`), and so is a power of ten.

    Args:
        text: what was said, or seems to be said, to be the answer.
    """
    text = plain(text)
    said = _said_in(text)
    if said is not None:
        return _comes_out_even(said)
    side = _computed_side(text)
    return side is not None and _POWER_OF_TEN.fullmatch(side) is None


def last_numeral(text: str) -> str | None:
    """The last number of a text, with the signs that belong to it; None where there is none.

    Args:
        text: any, however long.
    """
    end = _after_last_digit(text)
    line = text[text.rfind("\n", 0, end) + 1 : end]
    found = list(LAST.finditer(line if line.isascii() else line.translate(FOLDED)))
    if not found:
        return None
    return found[-1].group() + ("%" if text[end : end + 2].lstrip(" \\").startswith("%") else "")


def concluded_numeral(text: str) -> str | None:
    """The number that a text comes to: of the last line with one, the last side of an equation that is a number.

    Where that line has no sign of equality it is the last number that is no part of something bigger: arithmetic that
    nobody carried out is no number there, even if it is all that was written. `it takes 120 / 24 = 5 hours to read 120
    pages` comes to 5: of GSM8K's own traces without their answers this finds 99.1%, the last number 97.2%
    (docs/LOG.md).

    Args:
        text: any, however long.
    """
    end = _after_last_digit(text)
    line_end = text.find("\n", end)
    # A number before an exclamation mark is no factorial in prose.
    line = plain(text[text.rfind("\n", 0, end) + 1 : len(text) if line_end < 0 else line_end].replace("!", " "))
    before, sign, behind = line.rpartition("=")
    if sign and before:
        # What is written behind a calculator's annotation counts, not what the calculator said: `<<11/5=2.2>>2 trays`.
        # One that was never closed has computed nothing.
        inside, _, written = behind.partition(">>")
        behind = written if QUANTITY.match(written) else behind if written else inside.partition("<<")[0]
        if QUANTITY.search(behind):
            equation = f"{before}={behind}"
            said = _said_in(equation)
            return _computed_side(equation) if said is None else said.group().strip()
    alone = next((one for one in _standing_from_last(line) if not _comes_out_even(one)), None)
    # A power of ten, or a number in groups: more than the last number.
    more = alone is None or any(sign in DIGITS for sign in line[: alone.start()])
    whole = more and not sign and len(text) <= MAX_COMPUTED and quantity_of(text) is not None
    if whole and not left_to_compute(text):
        return text.strip()
    return alone.group().strip() if alone is not None else None


def _said_in(text: str) -> re.Match[str] | None:
    """The number that an equation, or a sentence with no sign of equality, says; None where that is none."""
    *earlier, last = text.rsplit("=", MAX_SIDES)
    first = QUANTITY.search(last) or QUANTITY.search(text)
    if first is None:
        return None
    found = _standing(first) or _standing_regrouped(first)
    return found or next((found for side in reversed(earlier) if (found := _ends_in(side)) is not None), None)


def _computed_side(text: str) -> str | None:
    """The last side of an equation that is arithmetic."""
    sides = reversed(text.rsplit("=", MAX_SIDES))
    return next((side.strip() for side in sides if computed(side) is not None), None)


def _ends_in(side: str) -> re.Match[str] | None:
    """The last number of a side of an equation, if it is no part of something bigger."""
    found = list(QUANTITY.finditer(side))
    return _standing(found[-1]) if found else None


def _standing_from_last(line: str) -> Iterator[re.Match[str]]:
    """The numbers of a line that are no parts of something bigger, from the last to the first."""
    for found in reversed(list(QUANTITY.finditer(line))):
        alone = _standing(found)
        if alone is not None:
            yield alone


def _standing(found: re.Match[str]) -> re.Match[str] | None:
    """A number with the sign that is its own; None where it is a part of something bigger."""
    text, start = found.string, found.start()
    before = text[max(0, start - MAX_BESIDE) : start]
    bare = before.rstrip()
    if found["sign"] and bare:
        if bare[-1] in DIGITS + ")}" or _NAME.search(bare):  # 7 -5, x - 5
            return None
        if bare[-1].isalpha() and (bare == before or text[start + 1].isspace()):  # A dash: model-5, total - 5
            found = QUANTITY.match(text, found.start("before") if found["before"] else found.end("sign") + 1) or found
    if is_led(text, found.start()) or _is_part(found):
        return None
    return found


def _comes_out_even(found: re.Match[str]) -> bool:
    """Whether a number is a division that somebody would carry out: `36/2`, and no fraction."""
    value = _value(found) if found["below"] is not None else None
    return isinstance(value, Fraction) and value.denominator == 1


def _is_part(found: re.Match[str]) -> bool:
    """Whether more belongs to a number behind it."""
    text, end = found.string, found.end()
    return goes_on(text, end) or (found["scale"] is not None and _SCALED_AND.match(text, end) is not None)


def _standing_regrouped(found: re.Match[str]) -> re.Match[str] | None:
    """A number that another language groups in its own way."""
    text = regrouped(found.string[found.start() : found.start() + MAX_COMPUTED])
    again = QUANTITY.match(text)
    return None if again is None or _is_part(again) or is_led(found.string, found.start()) else again


def _of_expression(text: str) -> tuple[Quantity | None, str]:
    """What the arithmetic in a text comes to, and the text behind it."""
    found = computed(text)
    if found is None:
        return None, ""
    before = re.match(rf"[(\s]*([{_SIGNS}]?)", text)
    unit = unit_of(found.behind) or unit_of(before[1] if before else "")
    return Quantity(value=found.value, percent=False, unit=unit), found.behind


def _with_smaller(found: re.Match[str]) -> tuple[Quantity | None, str]:
    """A number with its unit, what follows it in smaller ones added (`4 hours 30 minutes`); and the text behind."""
    behind = found.string[found.end() :]
    read = _quantity(found, beside=behind[:MAX_BESIDE])
    while read is not None and read.unit is not None and (joined := _SMALLER.match(behind)) is not None:
        smaller, number = UNITS.get(joined[2].casefold()), joined[1].replace(",", "")
        if smaller is None or smaller.measures != read.unit.measures or len(found.group()) > MAX_DIVIDED:
            break
        more = Fraction(number) * smaller.factor / read.unit.factor
        if more >= 1 or read.percent:
            break
        value = Fraction(read.value)
        read = replace(read, value=value - more if value < 0 else value + more)
        behind = behind[joined.end() :]
    return read, behind


def _is_named(behind: str) -> bool:
    r"""Whether what stands behind a number is no unit but a name for another number: `2x`, `2 x`, `3\pi`."""
    word = behind.split(maxsplit=1)[0] if behind.strip() else ""
    if word[:1].isalpha() and unit_of(word) is None:
        return behind[0].isalpha() or (len(word) == 1 and word != "a")
    return behind.lstrip()[:1] == "\\"


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
    return _scaled(value, -2)


def _quantity(found: re.Match[str], *, beside: str) -> Quantity | None:
    """The quantity of what was matched; None where it is divided by nothing or too long to divide.

    Args:
        found: of `QUANTITY`.
        beside: the words behind it.
    """
    value = _mixed(found) if found["whole"] else _value(found)
    if value is None:
        return None
    if found["scale"] is not None:
        value = _scaled(value, scale_of(found["scale"]))
    negative = ((found["sign"] or "") + found["inner"]).count("-") == 1
    return Quantity(
        value=_negated(value) if negative else value,
        percent=found["percent"] is not None,
        unit=unit_of(beside) or unit_of(found["before"] or ""),
    )


def _scaled(value: Decimal | Fraction, power: int) -> Decimal | Fraction:
    return value.scaleb(power, _EXACT) if isinstance(value, Decimal) else value * Fraction(10) ** power


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
