"""Every row once per epoch, in an order that seed and epoch decide."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from suffice.train.order import POOL_BATCHES, epoch_batches


@given(
    lengths=st.lists(st.integers(1, 500), min_size=1, max_size=400),
    batch_size=st.integers(1, 33),
    seed=st.integers(0, 5),
    epoch=st.integers(0, 5),
)
def test_an_epoch_is_a_permutation_of_the_rows(lengths: list[int], batch_size: int, seed: int, epoch: int) -> None:
    batches = epoch_batches(lengths, batch_size=batch_size, seed=seed, epoch=epoch)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    # What the loop counts its steps by.
    assert len(batches) == math.ceil(len(lengths) / batch_size)
    assert sorted(map(len, batches))[1:] == [batch_size] * (len(batches) - 1)


def test_seed_and_epoch_decide_the_order_and_zero_is_a_seed() -> None:
    lengths = [1 + i % 50 for i in range(200)]

    def order(seed: int, epoch: int) -> list[list[int]]:
        return epoch_batches(lengths, batch_size=8, seed=seed, epoch=epoch)

    assert order(0, 0) == order(0, 0)
    assert len({str(order(seed, epoch)) for seed in (0, 1) for epoch in (0, 1)}) == 4


def test_rows_of_a_batch_are_of_about_one_length() -> None:
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 200, size=4_000).tolist()
    batches = epoch_batches(lengths, batch_size=16, seed=0, epoch=0)
    padded = sum(len(batch) * max(lengths[i] for i in batch) for batch in batches)
    # Sorted within pools of 16 batches, a batch spans about a sixteenth of all lengths; unsorted, padding is 90%.
    assert POOL_BATCHES == 16
    assert padded / sum(lengths) < 1.10
