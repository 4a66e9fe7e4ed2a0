"""What a fit would run, before anything is trained or fetched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Basis = Literal["measured", "catalogue", "unknown"]
When = Literal["first", "if no rung meets the target"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedCell:
    """One training run."""

    rung: str
    """As in `ladder`."""
    what: str
    """`the rung on all rows`, `a point of its curve`."""
    when: When
    """Cells that come first are run until a rung meets the target; the others where none does."""
    n: int
    """Training rows that it is fitted on."""
    subset_seed: int
    """Which nested subset of so many rows that is."""
    seed: int
    """Initialisation and shuffles."""
    change: str | None
    """The one thing changed against the task; None for nothing."""
    label_output: str | None
    """What a language model answers with: `tokens` or `head`; None for other rungs."""
    seconds: float | None
    """Expected of fitting it, out-of-fold fits included; None where nothing is known of its base model."""
    basis: Basis
    """Where that comes from: finished runs of the rung in the output folder, or figures of a two-core server, good to
    about a factor of two."""
    run: str | None
    """The finished run that it is; None where it is still to be run."""
    in_time: bool
    """Whether it would start within the minutes given, if all before it take as long as expected."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedMemory:
    """What a language model would need of this machine."""

    rung: str
    """As in `ladder`."""
    needed_bytes: int
    """Most memory of the process, fitting and answering."""
    there_bytes: int | None
    """Most that the process may have; None where the system does not tell."""
    fix: str | None
    """What would make it fit; None where it fits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FitPlan:
    """What a fit would run and could prove."""

    task: str
    """Name of the task."""
    target: str
    """In words."""
    n_train: int
    """Training rows that the task allows."""
    n_validation: int
    """Rows that only compare rungs."""
    n_calibration: int
    """Rows that only `suffice calibrate` reads."""
    n_test: int
    """Rows of the sealed test."""
    cells: tuple[PlannedCell, ...]
    """In the order in which they would be run; those of the second kind are the most that may come."""
    first_seconds: float
    """Expected of all that come first and are still to be run, as far as it is known."""
    most_seconds: float
    """Expected of all that may come, as far as it is known."""
    max_minutes: float | None
    """That were given; no cell starts after them."""
    memory: tuple[PlannedMemory, ...]
    """Of each language model that something is known of."""
    proof: tuple[str, ...]
    """What the held-out rows can prove."""
    notes: tuple[str, ...]
    """What else a person should know: base models that are still to be fetched."""
