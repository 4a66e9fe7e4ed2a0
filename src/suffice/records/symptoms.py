"""Symptoms of a model that is too small: what they are read from, and what they say.

They explain and never decide: no verdict, plan or cause reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from suffice.records.completion_evaluation import CompletionEvaluation
from suffice.records.evaluation import Interval
from suffice.records.labels import LabelSet
from suffice.records.task import Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Wordings:
    """One rung under several instructions that mean the same, answering greedily; on the same M rows."""

    names: tuple[str, ...]
    """Name of each wording, length W, at least 2; the first is the one that the rung is told as it is."""
    right: NDArray[np.bool_]
    """Whether each row was answered right under each, shape [W, M]."""
    bare: NDArray[np.bool_] | None
    """Whether each row was answered right without any instruction, shape [M]; None where that was not run."""
    groups: NDArray[np.int64] | None
    """Group of each row as a number, shape [M]; None where every row is its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """One finished run on this validation slice: a round of improving the model or the data."""

    time: str
    """When it ended, ISO 8601."""
    run: str
    """Name of the run."""
    right: NDArray[np.bool_]
    """Whether each row was answered right, shape [N]; the same rows for all rounds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Observed:
    """What the symptoms of one rung are read from; what was not run is None, and never made up."""

    kind: Kind
    """Of the task."""
    rung: str
    """Name of the rung."""
    labels: LabelSet
    """The K labels."""
    y_true: NDArray[np.int64]
    """Label codes of the rows, shape [N], N at least 1."""
    y_pred: NDArray[np.int64]
    """Codes of the rung's answers, `INVENTED` where an answer was no label, shape [N]."""
    groups: NDArray[np.int64] | None
    """Group of each row as a number, shape [N]; None where every row is its own."""
    closed: bool
    """Whether the rung can answer with nothing but a label; where it cannot, `y_pred` may have `INVENTED`."""
    prompted: NDArray[np.int64] | None
    """Codes of the answers of the same base model, prompted and not tuned, shape [N], `NOT_JUDGED` for a row that it
    was not asked; None where it was asked none."""
    kept_from: float | None
    """For a closed rung: share of what its model would say, free to say anything, that is no label, in the mean over
    rows; None where it can say nothing else, and where it was not measured."""
    wordings: Wordings | None
    """The rung under other wordings of the instruction, on rows of their own; None where they were not run."""
    untuned: Wordings | None
    """Its base model before tuning, likewise; None for a rung that is not tuned, and where it was not asked."""
    history: tuple[Round, ...]
    """Finished runs on these rows, the earliest first; empty or of one where there are no rounds."""
    seed: int
    """Of the resampling."""
    answers: CompletionEvaluation | None = None
    """The layers behind the rung's answers where these are free text; None where they are labels."""

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each answer is the row's label, shape [N]."""
        return np.asarray(self.y_true == self.y_pred)


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One thing that was measured."""

    what: str
    """`entropy of the predicted labels over that of the data's`."""
    value: float
    unit: str
    """`fraction`, `bits`, `points` (a difference of fractions, 0.02 is two points), `probability`, `rounds`."""
    interval: Interval | None
    """Around the value; None where it has none, as a p value has none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenBefore:
    """How often a symptom was found in cases of which the cause is known."""

    found_when_size: int
    n_size: int
    """Cases in which the model was too small."""
    found_when_not: int
    n_not: int
    """Cases in which something else, or nothing, was in the way."""
    likelihood_ratio: float
    """How many times likelier the symptom is where the model is too small; 1 tells nothing."""
    interval: Interval
    """95%, of the ratio."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The symptom was shown: what the rows leave open lies beyond the threshold."""

    symptom: str
    """Name: `repetition`."""
    figures: tuple[Figure, ...]
    """All that was measured; the first one is held against the threshold."""
    threshold: float
    """What divides found from clear, in the unit of the first figure."""
    threshold_from: str
    """Where it comes from, and how it is read."""
    says: str
    """A sentence with the figures."""
    seen: SeenBefore | None = None
    """None where no case could show it."""
    definition: str = ""
    """What is meant by the symptom, a sentence; added to what was looked at."""
    source: str = ""
    """Where definition and measure come from; likewise."""
    state: Literal["found"] = "found"
    """By which a record that was written down is told from a clear one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Clear:
    """The symptom was not shown on these rows; the interval says how much room is left for it."""

    symptom: str
    """Name: `repetition`."""
    figures: tuple[Figure, ...]
    """All that was measured; the first one is held against the threshold. Empty where it is clear by construction."""
    threshold: float
    """What divides found from clear, in the unit of the first figure."""
    threshold_from: str
    """Where it comes from, and how it is read."""
    says: str
    """A sentence with the figures."""
    seen: SeenBefore | None = None
    """None where no case could show it."""
    definition: str = ""
    """What is meant by the symptom, a sentence; added to what was looked at."""
    source: str = ""
    """Where definition and measure come from; likewise."""
    state: Literal["clear"] = "clear"
    """By which a record that was written down is told from a found one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotApplicable:
    """The symptom could not be looked for; never to be read as clear."""

    symptom: str
    """Name: `repetition`."""
    why: str
    """What it would have needed."""
    definition: str = ""
    """As in `Found`."""
    source: str = ""
    """As in `Found`."""


Looked = Found | Clear | NotApplicable
"""What one symptom says of one rung."""
