"""What to expect of a task before anything is trained, and what was measured since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Basis = Literal["prior belief", "measured"]
Reach = Literal["likely", "open", "unlikely"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskFacts:
    """What the rows of a task say of it before any model does."""

    n_rows: int
    """All rows."""
    n_train: int
    """Training rows with a label of the set."""
    n_validation: int
    """The same of validation."""
    n_test: int
    """The same of test."""
    label_rows: dict[str, int]
    """Training rows of each of the K labels."""
    words_p50: float
    """Median words of a message."""
    words_p95: float
    """95th percentile of words of a message."""
    n_copies: int
    """Rows that are a copy, or nearly one, of an earlier row, or of the same customer or thread."""
    context_words: float
    """About how many words of a message a model reads."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasuredRun:
    """A finished run on these rows."""

    rung: str
    """As in `ladder`."""
    accuracy: float
    """On the rows that compare rungs."""
    low: float
    """Lower end of its 95% interval."""
    high: float
    """Upper end."""
    n_train: int
    """Messages it was fitted on."""
    latency_p50_ms: float
    """Median time of one message."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RungToTry:
    """One rung of a task's ladder."""

    rung: str
    """As in `ladder`."""
    minutes: float | None
    """About how long it takes on two cores; None for a base model of unknown size."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RungAdvice:
    """What to expect of one rung."""

    rung: str
    """As in `ladder`."""
    basis: Basis
    """Where the range comes from."""
    low: float
    """Lower end of the accuracy expected or, once measured, of its 95% interval."""
    high: float
    """Upper end."""
    accuracy: float | None
    """What was measured; None before."""
    reach: Reach | None
    """Whether the target lies below the range, in it, or above; None where the target is no accuracy to be reached."""
    minutes: float | None
    """About how long it takes on two cores; None for a base model of unknown size."""
    because: str
    """What the range was made of."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SizeBelief:
    """One line of a published rule of thumb on sizes of language models."""

    size: str
    """Parameters: `under 500M`."""
    good: str
    """What the guide holds it good for."""
    poor: str
    """What the guide holds it poor at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Advice:
    """What to expect and to try."""

    task: str
    """Name of the task."""
    facts: tuple[str, ...]
    """Sentences on the rows, and what follows of each."""
    rungs: tuple[RungAdvice, ...]
    """In order of cost."""
    first: str
    """What to try first, and why."""
    plan: tuple[str, ...]
    """What the held-out rows can prove."""
    sizes: tuple[SizeBelief, ...]
    """The rule of thumb, a prior belief like the others."""
    sizes_source: str
    """Who says so, and what of it bears on this task."""
