"""Texts as sets of character 5-grams, hashed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WIDTH = 5
"""Characters of a shingle."""
HASH_BITS = 52
"""Two of a hundred shingles have the same hash with chance 1e-12; the twelve bits above them hold a row."""
MAX_TEXTS = 1 << (64 - HASH_BITS)
"""Texts that are taken at once."""

_FILL = "\udfff"
"""Makes a short text one shingle of its own: half a surrogate pair stands in no text that can be stored."""
_BASE, _MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)


@dataclass(frozen=True, kw_only=True, slots=True)
class ShingleSets:
    """The sets of N texts, one after another."""

    hashes: NDArray[np.uint64]
    """Distinct shingles of each text as numbers below 2^`HASH_BITS`, ascending within a text, shape [S]."""
    starts: NDArray[np.int64]
    """Where each text's shingles begin, and S at the end, shape [N + 1]."""

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Distinct shingles of each text, at least 1, shape [N]."""
        return np.diff(self.starts)


def shingle_sets(texts: Sequence[str]) -> ShingleSets:
    """Every run of five characters of each text; a shorter text is one shingle.

    Args:
        texts: at most `MAX_TEXTS`, length N.

    Source: polynomial hash with the mixing step of Steele et al., Fast Splittable Pseudorandom Number Generators,
    OOPSLA 2014, figure 16.
    """
    assert len(texts) <= MAX_TEXTS, "a row stands in the bits above a hash"
    filled = [text.ljust(WIDTH, _FILL) for text in texts]
    points = np.frombuffer("".join(filled).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    lengths = np.array([len(text) for text in filled], dtype=np.int64)
    hashed = _mixed(_rolling(points))
    row = np.repeat(np.arange(len(texts), dtype=np.uint64), lengths)[: len(hashed)]
    within = np.arange(len(hashed)) + WIDTH <= np.repeat(np.cumsum(lengths), lengths)[: len(hashed)]
    keys = np.sort(hashed[within] >> np.uint64(64 - HASH_BITS) | row[within] << np.uint64(HASH_BITS))
    keys = keys[np.diff(keys, prepend=~np.uint64(0)) != 0]
    starts = np.searchsorted(keys, np.arange(len(texts) + 1, dtype=np.uint64) << np.uint64(HASH_BITS))
    starts[len(texts) :] = len(keys)
    return ShingleSets(hashes=keys & np.uint64((1 << HASH_BITS) - 1), starts=starts.astype(np.int64))


def _rolling(points: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A number for each run of `WIDTH` code points, across the ends of texts as well."""
    n = max(0, len(points) - WIDTH + 1)
    value = np.zeros(n, dtype=np.uint64)
    for k in range(WIDTH):
        value = value * _BASE + points[k : k + n]
    return value


def _mixed(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spreads every bit over all of them."""
    value = (value ^ value >> np.uint64(30)) * _MIX
    return (value ^ value >> np.uint64(27)) * _BASE
