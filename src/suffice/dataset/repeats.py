"""Ids that are there more than once, found in eight bytes a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suffice.errors import MAX_SHOWN


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeats:
    """What the hashes of all ids say."""

    n: int
    """Rows whose id an earlier row has."""
    hashes: frozenset[int]
    """Hashes of the first of these ids: enough to name them on a second look at the rows."""


class SeenIds:
    """Hashes of the ids of a stream, as `hash` gives them in this process."""

    def __init__(self) -> None:
        self._hashes: list[NDArray[np.int64]] = []

    def add(self, ids: Sequence[object]) -> None:
        """Remembers the ids of the next rows."""
        self._hashes.append(np.fromiter(map(hash, ids), dtype=np.int64, count=len(ids)))

    def repeats(self) -> Repeats:
        """The rows whose hash is there already; on a million rows, 3 in a hundred million files have one by chance."""
        hashes = np.concatenate([np.empty(0, dtype=np.int64), *self._hashes])
        order = np.argsort(hashes, kind="stable")
        same = hashes[order][1:] == hashes[order][:-1]
        again = np.sort(order[1:][same])
        return Repeats(n=int(same.sum()), hashes=frozenset(hashes[again[:MAX_SHOWN]].tolist()))


def first_repeats(ids: Iterable[tuple[str, str]], *, hashes: frozenset[int]) -> list[tuple[str, str, str]]:
    """Names repeated ids on a second look.

    Args:
        ids: where each row is, and its id.
        hashes: of the ids to look for.

    Returns:
        For every row whose id an earlier row has: where it is, the id, and where the earlier row is.
    """
    first: dict[str, str] = {}
    found: list[tuple[str, str, str]] = []
    for where, id_ in ids:
        if hash(id_) in hashes:
            if id_ in first:
                found.append((where, id_, first[id_]))
            first.setdefault(id_, where)
            if len(found) == MAX_SHOWN:
                break
    return found
