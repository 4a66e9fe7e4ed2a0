"""Pairs of texts that share a bucket, the two kinds of buckets being `exact.py` and `minhash.py`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from suffice.copies.sketches import spans

Buckets = tuple[NDArray[np.uint64], NDArray[np.int64]]
"""Bucket and position of the text of each entry, shapes [E]."""
Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Positions of the first and of the second text of each pair, shapes [P]."""

_MAX_PAIRS = 1 << 18


def pairs_in_buckets(buckets: Buckets, component: NDArray[np.int64]) -> Iterator[Pairs]:
    """Proposes every pair of texts that share a bucket, but for those that have come into one component meanwhile.

    Neighbours at distance 1, 2, 4 and so on come first: they join a bucket of near-copies, however large, in a number
    of pairs that grows with its size and not with the square of it. What is left are pairs across components.

    Args:
        buckets: which texts stand in which.
        component: of each text; whoever takes the pairs joins components in place between one step and the next,
            shape [N].
    """
    order = np.argsort(buckets[0], kind="stable")
    keys, rows = buckets[0][order], buckets[1][order]
    step = 1
    while (same := keys[step:] == keys[:-step]).any():
        for part in spans(np.ones(len(same), dtype=np.int64), weight=_MAX_PAIRS, most=_MAX_PAIRS):
            yield rows[:-step][part][same[part]], rows[step:][part][same[part]]
        step *= 2
    yield from _across(keys, rows, component)


def _across(keys: NDArray[np.uint64], rows: NDArray[np.int64], component: NDArray[np.int64]) -> Iterator[Pairs]:
    """All pairs within a bucket and across components: each entry with those behind its own component's."""
    of_entry = component[rows]
    rows = rows[order := np.lexsort((of_entry, keys))]
    bucket_end = np.searchsorted(keys, keys, side="right")
    ends = np.flatnonzero(np.diff(keys, append=~keys[-1:]) | (np.diff(of_entry[order], append=-1) != 0)) + 1
    own_end = ends[np.searchsorted(ends, np.arange(len(rows)), side="right")]
    counts = bucket_end - own_end
    firsts = np.flatnonzero(counts)
    for part in spans(counts[firsts], weight=_MAX_PAIRS, most=_MAX_PAIRS):
        of_part = firsts[part]
        n = counts[of_part]
        offset = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
        yield np.repeat(rows[of_part], n), rows[np.repeat(own_end[of_part], n) + offset]
