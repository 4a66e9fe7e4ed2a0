"""Numbers and names of an answer that nothing it was given says: what it may have made up.

Only what stands there in other words is wrongly told: `a dozen` is read as 12, and `Lyons` is not read as `Lyon`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

from suffice.kinds.numbers.arithmetic import agreement
from suffice.kinds.numbers.arithmetic_tokens import Token, plain_signs, tokens_of
from suffice.kinds.numbers.known import numbers_said
from suffice.text.normalise import canonical

MAX_CHARACTERS = 10_000
"""Of an answer that are looked at."""
NO_NAMES = frozenset((
    "a", "an", "the", "it", "he", "she", "they", "we", "you", "i", "yes", "no", "in", "on", "at", "by", "from", "to",
    "of", "and", "but", "or", "because", "there", "this", "that", "these", "those", "his", "her", "its", "their", "our",
    "my", "answer",
))  # fmt: skip
"""Words with a capital letter at the beginning of a sentence that name nothing."""
_NAME = re.compile(r"\b[^\W\d_][\w'’-]*")


def unsupported(answer: str, *, sources: str, computed: Iterable[Fraction] = ()) -> tuple[str, ...]:
    """What of an answer stands neither in its sources nor among what was computed, in order.

    Args:
        answer: the final answer.
        sources: everything that was given: question and context.
        computed: results of the steps that lead to the answer.
    """
    said = plain_signs(answer[:MAX_CHARACTERS])
    known = {abs(number) for number in (*numbers_said(plain_signs(sources)), *computed)}
    numbers = [
        token.text
        for token in tokens_of(said)
        if token.kind == "number" and token.value is not None and not any(_same(number, token) for number in known)
    ]
    words = set(canonical(sources).split())
    names = [found[0] for found in _NAME.finditer(said) if found[0][0].isupper()]
    return (*numbers, *(name for name in names if not words.issuperset(_parts(name)) and not _is_common(name)))


def _same(number: Fraction, token: Token) -> bool:
    return agreement(number, token, read=lambda said: said.value or Fraction(0)) != "wrong" or (
        token.percent and agreement(number, token) != "wrong"
    )


def _parts(name: str) -> list[str]:
    return canonical(name.removesuffix("'s").removesuffix("’s")).split()


def _is_common(name: str) -> bool:
    return name.casefold() in NO_NAMES
