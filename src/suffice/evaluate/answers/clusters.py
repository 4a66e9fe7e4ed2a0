"""Where wrong answers come together: what is known of each row, for clusters of failures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from suffice.evaluate.answers.judged import JudgedAnswers
from suffice.evaluate.answers.operations import operation_features, operations
from suffice.kinds.numerals import Quantity, first_quantity, quantity_of
from suffice.records.clusters import ClusterRows

RATIOS = {
    Fraction(100): "100 times the right one",
    Fraction(10): "10 times the right one",
    Fraction(2): "twice the right one",
    Fraction(1, 2): "half of the right one",
    Fraction(1, 10): "a tenth of the right one",
    Fraction(1, 100): "a hundredth of the right one",
    Fraction(-1): "of the other sign",
}
"""Wrong answers that one mistake explains."""
NEAR = Fraction(1, 10)
"""How far off, as a share of the right answer, a near miss is at most."""
MAX_SIGNS = 100
"""Characters of an answer that is read as a number: a division of longer ones takes minutes."""
LENGTHS = ("short", "middle", "long")
_MATHEMATICS = re.compile(r"\\[a-zA-Z]+|\$[^$\n]+\$")
_LISTED = re.compile(r"(?m)^[ \t]*(?:\d+[.)]|[-*•])\s")
Values = tuple[tuple[str, ...], ...]


def cluster_rows(judged: JudgedAnswers, vectors: NDArray[np.float32], *, vectors_of: str) -> ClusterRows:
    """Answers as rows of which it is known whether the system failed, what they are like, and what went wrong.

    Failed is an answer whose value is wrong: what the form alone costs has a layer of its own.

    Args:
        judged: N answers.
        vectors: of the N questions, rows of unit length, shape [N, D].
        vectors_of: what made them.
    """
    return ClusterRows(
        ids=tuple(question.id for question in judged.questions),
        texts=tuple(question.text for question in judged.questions),
        vectors=vectors,
        vectors_of=vectors_of,
        failed=~judged.verified,
        groups=judged.groups,
        features=_features(judged),
        errors=_errors(judged),
    )


def _features(judged: JudgedAnswers) -> dict[str, Values]:
    """What is known of a row without a look at whether its answer is right."""
    traces = [question.gold.trace or "" for question in judged.questions]
    said = [completion.text for completion in judged.completions]
    return {
        **operation_features("needed", traces),
        **operation_features("written", said),
        "right answer": tuple((_type_of(question.gold.answer),) for question in judged.questions),
        "length of the question": _lengths([question.text for question in judged.questions]),
        "length of the completion": _lengths(said),
        "form": tuple(("as asked for" if parsed.strict is not None else "another",) for parsed in judged.parsed),
        "style": tuple(map(_style, said)),
        "end": tuple(("cut off",) if completion.truncated else () for completion in judged.completions),
    }


def _errors(judged: JudgedAnswers) -> dict[str, Values]:
    """What went wrong, of rows that failed."""
    classes = zip(judged.verified.tolist(), judged.classes, strict=True)
    rows = zip(judged.questions, judged.completions, judged.parsed, judged.verified.tolist(), strict=True)
    against, first = list[tuple[str, ...]](), list[tuple[str, ...]]()
    for question, completion, parsed, right in rows:
        against.append(() if right or parsed.answer is None else _against(question.gold.answer, parsed.answer))
        first.append(() if right else _other_operation(question.gold.trace or "", completion.text))
    return {
        "class": tuple(() if right else (class_.replace("_", " "),) for right, class_ in classes),
        "answer": tuple(against),
        "first operation": tuple(first),
    }


def _quantity_of(answer: str) -> Quantity | None:
    """The number of an answer; None where there is none, or one too long to divide by."""
    if len(answer) > MAX_SIGNS:
        return None
    return quantity_of(answer) or first_quantity(answer)


def _type_of(answer: str) -> str:
    quantity = _quantity_of(answer)
    if quantity is None:
        return answer if len(answer) == 1 else "text"
    if quantity.value < 0:
        return "negative"
    return "whole number" if Fraction(quantity.value).denominator == 1 else "fraction"


def _lengths(texts: Sequence[str]) -> Values:
    """The third of all rows that each is in by its length in words; nothing where all are alike."""
    n_words = np.array([len(text.split()) for text in texts])
    ends = np.quantile(n_words, (1 / 3, 2 / 3))
    if ends[0] == ends[1]:
        return tuple(() for _ in texts)
    return tuple((LENGTHS[third],) for third in np.searchsorted(ends, n_words))


def _style(text: str) -> tuple[str, ...]:
    shapes = {
        "LaTeX": _MATHEMATICS.search(text),
        "a list": _LISTED.search(text),
        "one line": "\n" not in text.strip(),
    }
    return tuple(name for name, is_so in shapes.items() if is_so)


def _against(gold: str, answer: str) -> tuple[str, ...]:
    """How a wrong number lies to the right one."""
    right, given = _quantity_of(gold), _quantity_of(answer)
    if right is None or given is None:
        return ()
    one, other = Fraction(right.value), Fraction(given.value)
    if one and other / one in RATIOS:
        return (RATIOS[other / one],)
    if abs(other - one) == 1:
        return ("off by one",)
    if abs(other - one) <= abs(one) * NEAR:
        return ("a near miss",)
    return ("too large",) if other > one else ("too small",)


def _other_operation(trace: str, text: str) -> tuple[str, ...]:
    """Where the solution starts with another operation than the right one does."""
    needed, written = operations(trace), operations(text)
    if not needed or not written or needed[0][0] == written[0][0]:
        return ()
    return (f"{written[0][0]} where {needed[0][0]} was needed",)
