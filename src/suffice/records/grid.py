"""The grid: cells that were run, as the verdict reads them, and the cells that may still be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from suffice.records.hosted import Consistency
from suffice.records.knowledge import Recall
from suffice.records.next_cells import Intervention
from suffice.records.run import is_asking
from suffice.records.task import CostSpec, Kind, TargetSpec

NOT_JUDGED = -2
"""Code of an answer that a cell was not asked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """One finished cell and its answers on the rows that compare rungs."""

    run: str
    """Name of the run."""
    rung: str
    """Name in the ladder."""
    n: int
    """Training rows that it was fitted on; of each fold where it was judged out of fold."""
    subset_seed: int
    """Which nested subset that was."""
    seed: int
    """Of initialisation and shuffles."""
    change: str | None
    """The one thing that was changed; None where nothing was."""
    y_pred: NDArray[np.int64]
    """Label codes of its answers, shape [R]: -1 for an answer outside the set, `NOT_JUDGED` for a row not asked."""
    confidence: NDArray[np.float32]
    """Probability of each answer, shape [R]; 0 for a row not asked, and where none was stated."""
    train_accuracy: float | None
    """On its own training rows; None for hosted rungs, which learn from no row."""
    seconds: float
    """Wall time of fitting."""
    latency_ms: float
    """Median time of one message."""
    asked: int | None
    """Rows of the nested subset that was asked for; None for all that the task allows."""
    log_loss: float | None = None
    """Of its calibrated probabilities on those rows, nats; None where it gave none."""
    price_per_message: float | None = None
    """Money that an endpoint asked for each answer, by its price and the tokens that it counted; None for rungs that
    run here, and where it tells no tokens."""
    tune_accuracy: float | None = None
    """Of a model that was asked another way: on tune rows; None where there are none."""
    kept_from: float | None = None
    """Of a prompted model: the share of what it would say, free to say anything, that is no label; None elsewhere."""
    consistency: Consistency | None = None
    """Of an endpoint: how often the same question is answered alike; None of rungs that run here, and where nothing was
    asked twice."""

    @property
    def asked_again(self) -> bool:
        """Whether a language model was asked another way on some of the rows, and nothing was trained."""
        return is_asking(self.change)

    @property
    def whole(self) -> bool:
        """Whether it was fitted on all rows that the task allows."""
        return self.asked is None

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Which rows it was asked, shape [R]."""
        return np.asarray(self.y_pred != NOT_JUDGED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """One way to ask a language model again, which trains nothing."""

    rung: str
    """That is asked: the rung, or its base model untuned."""
    change: str
    """`prompt:question`, `shots:8`."""
    told: str | None = None
    """The instruction of a wording, whole; None where that is not what is changed."""
    seconds: float
    """Expected; 0 where nothing is known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RungFacts:
    """A rung that may be run."""

    name: str
    """As in the ladder."""
    cheap: bool
    """Fitted in seconds."""
    trains: bool
    """Whether more rows or other settings could change it; a prompted model is what it is."""
    sweep: tuple[str, ...]
    """Settings of training that a repair sweep changes, by name: `rate/3`; empty where there is nothing to repair."""
    in_ladder: bool
    """Whether the person named it; otherwise it is the next one beyond, looked at to tell what lies there."""
    seconds_per_row: float
    """Expected seconds of fitting for each training row."""
    price_per_message: float = 0.0
    """Money that somebody else asks for each answer, in the currency of `cost`: of hosted rungs."""
    orders: tuple[str, ...] = ()
    """Other orders in which it may see its rows: `easy-first`; empty where it sees all at once."""
    askings: tuple[Asking, ...] = ()
    """Ways to ask it, and to ask its base model untuned; the first of each rung is how it is asked as it is. Empty
    where no instruction is read."""
    n_wrong_traces: int = 0
    """Training rows whose trace is found wrong and that it learns from; 0 where it learns no traces."""
    readings: tuple[Asking, ...] = ()
    """Ways to have it answer with other passages of the knowledge before a question than it has as it is; empty where
    the task has no knowledge, and of rungs that read none."""
    sensitivities: tuple[Asking, ...] = ()
    """Ways to ask it the same with a small change that must not matter; empty of rungs that are not asked so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewedRows:
    """Validation rows whose labels a person has looked at without seeing what models say: a random sample."""

    rows: NDArray[np.int64]
    """Positions among the R rows, shape [Q]."""
    y: NDArray[np.int64]
    """Label code that the person settled on, shape [Q]; -1 where no label is right."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewedTrain:
    """Training rows that a person has looked at: a random sample."""

    n: int
    """Rows looked at."""
    n_wrong: int
    """Of those, rows whose label the person found to be another one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """Messages that were labelled twice, independently, as the data's labels were."""

    n: int
    """Messages, one pair of labels each."""
    n_same: int
    """Of those, messages whose two labels are the same."""
    by: Literal["annotators", "copies"]
    """Whose labels: two people's of one row, or those of two copies."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """All that the verdict may know: no test row, no text."""

    kind: Kind = "classify"
    """The kind of task: where answers are free text, labels say whether one is right, and nothing is wrong with them.
    """
    labels: tuple[str, ...]
    """The K labels."""
    y_true: NDArray[np.int64]
    """Label codes of the rows that compare rungs, shape [R]."""
    groups: NDArray[np.int64]
    """Their groups, shape [R]."""
    n_train: int
    """Training rows that the task allows."""
    subset_gaps: tuple[tuple[int, int], ...] = ()
    """Between which numbers of them no subset can be drawn without splitting a group."""
    of_label: tuple[int, ...] | None = None
    """How many of them have each label, length K; None where that is not known."""
    n_validation: int
    """Validation rows, whether or not cheap rungs go out of fold."""
    n_test: int
    """Rows of the sealed test."""
    target: TargetSpec
    prices: CostSpec
    rungs: tuple[RungFacts, ...]
    """In order of cost."""
    cells: tuple[Measured, ...]
    """Finished cells, in the order in which they were run."""
    reviewed: ReviewedRows | None = None
    """None where no validation row was looked at."""
    reviewed_train: ReviewedTrain | None = None
    """None where no training row was looked at."""
    agreement: Agreement | None = None
    """None where no message was labelled twice."""
    pairs: tuple[tuple[str, str], ...] = ()
    """Labels that no rung can tell apart on these rows."""
    n_flagged: int = 0
    """Training rows that repairing labels changes: what a person would look at first."""
    asked_again: tuple[Measured, ...] = ()
    """Finished cells in which a language model was asked another way, on some of the rows; none of them in `cells`."""
    recall: Recall | None = None
    """How often what answers a question is among the passages that stand before it; None where nothing tells."""
    skip: frozenset[Intervention] = frozenset()
    """Interventions that the person leaves out."""

    def of(self, rung: str, *, change: str | None = None) -> tuple[Measured, ...]:
        """Cells of one rung with one thing changed, or nothing."""
        return tuple(cell for cell in self.cells if cell.rung == rung and cell.change == change)

    def whole(self, rung: str, *, change: str | None = None) -> Measured | None:
        """The first cell of a rung on all rows; None where it was not run on them."""
        return next((cell for cell in self.of(rung, change=change) if cell.whole), None)

    def n_seeds(self, rung: str) -> int:
        """Under how many training seeds a rung was run on all rows, nothing changed."""
        return len({cell.seed for cell in self.of(rung) if cell.whole})

    def facts(self, rung: str) -> RungFacts:
        """What is known of a rung beforehand."""
        return next(one for one in self.rungs if one.name == rung)
