"""Buckets of texts whose MinHash signatures agree in a band.

Signatures are made by numpy: libraries that make them as quickly hand them over as Python numbers, one by one, which
takes longer than making them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.copies.candidates import Buckets
from suffice.copies.sketches import over_blocks
from suffice.text.shingles import HASH_BITS, ShingleSets

N_BANDS, N_ROWS = 12, 4
"""Bands of a signature, and values in each: of the divisions that miss fewer than 2 of 1,000 pairs at 0.8, the one with
the fewest values. Its many false candidates cost little, as bitmaps refuse them."""
_FACTORS = np.random.default_rng(1).integers(1 << 32, size=N_BANDS * N_ROWS, dtype=np.uint32) | np.uint32(1)
_BASE = np.uint64(0x9E3779B97F4A7C15)


def miss_rate(similarity: float) -> float:
    """Chance that the signatures of two texts agree in no band.

    Args:
        similarity: Jaccard similarity of the two.

    Source: Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, section 3.4.2: (1 - s^r)^b.
    """
    return float((1 - similarity**N_ROWS) ** N_BANDS)


def band_buckets(texts: Sequence[str], *, done: Callable[[int], None]) -> list[Buckets]:
    """Puts each text into one bucket for each band of its signature.

    Args:
        texts: canonical texts, length N.
        done: called with texts read.
    """
    parts = list(over_blocks(texts, _bands, done=done))
    keys = np.concatenate(parts, axis=1) if parts else np.zeros((0, 0), dtype=np.uint64)
    return [(of_band, np.arange(len(texts))) for of_band in keys]


def signatures(sets: ShingleSets) -> NDArray[np.uint32]:
    """MinHash signatures, shape [N_BANDS * N_ROWS, N].

    Shingles are hashed already: a product with an odd number puts them into an order of its own for each value.

    Args:
        sets: of N texts; a thousand at a time are quickest, as they stay in the processor's cache.

    Source: Broder, On the resemblance and containment of documents, SEQUENCES 1997, section 2.
    """
    hashes, starts = (sets.hashes >> np.uint64(HASH_BITS - 32)).astype(np.uint32), sets.starts[:-1]
    values = np.empty((len(_FACTORS), len(starts)), dtype=np.uint32)
    ordered = np.empty_like(hashes)
    for factor, least in zip(_FACTORS, values, strict=True):
        np.multiply(hashes, factor, out=ordered)
        np.minimum.reduceat(ordered, starts, out=least)
    return values


def _bands(sets: ShingleSets) -> NDArray[np.uint64]:
    """Each band of the signatures in one number, shape [N_BANDS, N]."""
    values = signatures(sets).reshape(N_BANDS, N_ROWS, -1).astype(np.uint64)
    key = np.zeros((N_BANDS, len(sets.sizes)), dtype=np.uint64)
    for k in range(N_ROWS):
        key = (key ^ values[:, k]) * _BASE
        key ^= key >> np.uint64(32)
    return key
