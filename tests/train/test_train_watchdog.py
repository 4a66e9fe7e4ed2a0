"""What counts as divergence."""

from __future__ import annotations

from functools import reduce

import pytest

from suffice.train.watchdog import WINDOW, Losses


def after(*losses: float) -> Losses:
    return reduce(Losses.then, losses, Losses())


@pytest.mark.parametrize(
    ("losses", "diverged"),
    [
        ([1.0] * 30, False),
        ([1.0] * 10 + [3.0] * 10, False),  # Twice the first ones and one nat: not above it.
        ([1.0] * 10 + [3.1] * 10, True),
        ([1.0] * 10 + [3.1] * 9, False),
        ([100.0] * 9, False),
        ([1.0] * 19 + [20.0], False),  # One hard batch: a mean of 2.9.
        ([1.0] * 19 + [30.0], True),
    ],
)
def test_latest_steps_far_above_the_first_ones_are_a_divergence(losses: list[float], diverged: bool) -> None:
    assert after(*losses).diverged is diverged


def test_only_the_first_and_the_latest_are_kept() -> None:
    losses = after(*map(float, range(50)))
    assert losses.first == tuple(map(float, range(WINDOW)))
    assert losses.last == tuple(map(float, range(50 - WINDOW, 50)))
