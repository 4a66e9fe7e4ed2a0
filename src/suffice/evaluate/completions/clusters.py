"""Where failures come together: what is known of each row, for clusters of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.evaluate.completions.judged import Judged
from suffice.evaluate.completions.operations import operation_features, operations
from suffice.records.clusters import ClusterRows

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
    return {
        **operation_features("needed", [row.gold_text for row in judged.rows]),
        **operation_features("written", said),
        **_by_name([row.features for row in judged.rows]),
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
        **_by_name([row.faults for row in judged.rows]),
        "first operation": tuple(
            () if row.verified else _other_operation(row.gold_text, row.text) for row in judged.rows
        ),
    }


def _by_name(of_rows: Sequence[Mapping[str, tuple[str, ...]]]) -> dict[str, Values]:
    """What the kind says of each row, as values of all rows by name."""
    names = dict.fromkeys(name for row in of_rows for name in row)
    return {name: tuple(row.get(name, ()) for row in of_rows) for name in names}


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


def _other_operation(trace: str, text: str) -> tuple[str, ...]:
    """Where the solution starts with another operation than the right one does."""
    needed, written = operations(trace), operations(text)
    if not needed or not written or needed[0][0] == written[0][0]:
        return ()
    return (f"{written[0][0]} where {needed[0][0]} was needed",)
