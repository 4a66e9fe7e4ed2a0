"""Text to the equations of plain arithmetic in it, each computed anew.

Two sources: calculator annotations as GSM8K has them (`<<48/2=24>>`), and equations in prose ("16 eggs - 3 eggs = 13
eggs", "20% of 50 is 10"). What holds a letter for a number is algebra and is left alone; so is whatever cannot be read
beyond doubt: an equation that is called wrong should be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from suffice.kinds.numbers.arithmetic import Agreement, Reading, Unreadable, agreement, plainly, value_of
from suffice.kinds.numbers.arithmetic_tokens import Token, plain_signs, tokens_of
from suffice.kinds.numbers.units import SCALES
from suffice.kinds.traces.arithmetic_runs import Run, runs_in

_ANNOTATION = re.compile(r"<<([^<>\n]{1,400})>>")
_BEHIND = re.compile(
    r"[ $€£]{0,3}(?P<said>(?>-?[$€£]?(?:\d{1,3}(?:,\d{3}){1,14}+(?!\d)|\d+|(?=\.\d))(?:\.\d+)?%?))"
    r"(?![/:]?\d|[ ,]\d{3}|[ ]?(?:[kK]\b|thousand|million|billion|dozen))"
)
"""The number that follows an annotation."""
MAX_SHOWN = 160
"""Characters of an equation that are kept to be shown."""
_MEASURES = (
    {"second", "minute", "hour", "day", "week", "month", "year", "min", "hr"},
    {"inch", "inche", "feet", "foot", "ft", "yard", "mile", "mm", "cm", "meter", "metre", "km", "kilometer"},
    {"ounce", "oz", "pound", "lb", "ton", "gram", "kg", "kilogram"},
    {"cup", "pint", "quart", "gallon", "liter", "litre", "ml", "teaspoon", "tablespoon"},
    {"cent", "dollar", "penny", "pennie", "nickel", "dime", "quarter"},
    {"pair", "piece", "pack", "set"},
)
"""Units, without the s of the plural, that may be turned into one another without a word."""
_CONVERSIONS = frozenset(
    {2, 3, 4, 5, 7, 8, 10, 12, 16, 24, 25, 30, 36, 52, 60, 100, 365, 1000, 1440, 1760, 2000, 3600, 5280}
)

Source = Literal["annotation", "prose"]
Verdict = Literal["exact", "rounded", "wrong", "unreadable"]
_FROM_BEST: tuple[Agreement, ...] = ("exact", "rounded", "wrong")


@dataclass(frozen=True, kw_only=True, slots=True)
class Equation:
    """One equality between an expression and what was said to be its value."""

    source: Source
    start: int
    """Position in the text of its first character."""
    end: int
    """Position behind its last character."""
    text: str
    """As it was written."""
    left: tuple[Token, ...] = ()
    """What is computed, words taken out; empty where it cannot be read."""
    said: Token | None = None
    """The number that was said; None where it cannot be read."""
    negative: bool = False
    """Whether a minus sign stands before `said`."""
    about: bool = False
    """Whether `said` is called an approximation."""
    exact: Fraction | None = None
    """What the left side is, percent signs as hundredths; None where it cannot be read."""
    verdict: Verdict
    """`unreadable` says nothing about right or wrong."""
    why: str | None = None
    """Of an unreadable one: what stands in the way."""
    copied: str | None = None
    """Of an annotation: the number that follows it in the text, where that is another one than was computed."""

    @property
    def value(self) -> Fraction | None:
        """What was said, as a number."""
        if self.said is None or self.said.value is None:
            return None
        return -plainly(self.said) if self.negative else plainly(self.said)

    @property
    def computes(self) -> bool:
        """Whether anything is computed: two numbers, at least."""
        return _computes(self.left)


def equations_in(text: str) -> tuple[Equation, ...]:
    """All equations of a text, in the order of where they end.

    An equation in prose that says of the same numbers what an annotation says is not told twice.

    Args:
        text: prose with or without annotations, of any length; `plain_signs` has been over it.
    """
    annotated = list(annotations_in(text))
    told = {(_written(one.left), one.value) for one in annotated if one.left}
    prose = prose_equations(_ANNOTATION.sub(lambda found: " " * len(found[0]), text))
    written = [one for one in prose if not one.left or (_written(one.left), one.value) not in told]
    return tuple(sorted([*annotated, *written], key=lambda one: (one.end, one.source)))


def without_annotations(text: str) -> str:
    """The text as it reads to a person.

    Args:
        text: prose with annotations.
    """
    return _ANNOTATION.sub("", text)


def annotations_in(text: str) -> Iterator[Equation]:
    """Calculator annotations, from left to right.

    Args:
        text: prose with annotations.
    """
    for found in _ANNOTATION.finditer(text):
        equation = _annotation(found[1], start=found.start(), end=found.end())
        yield _with_copy(equation, text) if equation.said is not None else equation


def prose_equations(text: str) -> Iterator[Equation]:
    """Equations written in prose.

    A chain (`5 * 4 = 20 = 10 + 10`) is one equation for each sign. A running total (`5 * 4 = 20 + 3 = 23`), which is
    no equality if read strictly and is written by children and models alike, is read as it is meant. A number alone on
    the left (`3 hours = 180 minutes`) computes nothing and is passed over.

    Args:
        text: prose without annotations.
    """
    for run in runs_in(tokens_of(text)):
        for place, ((left, right), about) in enumerate(zip(pairwise(run.sides), run.about, strict=True)):
            if _computes(left) or (place and _computes(right)):
                start, end = left[0].start, right[-1].end
                blank = Equation(
                    source="prose",
                    start=start,
                    end=end,
                    text=" ".join(text[start:end][:MAX_SHOWN].split()),
                    verdict="unreadable",
                )
                yield _converted(_computed(blank, left, right, about=about), _units(run, text[max(start - 2, 0) : end]))


def judged(left: Sequence[Token], said: Token, *, negative: bool, about: bool, read: Reading = plainly) -> Agreement:
    """Whether an expression has the value that was said, percent signs read as hundredths or as a unit.

    "50 * 20% = 10" means hundredths, "20 / 50 * 100 = 40%" and "25% + 10% = 35%" a unit. Any reading that holds is
    taken: what a percent sign stands for is a matter of form.

    Args:
        left: the expression.
        said: the number.
        negative: whether a minus sign stands before it.
        about: whether it is called an approximation.
        read: what each number of the expression stands for, percent signs as hundredths.

    Raises:
        Unreadable: the expression is none, or beyond the bounds.
    """
    found: list[Agreement] = []
    for as_unit in _percent_readings(left):
        exact = value_of(left, read=_as_unit(read) if as_unit else read)
        found += [
            agreement(-exact if negative else exact, said, about=about, read=_as_unit(plainly) if unit else plainly)
            for unit in _percent_readings((said,))
        ]
    return min(found, key=_FROM_BEST.index)


def _percent_readings(tokens: Sequence[Token]) -> tuple[bool, ...]:
    return (False, True) if any(token.percent for token in tokens) else (False,)


def _as_unit(read: Reading) -> Reading:
    return lambda token: read(token) * 100 if token.percent else read(token)


def _annotation(said: str, *, start: int, end: int) -> Equation:
    """An annotation holds nothing but numbers and signs."""
    blank = Equation(source="annotation", start=start, end=end, text=said, verdict="unreadable")
    tokens = tokens_of(plain_signs(said))
    foreign = next((token.text for token in tokens if token.kind in {"word", "end"}), None)
    if foreign is not None:
        return replace(blank, why=f"{foreign!r} stands for no number")
    sides = _split(tokens)
    if len(sides) < 2:
        return replace(blank, why="nothing is said to be equal")
    about = any(token.text == "~" for token in tokens)
    return _computed(blank, sides[0], sides[-1], about=about)


def _split(tokens: Sequence[Token]) -> list[tuple[Token, ...]]:
    sides: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind == "equals":
            sides.append([])
        else:
            sides[-1].append(token)
    return [tuple(side) for side in sides]


def _computed(blank: Equation, left: tuple[Token, ...], right: tuple[Token, ...], *, about: bool) -> Equation:
    """The equation with its left side computed and held against the right."""
    try:
        exact = value_of(left)
        said = _said(left, right)
        negative = right[0].text == "-"
        verdict = judged(left, said, negative=negative, about=about)
    except Unreadable as stop:
        return replace(blank, why=str(stop))
    return replace(blank, left=left, said=said, negative=negative, about=about, exact=exact, verdict=verdict)


def _said(left: tuple[Token, ...], right: tuple[Token, ...]) -> Token:
    """The number that is said, without its minus sign; of a running total, its first; else the whole side's value."""
    numbers = [token for token in right if token.kind == "number"]
    if len(numbers) == 1 and len(right) == 1 + (right[0].text == "-"):
        return numbers[0]
    value = value_of(right)
    decimals = max(token.decimals for token in numbers)
    text = "".join(token.text for token in right)
    whole = Token(
        kind="number", text=text, start=right[0].start, end=right[-1].end, value=abs(value), decimals=decimals
    )
    if judged(left, whole, negative=value < 0, about=False) != "wrong":
        return whole
    for first in _firsts(right):
        if judged(left, first, negative=False, about=False) != "wrong":
            return first
    return whole


def _firsts(right: tuple[Token, ...]) -> Iterator[Token]:
    """What a running total may begin with: a number, or a fraction of two."""
    if right[0].kind == "number":
        yield right[0]
        if right[1].text == "/" and right[2].kind == "number":
            value, text = value_of(right[:3]), f"{right[0].text}/{right[2].text}"
            yield Token(kind="number", text=text, start=right[0].start, end=right[2].end, value=abs(value))


def _converted(equation: Equation, units: set[str]) -> Equation:
    """Wrong as numbers, but with two units of one measure in it, or a dozen: left alone, a conversion may be meant."""
    if equation.verdict != "wrong":
        return equation
    assert equation.exact is not None, "what is called wrong was computed"
    ratio = abs(equation.value / equation.exact) if equation.value and equation.exact else Fraction(0)
    factors = {SCALES[unit] for unit in units & SCALES.keys()}
    added = False
    if any(len(units & measure) > 1 for measure in _MEASURES):
        factors |= _CONVERSIONS
        added = any(token.text in {"+", "-"} for token in equation.left)
    if added or ratio in factors or (ratio and 1 / ratio in factors):
        return replace(equation, verdict="unreadable", why="units may have been turned into one another")
    return equation


def _units(run: Run, written: str) -> set[str]:
    """Words in the singular, and the sign of the dollar as one."""
    return {word.removesuffix("s") for word in run.words} | ({"dollar"} if "$" in written else set())


def _with_copy(equation: Equation, text: str) -> Equation:
    """Notes the number behind an annotation where it is another one; a rounded one, hundredths and cents are not."""
    found = _BEHIND.match(text, equation.end)
    if found is None or equation.value is None:
        return equation
    tokens = tokens_of(found["said"])
    numbers = [token for token in tokens if token.kind == "number"]
    if len(numbers) != 1 or numbers[0].value is None:
        return equation
    [copy] = numbers
    negative = tokens[0].text == "-"
    for scale in (1, 100, Fraction(1, 100)):
        exact = abs(equation.value) * scale if negative or equation.value < 0 else equation.value * scale
        if agreement(exact, copy) != "wrong":
            return equation
    return replace(equation, copied=found["said"])


def _computes(tokens: Sequence[Token]) -> bool:
    return sum(token.kind == "number" for token in tokens) > 1


def _written(tokens: Sequence[Token]) -> tuple[object, ...]:
    return tuple(token.value if token.kind == "number" else token.text for token in tokens)
