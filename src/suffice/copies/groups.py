"""Rows to groups that must stay together: copies at every level, one customer or thread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from suffice.records.splits import CopyGroups
from suffice.text.normalise import canonical


def group_rows(texts: Sequence[str], groups: Sequence[str | None], near: NDArray[np.int64]) -> CopyGroups:
    """Joins copies, near-copies included, and rows of one customer or thread.

    A group is named by its first row: by the customer or thread of that row, or else by its canonical text. Rows that
    are added behind the others therefore leave every group's name, and with it the group's split, as it was, unless
    one of them joins two groups; so does relabelling. See docs/decisions/0008.

    Args:
        texts: messages, length N.
        groups: customer or thread of each row or None, length N.
        near: component of near-copies of each row, `Copies.near`, shape [N].
    """
    codes = _joined(near, groups) if any(group is not None for group in groups) else near
    _, first, numbered = np.unique(codes, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    keys = tuple(_name(texts[row], groups[row]) for row in first[order].tolist())
    return CopyGroups(codes=rank[numbered], keys=keys)


def _name(text: str, group: str | None) -> str:
    return f"text\x00{canonical(text)}" if group is None else f"group\x00{group}"


def _joined(near: NDArray[np.int64], groups: Sequence[str | None]) -> NDArray[np.int64]:
    """Components of the graph of copies and customers that rows span, shape [N]."""
    customers: dict[str, int] = {}
    rows = np.array([row for row, group in enumerate(groups) if group is not None], dtype=np.int64)
    of_row = np.array([customers.setdefault(g, len(customers)) for g in groups if g is not None], dtype=np.int64)
    n_near = int(near.max(initial=-1)) + 1
    size = n_near + len(customers)
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (near[rows], n_near + of_row)), shape=(size, size))
    _, component = connected_components(graph, directed=False)
    return np.asarray(component[near], dtype=np.int64)
