"""What is said in the place of one answer and is none: several at a time, ranges, bounds, and what an answer is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from suffice.kinds.numbers.numerals import QUANTITY, Quantity, plain, quantity_of, same_quantity
from suffice.kinds.numbers.units import unit_of

MAX_LISTED = 1_000
"""Characters of an answer in which several, or one that is put right, are looked for."""
_JOINT = re.compile(
    r"\s{0,9}(?:,(?![0-9]{3}(?![0-9]))|;|&)\s{0,9}(?:\b(or|and)\b\s{0,9})?"
    r"|\s{0,9}\(?\b(or|and|to)\b\s{0,9}",
    re.IGNORECASE,
)
"""What stands between two numbers of which each could be the answer; a comma before three digits groups thousands."""
_JOINED = re.compile(r"(?is)[^0-9]*[0-9].*?(?:[,;&]|\b(?:or|and|to)\b)[^0-9]*[0-9]")
"""How several numbers look from afar: most answers are told apart by this."""
_LISTING = re.compile(r"(?i)\W{0,9}(?:(?:either|between|from)\s|[a-z]\s?=)?\W{0,3}[0-9]")
"""How a line begins that may be several numbers and nothing else."""
_LEAD = re.compile(r"(?i)\s*(either|between|from)\s+")
_UNSURE = re.compile(r"(?i)(?:(?:maybe|perhaps|possibly|even|it is|it's)\s+|[a-z]\w{0,9}\s?=\s?)*")
_NEARLY = re.compile(r"(?i)^(?:about|approximately|approx|roughly|around|nearly|almost)\b|^[≈~]|\bround")
"""Says that a number stands for another, as `3.33 rounded` does for 10/3."""
_REMARK = re.compile(
    r"(?:each|apiece|per|more|less|fewer|left|remain|extra|decimal|digit|place|significant|dp\b|sf\b|d\.p|s\.f)"
)
"""Begins what stands behind a number that says something of the one before it: `18, 2 each`, `3.33 to 2 decimals`."""
_DENIAL = re.compile(
    r"(?i)\W*(?:(?:certainly|definitely|clearly|obviously|actually|probably)\s+)?"
    r"(?:not|neither)\s+(?!(?:more|less|fewer|only|just)\b)"
)
_CORRECTIONS = (
    re.compile(r"(?i)\bbut\s+(?:(?:rather|instead|actually|it is|it's|it’s)\s+)?"),
    re.compile(r"(?i)[,;:—–]\s{0,9}(?:(?:it|that|this)(?:\s+is|['’]s)\s+|(?:rather|instead|actually)\s+)?"),
)
"""What stands between an answer that is denied and the one that is meant, the surer first."""
_DIGITS = r"\.?[0-9]+(?:[.,][0-9]+)*"
_NUMBER = rf"[-+$€£(]{{0,3}}{_DIGITS}(?:\s?[-+*/×÷^]\s?[$€£(]?{_DIGITS})*%?"
_BOUND = re.compile(
    r"(?i)[\s*$(]{0,9}(?:[a-z]\w{0,9}\s?)?(?:[<>]\s?=?|[≤≥]|\\(?:[lg]eq?|[lg]t)(?![a-z]))\s?(?=[-$€£]?\.?[0-9])"
    r"|\s{0,9}(?:(?:(?:no|not)\s+)?(?:more|less|fewer|greater|larger|smaller|higher|lower)\s+than|at\s+(?:least|most)"
    r"|over|under|above|below|up\s+to|(?:a\s+)?(?:minimum|maximum)\s+of)\s+(?=[-$€£(*]{0,3}\.?[0-9])"
)
"""How a bound of a number begins: an open range, of which the number is the end."""
_DENIED_SENTENCE = re.compile(
    r"(?im)\banswer\b[^\n:=.]{0,40}?(?:\b(?:is|are)\s+(?:not|neither)\b|n['’]t\b|\bcannot\b)"
    r"[^\n]*?(?:\.(?=\s|$)|\bbut\b|[,;:—]\s?(?:it|that|this)(?:\s+is|['’]s)\b|$)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Item:
    """One of several numbers."""

    number: Quantity
    """What it is."""
    counted: str
    """The words behind it in lower case, without its unit."""


def meant(said: str, *, begins: Callable[[str], bool]) -> str | None:
    """What was said without what it denies: `not 6, it is 5` is `5`; None where it denies and says nothing else.

    Args:
        said: what was said to be the answer.
        begins: whether something begins with an answer.
    """
    found = _DENIAL.match(said)
    if found is None or begins(said):
        return said
    for correction in _CORRECTIONS:
        for one in correction.finditer(said, found.end(), MAX_LISTED):
            if begins(said[one.end() : MAX_LISTED]):
                return said[one.end() :]
    return None


def without_denials(text: str, *, options: Sequence[str] | None = None) -> str:
    """A text without what it denies: whole sentences that say what its answer is not, each up to where it says what it
    is, and elsewhere the answers right behind the denial (`It cannot be 18`, `not A`, `neither 5 nor 6`).

    Args:
        text: any.
        options: what there is to choose from; empty where answers are numbers, and None where they are texts, of which
            `not guilty` is one: whole sentences alone are then left out.
    """
    folded = text.casefold()
    if "answer" in folded:
        text = _DENIED_SENTENCE.sub("", text)
    if options is None or not any(word in folded for word in ("not", "n't", "n’t", "neither")):
        return text
    return _denied_answer(tuple(options)).sub("", text)


@lru_cache(maxsize=64)
def _denied_answer(options: tuple[str, ...]) -> re.Pattern[str]:
    """A denial with what it denies right behind it; a choice that begins with the denial is none."""
    names = "|".join(re.escape(option) for option in sorted(options, key=len, reverse=True))
    one = rf"(?i:{names})" if options else _NUMBER
    one = rf"[\s(*]{{0,9}}(?:(?:an?|the)\s)?(?:(?:option|choice|answer)\s)?[(*]{{0,3}}(?:{one})(?!\w)[)*]{{0,3}}"
    own = rf"(?!(?i:{names})(?!\w))" if options else ""
    return re.compile(
        rf"(?<!\w){own}(?i:not|neither|cannot|can\snot|[a-z]{{2,6}}n['’]t)\s(?:(?:be|equal(?:\sto)?)\s)?"
        rf"{one}(?:,?\s(?:nor|or){one})*"
    )


def bounded(said: str) -> bool:
    """Whether a bound is said where a number is asked for: `>18`, `at least 18`, `no more than 18`.

    Args:
        said: what was said to be the answer.
    """
    return _BOUND.match(said) is not None


def without_lead(said: str) -> str:
    """What was said without the words that lead to several numbers, to a bound, or deny one.

    Args:
        said: what was said to be the answer.
    """
    found = _LEAD.match(said) or _BOUND.match(said) or _DENIAL.match(said)
    return said[found.end() :] if found else said


def several_numbers(said: str, *, whole: bool = False) -> bool:
    """Whether different numbers are said where one is asked for: `5 or 6`, `between 3 and 5`, `3 to 5`, `5, 6`.

    Numbers of one value are one (`18 or $18.00`, `2 hours or 120 minutes`), and so is one beside its rounded form. What
    counts unlike things (`36 eggs or 3 boxes`) or makes one amount together (`5 hours and 30 minutes`) is no choice
    between two, but what `and` joins are two (`18 apples and 3 pears`). A list has to be all that was said; numbers
    joined by `or` may be followed by more.

    Args:
        said: what was said to be the answer; of a long text the beginning counts.
        whole: whether nothing else may be said.
    """
    if (_LISTING if whole else _JOINED).match(said[:MAX_LISTED]) is None:
        return False
    text = plain(said[:MAX_LISTED])
    lead = _LEAD.match(text)
    parts, joints = _parted(text[lead.end() :] if lead else text)
    if len(said) > MAX_LISTED:
        del parts[-1:], joints[-1:]
    items = list(_items(parts))
    joined = {joint for joint, _ in zip(joints, items[1:], strict=False)}
    either = "or" in joined or (lead is not None and lead[1].casefold() in {"between", "either"})
    if len(items) < len(parts) and (whole or not either):
        return False
    listed = [(item, joint) for item, joint in zip(items, ["", *joints], strict=False) if item is not None]
    either = either or "to" in joined
    return any(_differ(listed[0][0], other, either=either, both=joint == "and") for other, joint in listed[1:])


def _parted(text: str) -> tuple[list[str], list[str]]:
    """The parts of a list, and the word or nothing that joins each to the next."""
    parts, joints, end = list[str](), list[str](), 0
    for found in _JOINT.finditer(text):
        parts.append(text[end : found.start()])
        joints.append((found[1] or found[2] or "").casefold())
        end = found.end()
    return [*parts, text[end:]], joints


def _items(parts: list[str]) -> Iterator[_Item | None]:
    """Numbers up to the first part that is none; None for one that stands for another."""
    for place, part in enumerate(parts):
        one = part[found.end() :].strip(" .()") if (found := _UNSURE.match(part)) else part
        if place and (_NEARLY.search(one) or one == ""):
            yield None
            continue
        number, match = quantity_of(one), QUANTITY.match(one)
        if number is None or match is None:
            return
        words = one[match.end() :].casefold().strip(" .,()")
        if place and _REMARK.match(words):
            return
        yield _Item(number=number, counted=words.partition(" ")[2] if unit_of(words) else words)


def _differ(one: _Item, other: _Item, *, either: bool, both: bool) -> bool:
    unit, other_unit = one.number.unit, other.number.unit
    if unit is not None and other_unit is not None and unit != other_unit:
        if unit.measures != other_unit.measures or not either:
            return False
    elif one.counted and other.counted and one.counted != other.counted:
        # Things have a name of one word: `18 apples and 3 of them are red` says something of the first.
        return both and " " not in one.counted + other.counted
    return not (same_quantity(one.number, other.number) or _rounded(one.number, other.number))


def _rounded(one: Quantity, other: Quantity) -> bool:
    """Whether one of two numbers is the other, rounded to its decimals."""
    values = Fraction(one.value), Fraction(other.value)
    decimals = [len(str(number.value).partition(".")[2]) for number in (one, other)]
    return any(count and abs(values[0] - values[1]) * 2 * 10**count <= 1 for count in decimals)
