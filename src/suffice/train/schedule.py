"""How long, how fast and in what steps a run trains, by the number of its rows."""

from __future__ import annotations

import math
from dataclasses import dataclass

from suffice.records.task import TrainSpec

ROWS_AT_ONCE = 16
"""Of an adapter's default step, which is computed in parts where it has more: memory grows with the rows of a part."""
MANY_ROWS = 1_000
"""From here on an adapter learns at half the rate."""
RATE = 1e-3
"""Peak learning rate of an adapter on fewer rows."""
FOUND_RATES: dict[tuple[str, str], float] = {("smollm2-135m", "tokens"): 2e-3}
"""Base models and label outputs for which `benchmarks/recipes.py` found a better one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """Length and pace of a run."""

    epochs: int
    """Most passes over the training rows; early stop may end before."""
    batch_size: int
    """Rows per optimiser step."""
    learning_rate: float
    """Peak learning rate."""
    warmup: float
    """Share of all steps over which the rate climbs; from there it falls linearly to zero."""
    patience: int
    """Epochs without a better result on the tune rows after which training stops."""
    accumulation: int = 1
    """Parts in which the rows of a step are computed, one after another."""


def rate_of(base: str, label_output: str) -> float:
    """Peak learning rate of an adapter on few rows.

    Args:
        base: the base model, as the ladder names it.
        label_output: what it answers with, `tokens` or `head`.
    """
    return FOUND_RATES.get((base, label_output), RATE)


def lora_schedule(n_rows: int, train: TrainSpec, *, rate: float = RATE) -> Schedule:
    """Defaults for an adapter, where the task says nothing: few rows are passed more often and at a higher rate.

    Args:
        n_rows: training rows.
        train: the task's own choices.
        rate: as from `rate_of`.
    """
    epochs = max(3, min(6, math.ceil(4_000 / n_rows) + 1))
    rate = rate if n_rows < MANY_ROWS else rate / 2
    return _schedule(n_rows, train, epochs=epochs, learning_rate=rate, rows_at_once=ROWS_AT_ONCE)


def encoder_schedule(n_rows: int, train: TrainSpec) -> Schedule:
    """Defaults for an encoder trained whole, where the task says nothing.

    Args:
        n_rows: training rows.
        train: the task's own choices.
    """
    epochs = min(12, max(5, math.ceil(6_000 / n_rows) + 2))
    return _schedule(n_rows, train, epochs=epochs, learning_rate=1e-4, rows_at_once=None)


def _schedule(
    n_rows: int, train: TrainSpec, *, epochs: int, learning_rate: float, rows_at_once: int | None
) -> Schedule:
    """A step whose rows the task sets is computed whole, unless it sets the parts too."""
    rows = 16 if n_rows < 2_000 else 32
    parts = 1 if train.batch_size or rows_at_once is None else rows // rows_at_once
    return Schedule(
        epochs=train.epochs or epochs,
        batch_size=train.batch_size or rows,
        learning_rate=train.learning_rate or learning_rate,
        warmup=0.06,
        patience=2,
        accumulation=train.accumulation or parts,
    )


def learning_rate_at(step: int, *, n_steps: int, schedule: Schedule) -> float:
    """Linear warm-up, then linear decay to zero.

    Args:
        step: from 0.
        n_steps: steps of the whole run.
        schedule: peak rate and share of warm-up.
    """
    n_warmup = max(1, round(schedule.warmup * n_steps))
    if step < n_warmup:
        return schedule.learning_rate * (step + 1) / n_warmup
    return schedule.learning_rate * max(0.0, (n_steps - step) / max(1, n_steps - n_warmup))
