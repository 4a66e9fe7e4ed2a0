"""The order of training rows: by chance, or from easy to hard; gathered by length so that little is padding."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

POOL_BATCHES = 16
"""Rows are gathered by length within pools of this many batches: enough to save padding, too few to sort the data."""
N_STAGES = 10
"""Stages of an ordered epoch, a tenth of the rows each; fewer where an epoch has fewer batches."""
N_ORDERED_EPOCHS = 1
"""Epochs that go from easy to hard where rows have shares; those behind them are in an order by chance."""


def epoch_batches(
    lengths: Sequence[int], *, batch_size: int, seed: int, epoch: int, shares: NDArray[np.float64] | None = None
) -> list[list[int]]:
    """Positions of the rows of each step of one epoch; a function of its arguments alone.

    With shares, the first epoch is a curriculum in one pass: its stages come from easy to hard, and within a stage
    rows are in an order by chance. Every row is still seen once an epoch: an order by chance takes as many steps, and
    gives every row the same weight. The curricula of the literature draw from a growing part of the rows instead, easy
    ones again and again, so that at equal steps they differ in more than the order. What they share is kept: the
    ordered part ends, and training ends on all rows alike. A last epoch in this order would end on the hardest rows,
    and wrong labels are among those.

    Source: Bengio et al. 2009, Curriculum Learning (a sequence of distributions that ends in that of all rows);
        Hacohen and Weinshall 2019, On the Power of Curriculum Learning in Training Deep Networks, and Platanios et al.
        2019, Competence-based Curriculum Learning for Neural Machine Translation (growing parts of the rows).

    Args:
        lengths: tokens of each row.
        batch_size: rows per step; the last step may have fewer.
        seed: training seed.
        epoch: from 0.
        shares: as from `shares_of_easier`, shape [N]; None for an order by chance in every epoch.
    """
    rng = np.random.default_rng([seed, epoch])
    shuffled = rng.permutation(len(lengths))
    if shares is None or epoch >= N_ORDERED_EPOCHS:
        return _gathered(shuffled, lengths, batch_size=batch_size, rng=rng)
    ordered = shuffled[np.argsort(shares[shuffled], kind="stable")]
    n_batches = math.ceil(len(ordered) / batch_size)
    n_stages = min(N_STAGES, n_batches)
    ends = [batch_size * (n_batches * stage // n_stages) for stage in range(1, n_stages)]
    stages = [rng.permutation(stage) for stage in np.split(ordered, ends)]
    return [batch for stage in stages for batch in _gathered(stage, lengths, batch_size=batch_size, rng=rng)]


def shares_of_easier(difficulty: NDArray[np.float64], y: NDArray[np.int64]) -> NDArray[np.float64]:
    """What share of the rows of its own label is easier than each row, in (0, 1), shape [N]; equals count half.

    Within labels: otherwise the first steps would be on the easy labels alone, and teach that there are no others.

    Source: Hacohen and Weinshall (2019), whose published code takes the next easiest row of every class in turn.

    Args:
        difficulty: of each row; larger is harder, shape [N].
        y: label codes, shape [N].
    """
    shares = np.empty(len(y), dtype=np.float64)
    for label in np.unique(y):
        rows = np.flatnonzero(y == label)
        shares[rows] = (rankdata(difficulty[rows]) - 0.5) / len(rows)
    return shares


def _gathered(
    rows: NDArray[np.int64], lengths: Sequence[int], *, batch_size: int, rng: np.random.Generator
) -> list[list[int]]:
    """Batches of about equal length from each pool of rows, in an order by chance."""
    size = batch_size * POOL_BATCHES
    batches: list[list[int]] = []
    for start in range(0, len(rows), size):
        pool = sorted(rows[start : start + size].tolist(), key=lambda i: lengths[i])
        batches += [pool[i : i + batch_size] for i in range(0, len(pool), batch_size)]
    return [batches[i] for i in rng.permutation(len(batches))]
