"""Messages that were labelled twice: how often the two labels agree, which is what no model can go far beyond."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.pipeline.rows.prepare import Prepared
from suffice.records.grid import Agreement
from suffice.records.splits import SPLIT_NAMES


def agreement_of(prepared: Prepared) -> Agreement | None:
    """Pairs of labels of the same message, each given as the data's labels are; None where there are none.

    Two annotators' labels count where the data's label is one of them, a tie drawn: then it is one person's. Where
    more people decide a label together they speak of something else than it, and where the data brings a label beside
    theirs nobody knows how it came about. Otherwise the labels of two copies count, the first two of each message.

    Args:
        prepared: the task and its rows; no test row is looked at.
    """
    if prepared.task.kind != "classify":
        return None  # Every row is labelled as what answers are to be.
    return _of_annotators(prepared) or _of_copies(prepared)


def _of_annotators(prepared: Prepared) -> Agreement | None:
    if prepared.task.data.annotators is None or prepared.task.data.label is not None:
        return None
    given = [labels or () for labels in prepared.material.data.annotations]
    if max(map(len, given), default=0) != 2:
        return None
    pairs = [labels for labels in given if len(labels) == 2]
    return Agreement(n=len(pairs), n_same=sum(one == other for one, other in pairs), by="annotators")


def _of_copies(prepared: Prepared) -> Agreement | None:
    splits = prepared.splits
    rows = np.flatnonzero(splits.codes != SPLIT_NAMES.index("test"))
    message, labels = prepared.placed.copies.normalised[rows], prepared.placed.data.take(rows).labels
    first, second = _first_two(message)
    if not len(first):
        return None
    return Agreement(n=len(first), n_same=_n_same(labels, first, second), by="copies")


def _first_two(codes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of the first and of the second row of each code that has two, shape [P] each."""
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    n = np.diff(starts, append=len(codes))
    return order[starts[n > 1]], order[starts[n > 1] + 1]


def _n_same(labels: Sequence[str], first: NDArray[np.int64], second: NDArray[np.int64]) -> int:
    return sum(labels[one] == labels[other] for one, other in zip(first.tolist(), second.tolist(), strict=True))
