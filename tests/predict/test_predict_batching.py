"""Rows to batches and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from suffice.predict.batching import MAX_ROWS, MAX_TOKENS, by_length, padded, score_all
from suffice.predict.scorer import Tokens


@given(lengths=st.lists(st.integers(1, 9_000), max_size=300))
def test_batches_hold_every_row_once_in_bounds_and_by_length(lengths: list[int]) -> None:
    batches = by_length(lengths)
    flat = [i for batch in batches for i in batch]
    assert sorted(flat) == list(range(len(lengths)))
    assert [lengths[i] for i in flat] == sorted(lengths)
    for batch in batches:
        assert len(batch) <= MAX_ROWS
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= MAX_TOKENS


def test_batches_are_as_large_as_they_may_be() -> None:
    # 64 rows of 10 tokens are within 8,192; rows of 1,000 tokens go eight at a time.
    assert [len(batch) for batch in by_length([10] * 130)] == [64, 64, 2]
    assert [len(batch) for batch in by_length([1_000] * 17)] == [8, 8, 1]


class Summing:
    """A scorer whose logits say which row they are of."""

    n_prefix_tokens = 0

    def __init__(self) -> None:
        self.n_calls = 0

    def logits(self, rows: Sequence[Tokens]) -> torch.Tensor:
        assert torch.is_inference_mode_enabled()
        self.n_calls += 1
        return torch.tensor([[float(sum(row)), float(len(row))] for row in rows])


@given(rows=st.lists(st.lists(st.integers(0, 1_000), min_size=1, max_size=30).map(tuple), min_size=1, max_size=150))
def test_scores_come_in_the_order_of_the_rows(rows: list[Tokens]) -> None:
    scorer, finished = Summing(), []
    scores = score_all(scorer, rows, done=finished.append)
    np.testing.assert_array_equal(scores, [[sum(row), len(row)] for row in rows])
    assert scores.dtype == np.float64
    assert sum(finished) == len(rows)
    assert len(finished) == scorer.n_calls


def test_rows_are_padded_on_the_right() -> None:
    ids, lengths = padded([(5, 6, 7), (8,)], pad=9)
    assert ids.tolist() == [[5, 6, 7], [8, 9, 9]]
    assert lengths.tolist() == [3, 1]
