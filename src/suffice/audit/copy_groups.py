"""Groups of rows that are copies of one another, and what `suffice clean` will do about them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from suffice.audit.check import Audited
from suffice.records.task import Kind

STAYS, IS_COPY, IN_CONFLICT, BY_HAND = range(4)
"""What becomes of a row that nobody decided about; by hand is what `suffice clean` does nothing about."""


def copy_groups(codes: NDArray[np.int64], *, told: NDArray[np.int64] | None = None) -> Iterator[NDArray[np.int64]]:
    """Positions of the rows of each group of two or more, ascending; groups in the order of their first rows.

    Args:
        codes: code of each row, the same for copies, shape [N].
        told: codes of a stricter level, shape [N]; a group that is one group there too has been told.
    """
    order = np.argsort(codes, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    for rows in sorted((rows for rows in groups if len(rows) > 1), key=lambda rows: int(rows[0])):
        if told is None or (told[rows] != told[rows[0]]).any():
            yield rows


def dropped_for_labels(audited: Audited) -> NDArray[np.bool_]:
    """Whether each row stands in train and its message there under several labels; shape [N].

    Labels outside the label set count as one.

    Args:
        audited: the rows.
    """
    dropped = np.zeros(len(audited.data), dtype=np.bool_)
    train = audited.splits.rows("train")
    messages, n_codes = audited.copies.normalised[train], len(audited.labels) + 1
    n_labels = np.bincount(np.unique(messages * n_codes + audited.y[train] + 1) // n_codes)
    dropped[train] = n_labels[messages] > 1
    return dropped


def clean_fates(audited: Audited) -> NDArray[np.int64]:
    """What the safe rules of `suffice clean` make of each row, shape [N]; one of a set of copies stays all the same.

    It cleans labels alone: what is right of a copy of a question may be said in other words.

    Args:
        audited: the rows.
    """
    if audited.kind != "classify":
        return np.full(len(audited.data), BY_HAND)
    dropped = dropped_for_labels(audited)
    fates = np.where(dropped, IN_CONFLICT, STAYS)
    left = np.setdiff1d(audited.splits.rows("train"), np.flatnonzero(dropped))
    pairs = audited.copies.near[left] * (len(audited.labels) + 1) + audited.y[left] + 1
    _, which, counts = np.unique(pairs, return_inverse=True, return_counts=True)
    fates[left[counts[which] > 1]] = IS_COPY
    return fates


def clean_fix(fates: NDArray[np.int64], *, kind: Kind) -> str:
    """What to do about a group of copies.

    Args:
        fates: what becomes of its rows.
        kind: of the task.
    """
    beside = "context and tools" if kind == "tools" else "context"
    ways = {
        IN_CONFLICT: "settle the label as label_conflict says (or unknown_label); `suffice clean` drops training rows "
        "of a message under two labels that nobody settled",
        IS_COPY: "run `suffice clean`, which keeps one of the training rows that are copies or near-copies under one "
        "label, and leaves the other splits as they are",
        BY_HAND: f"keep one of those in one split that have the same {beside}, and have what is right of them agree; "
        "where they stand in several splits, do as leakage says",
    }
    said = [way for fate, way in ways.items() if (fates == fate).any()]
    return "; ".join(said) or "`suffice clean` drops none of them: no two copies under one label stand in train"
