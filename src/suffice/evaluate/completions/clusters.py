"""Where failures come together: what is known of each row, for clusters of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from suffice.evaluate.completions.judged import Judged, JudgedRow
from suffice.evaluate.completions.operations import operation_features, operations
from suffice.kinds.gold.equality import stated_quantity
from suffice.kinds.numbers.numerals import Quantity
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


def cluster_rows(judged: Judged, vectors: NDArray[np.float32], *, vectors_of: str) -> ClusterRows:
    """Completions as rows of which it is known whether the system failed, what they are like, and what went wrong.

    Failed is what is wrong by value: what the form alone costs has a layer of its own.

    Args:
        judged: N completions.
        vectors: of what was asked, rows of unit length, shape [N, D].
        vectors_of: what made them.
    """
    return ClusterRows(
        ids=judged.ids,
        texts=tuple(row.asked for row in judged.rows),
        vectors=vectors,
        vectors_of=vectors_of,
        failed=~judged.verified,
        groups=judged.groups,
        features=_features(judged),
        errors=_errors(judged),
    )


def _features(judged: Judged) -> dict[str, Values]:
    """What is known of a row without a look at whether it is right."""
    said = [row.text for row in judged.rows]
    names = dict.fromkeys(name for row in judged.rows for name in row.features)
    return {
        **operation_features("needed", [row.gold_text for row in judged.rows]),
        **operation_features("written", said),
        **{name: tuple(row.features.get(name, ()) for row in judged.rows) for name in names},
        "right answer": tuple((_type_of(row.gold),) for row in judged.rows),
        "length of the question": _lengths([row.asked for row in judged.rows]),
        "length of the completion": _lengths(said),
        "form": tuple(("as asked for" if row.in_form else "another",) for row in judged.rows),
        "style": tuple(map(_style, said)),
        "end": tuple(("cut off",) if row.truncated else () for row in judged.rows),
    }


def _errors(judged: Judged) -> dict[str, Values]:
    """What went wrong, of rows that failed."""
    return {
        "class": tuple(() if row.verified else (row.class_.replace("_", " "),) for row in judged.rows),
        "answer": tuple(map(_other_number, judged.rows)),
        "first operation": tuple(
            () if row.verified else _other_operation(row.gold_text, row.text) for row in judged.rows
        ),
    }


def _other_number(row: JudgedRow) -> tuple[str, ...]:
    return () if row.verified or row.answer is None else _against(row.gold, row.answer)


def _quantity_of(answer: str) -> Quantity | None:
    """The number of an answer; None where there is none, or one too long to divide by."""
    if len(answer) > MAX_SIGNS:
        return None
    return stated_quantity(answer)


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
