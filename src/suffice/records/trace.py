"""What a trace says when its arithmetic is computed anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Fault = Literal["arithmetic", "copied", "contradiction"]
Overlay = Literal["lucky", "unlucky"]
"""`lucky`: a right answer by a trace with a wrong step. `unlucky`: a wrong answer by one slip alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StepFault:
    """Something in a step that is wrong beyond doubt."""

    step: int
    """Which step, from 0."""
    what: Fault
    """`arithmetic`: an equation that does not hold. `copied`: another number is written than was computed.
    `contradiction`: a quantity is given another value than before."""
    got: str
    """What stands there: `16 - 3 = 14`."""
    expected: str
    """What should: `13`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stranger:
    """A number that is computed with and comes from nowhere."""

    step: int
    """Which step, from 0."""
    number: str
    """As it is written."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TraceCheck:
    """A trace computed anew."""

    n_steps: int
    """Lines, or sentences where there is one line; those that only state the answer are none."""
    n_gold_steps: int | None
    """Of the trace that is known to be right; None where there is none."""
    n_annotations: int
    """Calculator annotations among the equations."""
    n_exact: int
    """Equations whose value is exact."""
    n_rounded: int
    """Equations whose value is right but for rounding."""
    n_wrong: int
    """Equations that do not hold."""
    n_unreadable: int
    """Equations that hold something else than numbers, or are beyond the bounds: neither right nor wrong."""
    faults: tuple[StepFault, ...]
    """In the order of the text."""
    strangers: tuple[Stranger, ...]
    """Numbers that stand neither in the question nor among what was computed before; empty where no question was given.
    A sign of invented facts, and no proof: facts of general knowledge are among them."""
    stated: str | None
    """What the trace's own line for the answer says; None where it has none."""
    last_line_agrees: bool | None
    """Whether the last step has the answer's number in it; None where there is no number on one of the two sides."""

    @property
    def n_equations(self) -> int:
        """All that were found."""
        return self.n_exact + self.n_rounded + self.n_wrong + self.n_unreadable

    @property
    def is_wrong(self) -> bool:
        """Whether a step is wrong, or the last one does not come to the answer: one of the two is then wrong."""
        return bool(self.faults) or self.last_line_agrees is False

    @property
    def wrong_steps(self) -> tuple[int, ...]:
        """Steps with a fault, each once, ascending."""
        return tuple(sorted({fault.step for fault in self.faults}))

    @property
    def first_wrong(self) -> StepFault | None:
        """The first fault of the first wrong step; None where nothing is wrong."""
        return min(self.faults, key=lambda fault: fault.step, default=None)
