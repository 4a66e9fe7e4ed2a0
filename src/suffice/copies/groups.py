"""Rows to groups that must stay together: exact copies, normalised copies, one customer or thread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from suffice.records.splits import CopyGroups
from suffice.text.normalise import canonical


def group_rows(texts: Sequence[str], groups: Sequence[str | None]) -> CopyGroups:
    """Joins rows with the same canonical text and rows of one customer or thread.

    A group is named by its canonical text, or by the customer or thread where rows have one, so that adding or
    dropping a row of a group leaves the group's name, and with it the group's split, as it was. Where a text is
    shared by several customers, all of them are one group, named by the first of their names in order.

    Args:
        texts: messages, length N.
        groups: customer or thread of each row or None, length N.
    """
    names = [_name(text, group) for text, group in zip(texts, groups, strict=True)]
    codes, keys = _coded(names)
    if any(group is not None for group in groups):
        copies, _ = _coded([canonical(text) for text in texts])
        codes, keys = _joined(codes, copies, keys)
    return CopyGroups(codes=codes, keys=tuple(keys))


def _name(text: str, group: str | None) -> str:
    return f"text\x00{canonical(text)}" if group is None else f"group\x00{group}"


def _coded(names: Sequence[str]) -> tuple[NDArray[np.int64], list[str]]:
    codes: dict[str, int] = {}
    return np.array([codes.setdefault(name, len(codes)) for name in names], dtype=np.int64), list(codes)


def _joined(
    codes: NDArray[np.int64], copies: NDArray[np.int64], keys: Sequence[str]
) -> tuple[NDArray[np.int64], list[str]]:
    """Merges names that share a copy, by connected components of the graph of names and texts."""
    n_names = len(keys)
    size = n_names + int(copies.max(initial=-1)) + 1
    graph = coo_array((np.ones(len(codes), dtype=np.int8), (codes, n_names + copies)), shape=(size, size))
    _, component = connected_components(graph, directed=False)
    merged, _ = _coded([str(c) for c in component[codes]])
    named: dict[int, str] = {}
    for code, group in zip(codes.tolist(), merged.tolist(), strict=True):
        named[group] = min(named.get(group, keys[code]), keys[code])
    return merged, [named[group] for group in range(len(named))]
