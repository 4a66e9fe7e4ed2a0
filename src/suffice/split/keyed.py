"""Keyed hashes: where chance places a group, it is the group's own name that decides."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray


def keyed_fractions(keys: Sequence[str], *, seed: int, purpose: str) -> NDArray[np.float64]:
    """A number in [0, 1) for each key that depends on the key, the seed and the purpose alone.

    Args:
        keys: names, length G.
        seed: any integer; 0 is a seed like any other.
        purpose: keeps draws for different decisions independent: `test`, `validation`, `subset`.

    Returns:
        Uniform fractions, shape [G].
    """
    key = blake2b(f"{seed}\x00{purpose}".encode(), digest_size=32).digest()
    draws = [int.from_bytes(blake2b(name.encode(), key=key, digest_size=7).digest(), "big") >> 3 for name in keys]
    return np.array(draws, dtype=np.float64) / 2.0**53  # 53 bits: a float64 holds them all, so that none rounds to 1
