"""When a run has come off the rails: a loss that is no number, or one far above where it began."""

from __future__ import annotations

import math
from dataclasses import dataclass

WINDOW = 10
"""Steps over which losses are averaged: one hard batch is no divergence."""
FACTOR, MARGIN = 2.0, 1.0
"""Diverged is a mean above the first one times this plus that, nats. Guessing evenly among K labels costs log K, which
an untrained model rarely exceeds by much; twice that is worse than any state from which training recovers."""
MAX_HALVINGS = 2
"""How often a run starts again at half the learning rate before it is given up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Losses:
    """The losses of a run's first and latest steps."""

    first: tuple[float, ...] = ()
    last: tuple[float, ...] = ()

    def then(self, loss: float) -> Losses:
        """With the loss of one more step."""
        first = self.first if len(self.first) == WINDOW else (*self.first, loss)
        return Losses(first=first, last=(*self.last, loss)[-WINDOW:])

    @property
    def diverged(self) -> bool:
        """Whether the latest steps are far above the first ones."""
        if len(self.last) < WINDOW:
            return False
        return math.fsum(self.last) / WINDOW > FACTOR * math.fsum(self.first) / WINDOW + MARGIN


class DivergedError(Exception):
    """A step that must not be taken; never leaves `train/`."""
