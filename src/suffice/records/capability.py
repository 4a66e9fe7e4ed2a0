"""Size against capability: what each rung of the ladder can do on this task, what it cannot, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from suffice.records.evaluation import Interval

Standing = Literal["good", "not_good", "open", "too_few"]
"""`good`, `not_good`: shown; `open`: rows enough, and not shown either way; `too_few`: not even all of them right would
have shown it to be good."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PartScore:
    """One rung on the rows of one label, or of one slice."""

    kind: Literal["label", "slice"]
    name: str
    """Of the label, or of the slice in the task file."""
    n: int
    """Rows, at least 1."""
    n_correct: int
    """Rows of these that were answered as labelled."""
    interval: Interval
    """Clopper-Pearson 95%; on the effective number of rows where rows have groups."""
    level: float
    """What it is held against: the target, that of the label where it has its own, or the rung's own accuracy."""
    q_value: float
    """Two-sided, all parts of the rung taken into account."""
    standing: Standing

    @property
    def accuracy(self) -> float:
        """`n_correct / n`."""
        return self.n_correct / self.n


@dataclass(frozen=True, kw_only=True, slots=True)
class Ceiling:
    """Where a rung's curve ends with endless rows, of the metric that the target speaks of."""

    reached: bool
    """Whether the curve tells it; otherwise `score` and `interval` are None."""
    score: float | None
    """Median of the draws."""
    interval: Interval | None
    """90%."""
    why: str
    """What it stands on, or why there is none, in words that end a sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RungCapability:
    """One rung that was run on all rows."""

    rung: str
    run: str
    """The run that its figures are of: they speak of it, not of other seeds."""
    n: int
    """Rows that it was scored on, among those that compare rungs."""
    accuracy: float
    """Rows answered as labelled, a fraction."""
    interval: Interval
    """Clopper-Pearson 95%; on the effective number of rows where rows have groups."""
    ceiling: Ceiling
    cost_per_thousand: float | None
    """Money for a thousand messages, one at a time: of the machine's hours, or of the endpoint by its price; None where
    an endpoint tells no tokens. Answered in batches, a rung that runs here costs less."""
    latency_p50_ms: float
    """Median time of one message."""
    size_bytes: int | None
    """All that is loaded to answer, base model included; None for a rung that answers elsewhere."""
    parts: tuple[PartScore, ...]
    """Labels in their order, then slices; those without a row are left out."""

    def which(self, standing: Standing) -> tuple[PartScore, ...]:
        """The parts that stand so."""
        return tuple(part for part in self.parts if part.standing == standing)


@dataclass(frozen=True, kw_only=True, slots=True)
class Capability:
    """The table."""

    metric: str
    """`accuracy` or `macro_f1`: of the ceilings."""
    against: Literal["target", "own"]
    """What labels and slices are held against: the target, or each rung's own accuracy where there is no absolute
    target of accuracy."""
    currency: str
    """What money is written in."""
    rungs: tuple[RungCapability, ...]
    """In order of cost."""
