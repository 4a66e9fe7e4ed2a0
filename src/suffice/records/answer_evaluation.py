"""The layers of an evaluation of answers."""

from __future__ import annotations

from dataclasses import dataclass

from suffice.records.answers import AnswerClass
from suffice.records.evaluation import Interval, NotMeasured


@dataclass(frozen=True, kw_only=True, slots=True)
class GraderScore:
    """How many answers one grader takes for right."""

    n: int
    """Rows scored, at least 1."""
    n_correct: int
    """Rows that it takes for right."""
    accuracy: float
    """`n_correct / n`."""
    interval: Interval
    """Clopper-Pearson 95%; on the effective number of rows where rows have groups."""
    wrong: tuple[str, ...]
    """Ids of the first rows that it takes for wrong, in the order of the rows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerAccuracy:
    """Accuracy of the final answers as three graders see it."""

    strict: GraderScore
    """By the form that was asked for, letter by letter."""
    lenient: GraderScore
    """By the last thing that could be an answer, letter by letter."""
    verified: GraderScore
    """By value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassShare:
    """One class of the waterfall."""

    name: AnswerClass
    n: int
    """Rows in it."""
    share: float
    """`n` over all rows."""
    interval: Interval
    """Clopper-Pearson 95%; on the effective number of rows where rows have groups."""
    n_truncated: int
    """Rows of these that were cut off, as far as is known."""
    ids: tuple[str, ...]
    """Ids of its first rows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerWaterfall:
    """Every row in the first class that fits."""

    classes: tuple[ClassShare, ...]
    """In the order of `ANSWER_CLASSES`, empty ones included: their counts add up to all rows."""
    n_ends_known: int
    """Rows of which it is known why they ended; of the others nobody claims that they were cut off."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FormLoss:
    """What the wrong form alone costs, less what chance gives."""

    n_not_strict: int
    """Rows whose answer was found, but not in the form that was asked for."""
    share: float
    """Share of all rows with the right value in the wrong form."""
    chance: float
    """How often the answer of one of these rows is the right one of another row, 0 to 1: the mean over permutations."""
    false_credit: float
    """Share of all rows that chance alone would give the right value in the wrong form."""
    lost_to_form: float
    """`share` less `false_credit`, at least 0."""
    n_permutations: int
    """Shuffles of the right answers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerExample:
    """What is said of one row."""

    id: str
    class_: AnswerClass
    """Its class in the waterfall."""
    strict: bool
    lenient: bool
    verified: bool
    truncated: bool
    """Whether it is known to have been cut off."""
    answer: str | None
    """What was found as its answer; long ones shortened."""
    gold: str
    """The right answer; long ones shortened."""
    first_wrong_step: int | None
    """Position of the first wrong step of its trace, from 0; None where none is wrong, or the trace was not read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerEvaluation:
    """All layers for one system's answers, accuracy first."""

    n: int
    """Rows scored, at least 1."""
    accuracy: AnswerAccuracy
    waterfall: AnswerWaterfall
    form: FormLoss | NotMeasured
    examples: tuple[AnswerExample, ...]
    """Every row, in the order of the data."""
    n_gave_up: int
    """Rows whose answer was too long or too slow to be held against the right one: they count as wrong."""
    overlays: NotMeasured
    """Rows with a suspected gold, right by luck, or wrong by one slip: outside the 100% of the waterfall."""
    trace: NotMeasured
    clusters: NotMeasured
