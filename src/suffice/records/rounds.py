"""Rounds of tuning: runs of one rung on the same validation rows, one after another."""

from __future__ import annotations

from dataclasses import dataclass

from suffice.records.evaluation import Interval


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundScore:
    """One round."""

    run: str
    """Name of the run."""
    time: str
    """When it ended, ISO 8601."""
    accuracy: float
    """On the rows that all rounds were scored on, a fraction."""
    gain: float | None
    """Accuracy over that of the last round before it that paid; None for the first round."""
    interval: Interval | None
    """90%, paired: its lower end is the bound by which a round is said to have paid; None for the first round."""
    paid: bool
    """Whether it was shown to be better than that round; the first one is where counting starts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rounds:
    """The history."""

    rung: str
    n: int
    """Rows that all rounds were scored on."""
    rounds: tuple[RoundScore, ...]
    """At least two, the earliest first."""
    last_paid: int
    """Position of the last round that paid; 0 where none did."""
    stopped: bool
    """Whether tuning was shown to have stopped paying: every round since the last that paid gains under two points at
    its upper bound, and there is one at least."""
