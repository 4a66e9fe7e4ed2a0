"""Buckets of the exact join: texts that share one of their rarest shingles."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.copies.candidates import Buckets
from suffice.copies.sketches import ROUNDING, over_blocks
from suffice.text.shingles import HASH_BITS, ShingleSets

_TABLE_BITS = 16


def prefix_buckets(texts: Sequence[str], *, threshold: float, done: Callable[[int], None]) -> list[Buckets]:
    """Puts each text into the buckets of its rarest shingles, so many that two near-copies share one of them.

    Any one order of shingles is right; rare ones first is quick. How often a shingle occurs is counted by the first
    bits of its hash.

    Args:
        texts: canonical texts, length N.
        threshold: Jaccard similarity of near-copies.
        done: called with texts read; each is read twice.

    Source: Chaudhuri, Ganti, Kaushik, A primitive operator for similarity joins in data cleaning, ICDE 2006,
    lemma 1; for Jaccard similarity Xiao et al., Efficient similarity joins for near duplicate detection, WWW 2008,
    section 2.2.
    """
    counts = np.zeros(1 << _TABLE_BITS, dtype=np.int64)
    for entries in over_blocks(texts, _entries, done=done):
        counts += np.bincount(entries, minlength=len(counts))
    kept = list(over_blocks(texts, lambda sets: _prefixes(sets, counts, threshold=threshold), done=done))
    starts = np.cumsum([0, *(len(sizes) for _, sizes in kept)])
    rows = [np.repeat(np.arange(len(sizes)) + start, sizes) for (_, sizes), start in zip(kept, starts, strict=False)]
    return [(np.concatenate([keys for keys, _ in kept]), np.concatenate(rows))] if kept else []


def _prefixes(
    sets: ShingleSets, counts: NDArray[np.int64], *, threshold: float
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The rarest shingles of each text, and how many they are."""
    row = np.repeat(np.arange(len(sets.sizes)), sets.sizes)
    order = np.lexsort((sets.hashes, counts[_entries(sets)], row))
    n_kept = sets.sizes - np.ceil(threshold * sets.sizes - ROUNDING).astype(np.int64) + 1
    return sets.hashes[order[np.arange(len(order)) - sets.starts[row] < n_kept[row]]], n_kept


def _entries(sets: ShingleSets) -> NDArray[np.int64]:
    return (sets.hashes >> np.uint64(HASH_BITS - _TABLE_BITS)).astype(np.int64)
