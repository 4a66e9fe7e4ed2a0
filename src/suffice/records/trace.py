"""What a trace says when its arithmetic is computed anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from suffice.records.evaluation import Interval

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
    def wrong_steps(self) -> tuple[int, ...]:
        """Steps with a fault, each once, ascending."""
        return tuple(sorted({fault.step for fault in self.faults}))

    @property
    def first_wrong(self) -> StepFault | None:
        """The first fault of the first wrong step; None where nothing is wrong."""
        return min(self.faults, key=lambda fault: fault.step, default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class RowShare:
    """Some of the rows of a layer."""

    n: int
    """How many they are."""
    share: float
    """`n` over all rows."""
    interval: Interval
    """Clopper-Pearson 95%; on the effective number of rows where rows have groups."""
    ids: tuple[str, ...]
    """Ids of the first of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TraceOverlays:
    """Rows that the waterfall counts as what they are, and that mean something else: outside of its 100%."""

    lucky: RowShare
    """Right answers by a trace with a wrong step."""
    unlucky: RowShare
    """Wrong answers by one slip alone, where that can be shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TraceLayer:
    """How a system's reasoning holds up, apart from whether its answers are right."""

    n_equations: int
    """All that were found in its completions."""
    n_exact: int
    n_rounded: int
    n_wrong: int
    n_unreadable: int
    """Neither right nor wrong: letters, other things than numbers, beyond the bounds."""
    wrong_step: RowShare
    """Rows with a step that is wrong."""
    arithmetic: RowShare
    """Rows with an equation that does not hold."""
    copied: RowShare
    """Rows with another number than was computed."""
    contradiction: RowShare
    """Rows with a quantity that is given two values."""
    number_from_nowhere: RowShare
    """Rows that compute with a number that stands neither in the question nor among their results."""
    last_step_disagrees: RowShare
    """Rows whose last step does not come to the answer that is given."""
    mean_steps: float
    """Steps of a row's completion."""
    mean_gold_steps: float | None
    """Steps of the right traces, over the rows that have one; None where none has."""
    mean_steps_beside_gold: float | None
    """Steps of the completions of those same rows; None where there are none."""
    n_styles: int
    """Forms of completions."""
    style_consistency: float
    """Share of the rows in the most frequent form, in (0, 1]."""
    style: str
    """The most frequent form in words."""
