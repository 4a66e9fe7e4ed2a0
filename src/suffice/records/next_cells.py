"""Cells that are still to be run, and those that will not be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Intervention = Literal[
    "train_labels",
    "train_traces",
    "eval_labels",
    "training",
    "curriculum",
    "prompt",
    "form",
    "retrieval",
    "sensitivity",
    "next_rung",
]
"""Switches that a person may leave out; `train_traces` is training without the rows whose trace is found wrong;
`prompt` is other wordings, examples, and the base model untuned; `form` is answers that are held to the form asked for;
`retrieval` is questions that are answered with and without what the knowledge says; `sensitivity` is questions with a
small change that leaves what is right as it is."""
INTERVENTIONS: tuple[Intervention, ...] = get_args(Intervention)


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """What there is to spend."""

    seconds: float
    """What is left; no cell starts that is expected to take longer. Infinite where no limit was given."""
    run_all: bool
    """Run every rung whole, whatever the verdict: asked for by name, or for a target relative to the best."""
    n_seeds: int
    """Training seeds of each network at each size."""
    seed: int
    """The first of them, and the first subset seed."""
    skip: frozenset[Intervention] = frozenset()
    """Interventions that are left out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """One cell to run."""

    rung: str
    n: int | None
    """Rows of a nested subset; None for all that the task allows."""
    subset_seed: int
    seed: int
    change: str | None
    """The one thing to change; None for nothing."""
    why: str
    """What it tells, in a few words."""
    seconds: float
    """Expected."""
    is_sure: bool = False
    """Whether it stays wanted whatever cells before it come to, so that it may be run beside them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """Cells that are not run."""

    rung: str
    what: str
    """`on all rows`, `the repair sweep`."""
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NextCells:
    """What to run, the most telling first, and what not."""

    wanted: tuple[Wanted, ...]
    skipped: tuple[Skipped, ...]
