"""Buckets of texts whose MinHash signatures agree in a band."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from suffice.copies.candidates import Buckets
from suffice.copies.sketches import over_blocks
from suffice.text.shingles import ShingleSets

N_BANDS, N_ROWS = 21, 6
"""Bands of a signature, and values in each."""
_SEED = 1
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
    """MinHash signatures, shape [N, N_BANDS * N_ROWS].

    Args:
        sets: of N texts; a thousand at a time are quickest, as the values come as Python numbers.
    """
    n_values = N_BANDS * N_ROWS
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(sets.hashes, sets.starts.astype(np.uint64), n_values, _SEED)
    packed = b"".join([array("I", values) for values in matrix.to_rows()])
    return np.frombuffer(packed, dtype=np.uint32).reshape(-1, n_values)


def _bands(sets: ShingleSets) -> NDArray[np.uint64]:
    """Each band of the signatures in one number, shape [N_BANDS, N]."""
    values = signatures(sets).reshape(-1, N_BANDS, N_ROWS).astype(np.uint64)
    key = np.zeros(values.shape[:2], dtype=np.uint64)
    for k in range(N_ROWS):
        key = (key ^ values[:, :, k]) * _BASE
        key ^= key >> np.uint64(32)
    return key.T.copy()
