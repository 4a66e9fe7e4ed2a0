"""Whether two answers have the same value."""

from __future__ import annotations

import re
import string
import unicodedata
from functools import lru_cache

from suffice.kinds.extraction.final_answer import listed_choices
from suffice.kinds.extraction.hedges import bounded, several_numbers
from suffice.kinds.gold.expressions import same_expression
from suffice.kinds.numbers.numerals import Quantity, first_quantity, plain, quantity_of, same_quantity
from suffice.records.answer_spec import AnswerSpec

MAX_PARTS = 200
"""Elements of a set or tuple that are compared one by one."""
MAX_KEPT = 100
"""Characters of an answer whose number is kept in memory."""
_ARTICLES = re.compile(r"(?<![-+#])\b(?:a|an|the)\b(?![-+#])")
_DASHES = str.maketrans("−–", "--")
_COUNTS = (
    r"(?<=[0-9])[^\w\s,'](?=[0-9])|(?<=[0-9] )[-+*/=<>](?= [0-9])"  # 1.5, 5:30, 1/2, 5-6, 5 + 6
    r"|(?<=[0-9])[,'](?=[0-9])(?![0-9]{3}(?![0-9]))"  # 5,6 and no thousands
    r"|(?<!\w)[-<>](?=[$.]?[0-9])|(?<!\w)\.(?=[0-9])"  # -5, <5, .5
    r"|(?<=[\w+])\+|(?<=\w)\^|(?<=[^\W\d_])\#"  # C++, A+, x^2, C#
    r"|(?<=(?<!\w)[^\W\d_])-(?!\w)"  # A-
)
_PUNCTUATION = re.compile(rf"({_COUNTS})|[{re.escape(string.punctuation)}]|[^\x00-\x7f\w\s]")
"""Each sign that may be punctuation, in a group where it counts."""
_LAST_POINT = re.compile(r"[.。．｡।۔]$")
"""A point at the end, in the scripts that have one of their own."""
_POWER = re.compile(
    r"(?<=[\w)}\]])(\s?)\*\*\1"
    r"(-?(?:[0-9]+(?:\.[0-9]+)?|[A-Za-z]|\\[a-z]{1,9})(?![\w.])|\([^()]{1,99}\))(?!\s?\*\*)"
)
"""A power as programs write it, and what it is raised to."""
_OPENING, _CLOSING = "([{", ")]}"


def same_letters(gold: str, answer: str) -> bool:
    """Whether two answers are spelt alike, but for case, blanks, currency, commas in numbers and a point at the end.

    Args:
        gold: the right answer.
        answer: what was answered.

    Source: the patterns that lm-evaluation-harness ignores in GSM8K's exact match: commas, dollar signs, a last point.
    """
    return _letters(gold) == _letters(answer)


def same_value(gold: str, answer: str, spec: AnswerSpec) -> bool | None:
    """Whether two answers have the same value; None where that could not be known in time.

    Args:
        gold: the right answer.
        answer: what was answered.
        spec: what an answer is.
    """
    if spec.type == "number":
        return _same_number(gold, answer)
    if spec.type == "choice":
        right = set(listed_choices(gold, spec.options))
        return bool(right) and right == set(listed_choices(answer, spec.options))
    if spec.type == "text":
        return (_words(gold) or gold.strip()) == (_words(answer) or answer.strip())
    known = quickly_same_expression(gold, answer)
    return same_expression(_raised(gold), _raised(answer)) if known is None else known


def quickly_same_expression(gold: str, answer: str) -> bool | None:
    """Whether two expressions are equal as far as spelling, numbers, sets and tuples of these tell; None otherwise.

    Args:
        gold: the right answer.
        answer: what was answered.
    """
    one, other = _squeezed(gold), _squeezed(answer)
    if one == other:
        return bool(one)
    first, second = quantity_of(gold), quantity_of(answer)
    if first is not None and second is not None:
        return same_quantity(first, second)
    parts, others = _parts(one), _parts(other)
    if parts is None or others is None:
        return None
    return _same_parts(parts, others)


def stated_quantity(text: str) -> Quantity | None:
    """The number that was said to be the answer; None where that is none, a bound, or several of which one is meant.

    Args:
        text: what was said to be the answer.
    """
    return _short_number(text) if len(text) <= MAX_KEPT else _stated(text)


def _same_number(gold: str, answer: str) -> bool:
    right, given = stated_quantity(gold), stated_quantity(answer)
    return right is not None and given is not None and same_quantity(right, given)


@lru_cache(maxsize=10_000)
def _short_number(text: str) -> Quantity | None:
    """Short answers come up again and again: every right one is held against many."""
    return _stated(text)


def _stated(text: str) -> Quantity | None:
    alone = quantity_of(text)
    return first_quantity(text) if alone is None and not several_numbers(text) and not bounded(text) else alone


def _same_parts(one: tuple[str, list[str]], other: tuple[str, list[str]]) -> bool | None:
    """Sets by their elements, tuples and intervals by the elements in their order and by their brackets."""
    (brackets, parts), (other_brackets, others) = one, other
    given = [quantity_of(part) for part in parts]
    held = [quantity_of(part) for part in others]
    mine, theirs = [one for one in given if one is not None], [one for one in held if one is not None]
    if len(mine) < len(given) or len(theirs) < len(held):
        return None
    if brackets == other_brackets == "{}":
        return _each_in(mine, theirs) and _each_in(theirs, mine)
    return brackets == other_brackets and len(mine) == len(theirs) and all(map(same_quantity, mine, theirs))


def _each_in(parts: list[Quantity], others: list[Quantity]) -> bool:
    return all(any(same_quantity(part, one) for one in others) for part in parts)


def _parts(text: str) -> tuple[str, list[str]] | None:
    """Brackets and elements of a set, tuple, interval or list, `{}` where none stand around it; None where it is none.

    Args:
        text: without blanks.
    """
    inner = text.replace("\\{", "{").replace("\\}", "}")
    brackets = inner[:1] + inner[-1:] if inner[:1] and inner[:1] in _OPENING and inner[-1:] in _CLOSING else ""
    inside = inner[1:-1] if brackets else inner
    if any(sign in inside for sign in _OPENING + _CLOSING) or inside.count(",") > MAX_PARTS:
        return None
    parts = inside.split(",")
    if len(parts) < 2 and brackets != "{}":
        return None
    return brackets or "{}", parts


def _squeezed(text: str) -> str:
    text = plain(_raised(text)).replace("\\dfrac", "\\frac").replace("\\tfrac", "\\frac")
    return "".join(text.split())


def _raised(text: str) -> str:
    """An expression with its powers as LaTeX writes them, where `**` is nothing: `x**10` as `x^{10}`."""
    return _POWER.sub(r"^{\2}", text) if "**" in text else text


def _letters(text: str) -> str:
    text = _LAST_POINT.sub("", " ".join(text.casefold().split()).replace("$", ""))
    return re.sub(r"(?<=[0-9]),(?=[0-9])", "", text).strip()


def _words(text: str) -> str:
    """A short text without case, punctuation and articles, but for the signs that tell one thing from another.

    SQuAD's rule is made for words, and makes `1.5` of `15`, `-5` of `5` and `C++` of `C#`. Here these count: what
    stands between two digits (`1.5`, `5:30`, `1/2`, `5 - 6`), unless it groups thousands; a minus, a point or a
    comparison before a number; a plus or a power behind a letter or digit, a `#` behind a letter; a minus behind a
    letter that stands alone (`A-`). Hyphens in words, currency and percent signs are dropped as there, and so is the
    punctuation of other scripts (`北京。`).

    Source: the answer normalisation of SQuAD: Rajpurkar et al. (2016), SQuAD, section 6.1; what counts is ours.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_DASHES)
    return " ".join(_ARTICLES.sub(" ", _PUNCTUATION.sub(_what_counts, folded)).split())


def _what_counts(found: re.Match[str]) -> str:
    """A sign that counts, and nothing of one that is punctuation."""
    sign = found[0]
    punctuation = sign.isascii() or unicodedata.category(sign).startswith("P")
    return found[1] or ("" if punctuation else sign)
