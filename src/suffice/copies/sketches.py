"""What is kept of each text while pairs are looked for: the size of its shingle set and a bitmap of it.

The sets themselves are made again for the few pairs that get so far: they would take eight bytes a character.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from suffice.text.shingles import HASH_BITS, MAX_TEXTS, ShingleSets, shingle_sets

WORDS = 8
"""64-bit words of a bitmap."""
ROUNDING = 1e-9
N_THREADS = min(4, os.cpu_count() or 1)
_MAX_CHARACTERS = 1 << 20
_BLOCK = 1024

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sketches:
    """Sketches of N texts."""

    sizes: NDArray[np.int64]
    """Distinct shingles of each text, shape [N]."""
    bitmaps: NDArray[np.uint64]
    """Parity of the number of shingles that fall on each bit, shape [N, WORDS]."""


def over_blocks(
    texts: Sequence[str], look: Callable[[ShingleSets], Result], *, done: Callable[[int], None]
) -> Iterator[Result]:
    """Hands the shingles of a thousand texts at a time to a function, on all processors.

    Args:
        texts: canonical texts, length N.
        look: what is wanted of each block; in the order of the texts.
        done: called with texts read.
    """
    blocks = list(spans(np.array([len(text) for text in texts], dtype=np.int64), most=_BLOCK))
    with ThreadPoolExecutor(max_workers=N_THREADS) as pool:
        spread = pool.map if len(blocks) > 1 else map
        for block, found in zip(blocks, spread(lambda b: look(shingle_sets(texts[b])), blocks), strict=True):
            yield found
            done(block.stop - block.start)


def sketched(texts: Sequence[str], *, done: Callable[[int], None]) -> Sketches:
    """Sketches texts.

    Args:
        texts: canonical texts, length N.
        done: called with texts read.
    """
    parts = list(over_blocks(texts, lambda sets: (sets.sizes, _bitmaps(sets)), done=done))
    sizes = [np.zeros(0, dtype=np.int64), *(sizes for sizes, _ in parts)]
    maps = [np.zeros((0, WORDS), dtype=np.uint64), *(maps for _, maps in parts)]
    return Sketches(sizes=np.concatenate(sizes), bitmaps=np.concatenate(maps))


def _bitmaps(sets: ShingleSets) -> NDArray[np.uint64]:
    """Bitmaps of shingle sets, shape [N, WORDS].

    Source: Sandes, Teodoro, Melo, Bitmap filter, Information Systems 88, 2020, section 3.3 ("bitmap-xor").
    """
    word, bit = sets.hashes % np.uint64(WORDS), np.uint64(1) << (sets.hashes >> np.uint64(3) & np.uint64(63))
    columns = [np.bitwise_xor.reduceat(np.where(word == w, bit, 0), sets.starts[:-1]) for w in range(WORDS)]
    return np.stack(columns, axis=1).astype(np.uint64)


def may_be_near(
    sketches: Sketches, first: NDArray[np.int64], second: NDArray[np.int64], *, threshold: float
) -> NDArray[np.bool_]:
    """Whether sizes and bitmaps leave it possible that two texts are near, shape [P].

    Sets of a and b shingles with Jaccard similarity t or more differ in at most (a + b) (1 - t) / (1 + t); they differ
    at least in as many as their bitmaps do.

    Args:
        sketches: of N texts.
        first: positions, shape [P].
        second: positions, shape [P].
        threshold: Jaccard similarity of near-copies.
    """
    a, b = sketches.sizes[first], sketches.sizes[second]
    most = (a + b) * ((1 - threshold) / (1 + threshold)) + ROUNDING
    possible: NDArray[np.bool_] = np.abs(a - b) <= most
    first, second = first[possible], second[possible]
    differ = np.bitwise_count(sketches.bitmaps[first] ^ sketches.bitmaps[second]).sum(axis=1, dtype=np.int64)
    possible[possible] = differ <= most[possible]
    return possible


def are_near(
    texts: Sequence[str], first: NDArray[np.int64], second: NDArray[np.int64], *, threshold: float
) -> NDArray[np.bool_]:
    """Whether two texts are near, from their shingles; shape [P].

    Args:
        texts: canonical texts, length N.
        first: positions, at most `MAX_TEXTS` // 2, shape [P].
        second: positions, shape [P].
        threshold: Jaccard similarity of near-copies.
    """
    rows, place = np.unique(np.concatenate([first, second]), return_inverse=True)
    sets = shingle_sets([texts[row] for row in rows.tolist()])
    ones = np.ones(len(sets.hashes), dtype=np.int64)
    table = csr_array((ones, sets.hashes.astype(np.int64), sets.starts), shape=(len(rows), 1 << HASH_BITS))
    one, other = np.split(place, 2)
    shared: NDArray[np.int64] = np.asarray(table[one].multiply(table[other]).sum(axis=1))
    return np.asarray(shared / (sets.sizes[one] + sets.sizes[other] - shared) >= threshold)


def spans(weights: NDArray[np.int64], *, weight: int = _MAX_CHARACTERS, most: int = MAX_TEXTS) -> Iterator[slice]:
    """Cuts a row of things into parts that fit into memory: so heavy, so many, and at least one thing each.

    Args:
        weights: of each thing: characters of texts, pairs of a position, shape [N].
        weight: what a part may weigh.
        most: how many things a part may have.
    """
    ends, start = np.cumsum(weights), 0
    while start < len(ends):
        fits = int(np.searchsorted(ends, ends[start] - weights[start] + weight, side="right"))
        stop = max(start + 1, min(start + most, fits))
        yield slice(start, stop)
        start = stop
