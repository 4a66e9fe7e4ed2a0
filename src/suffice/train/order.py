"""The order of training rows: shuffled by seed and epoch, then gathered by length so that little is padding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

POOL_BATCHES = 16
"""Rows are gathered by length within pools of this many batches: enough to save padding, too few to sort the data."""


def epoch_batches(lengths: Sequence[int], *, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
    """Positions of the rows of each step of one epoch; a function of its arguments alone.

    Args:
        lengths: tokens of each row.
        batch_size: rows per step; the last step may have fewer.
        seed: training seed.
        epoch: from 0.
    """
    rng = np.random.default_rng([seed, epoch])
    shuffled = rng.permutation(len(lengths))
    size = batch_size * POOL_BATCHES
    batches: list[list[int]] = []
    for start in range(0, len(shuffled), size):
        pool = sorted(shuffled[start : start + size].tolist(), key=lambda i: lengths[i])
        batches += [pool[i : i + batch_size] for i in range(0, len(pool), batch_size)]
    return [batches[i] for i in rng.permutation(len(batches))]
