"""Every row once per epoch, in an order that seed and epoch decide, and how hard rows are where that is known."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from suffice.train.order import N_STAGES, POOL_BATCHES, epoch_batches, shares_of_easier


@given(
    lengths=st.lists(st.integers(1, 500), min_size=1, max_size=400),
    batch_size=st.integers(1, 33),
    seed=st.integers(0, 5),
    epoch=st.integers(0, 5),
    easy_first=st.booleans(),
)
def test_an_epoch_is_a_permutation_of_the_rows(
    lengths: list[int], batch_size: int, seed: int, epoch: int, easy_first: bool
) -> None:
    shares = np.array(lengths) / 501 if easy_first else None
    batches = epoch_batches(lengths, batch_size=batch_size, seed=seed, epoch=epoch, shares=shares)
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


LENGTHS = [1 + i % 50 for i in range(803)]
HARDNESS = np.random.default_rng(0).permutation(803) / 803
"""Of rows in an order that has nothing to do with their lengths."""


def ordered(*, seed: int = 0, epoch: int = 0) -> list[list[int]]:
    return epoch_batches(LENGTHS, batch_size=8, seed=seed, epoch=epoch, shares=HARDNESS)


def test_the_first_epoch_goes_from_easy_to_hard_in_stages() -> None:
    batches = ordered()
    # 803 rows are 101 batches of eight: nine stages of ten batches and one of eleven, the last one with three rows.
    assert (N_STAGES, len(batches)) == (10, 101)
    ends = [0, *(10 * stage for stage in range(1, 10)), 101]
    stages = [[i for batch in batches[a:b] for i in batch] for a, b in pairwise(ends)]
    assert [len(stage) for stage in stages] == [80] * 9 + [83]
    for easier, harder in pairwise(stages):
        assert HARDNESS[easier].max() < HARDNESS[harder].min()


def test_within_a_stage_chance_decides_and_lengths_are_gathered() -> None:
    one, other = (ordered(seed=seed)[:10] for seed in (0, 1))
    assert one != other
    assert {i for batch in one for i in batch} == {i for batch in other for i in batch}
    hardness = [HARDNESS[batch].mean() for batch in one]
    assert hardness != sorted(hardness)
    # Sorted within a stage of ten batches, a batch spans about five of fifty lengths; unsorted, about 39.
    assert np.mean([max(LENGTHS[i] for i in batch) - min(LENGTHS[i] for i in batch) for batch in one]) < 10


def test_later_epochs_are_in_the_order_by_chance_that_they_have_without_shares() -> None:
    for epoch in (1, 2):
        assert ordered(epoch=epoch) == epoch_batches(LENGTHS, batch_size=8, seed=0, epoch=epoch)
    assert ordered() != epoch_batches(LENGTHS, batch_size=8, seed=0, epoch=0)


def test_an_ordered_epoch_is_decided_by_seed_and_epoch_alone() -> None:
    np.random.default_rng().random()
    assert ordered() == ordered()


def test_rows_that_are_equally_hard_are_in_an_order_by_chance() -> None:
    first = [epoch_batches([1] * 64, batch_size=4, seed=seed, epoch=0, shares=np.full(64, 0.5)) for seed in (0, 1)]
    assert first[0] != first[1]
    assert first[0][0] != [0, 1, 2, 3]


def test_an_epoch_of_fewer_batches_than_stages_is_ordered_batch_by_batch() -> None:
    batches = epoch_batches([1] * 10, batch_size=4, seed=0, epoch=0, shares=np.arange(10) / 10)
    assert [sorted(batch) for batch in batches] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_a_rows_share_is_among_the_rows_of_its_label() -> None:
    difficulty = np.array([5.0, 1.0, 3.0, 90.0, 10.0, 7.0])
    y = np.array([0, 0, 0, 2, 2, 4])
    # By hand: ranks 3, 1, 2 of three; 2, 1 of two; the only one of its label. Each less a half, over their number.
    expected = [2.5 / 3, 0.5 / 3, 1.5 / 3, 1.5 / 2, 0.5 / 2, 0.5]
    np.testing.assert_allclose(shares_of_easier(difficulty, y), expected)


def test_equally_hard_rows_have_equal_shares() -> None:
    # By hand: ranks 1, 2.5, 2.5, 4.
    shares = shares_of_easier(np.array([0.0, 2.0, 2.0, 9.0]), np.zeros(4, dtype=np.int64))
    np.testing.assert_allclose(shares, [0.125, 0.5, 0.5, 0.875])


def test_every_stage_has_every_label_though_one_label_is_easier_than_the_other() -> None:
    y = np.arange(160) % 2
    difficulty = np.arange(160) + 1_000.0 * y
    batches = epoch_batches([1] * 160, batch_size=8, seed=0, epoch=0, shares=shares_of_easier(difficulty, y))
    stages = [[i for batch in batches[2 * stage : 2 * stage + 2] for i in batch] for stage in range(10)]
    assert [y[stage].sum() for stage in stages] == [8] * 10
