"""Figures of speed that follow from what was counted."""

from __future__ import annotations

import pytest

from suffice.records.run import Training


def test_speeds_follow_from_what_was_counted() -> None:
    training = Training(
        loop_seconds=10.0,
        n_steps=24,
        n_parts=25,
        n_examples_seen=400,
        prefix_tokens=60,
        text_tokens=7_200,
        needed_flops=3.48e12,
        peak_flops=4e11,
        peak_memory_bytes=1_600_000_000,
        best_epoch=2,
        n_halvings=0,
    )
    assert training.examples_per_second == pytest.approx(40.0)
    # By hand: 7,200 tokens of rows and 25 times 60 of the instruction in ten seconds.
    assert training.tokens_per_second == pytest.approx(870.0)
    # 3.48e11 a second of 4e11.
    assert training.peak_fraction == pytest.approx(0.87)
