"""What was measured: predictions, the layers of an evaluation, the cost of an artefact, comparisons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suffice.records.labels import INVENTED, LabelSet


@dataclass(frozen=True, kw_only=True, slots=True)
class Predictions:
    """One rung's answers on one set of rows."""

    ids: tuple[str, ...]
    """Row ids, length N."""
    labels: LabelSet
    """The K labels that the columns of `probs` stand for."""
    probs: NDArray[np.float64] | None
    """Calibrated probabilities, shape [N, K]; rows sum to 1. None where a rung gives labels and no probabilities:
    a probability that nobody stated is not measured, and none is made up."""
    n_truncated: int
    """Texts that were longer than the model's context and were shortened."""
    given: NDArray[np.int64] | None = None
    """Where there are no probabilities, position of the label given to each row, `INVENTED` for an answer that is no
    label of the set, shape [N]; None where `probs` say it."""

    def __post_init__(self) -> None:
        assert (self.probs is None) != (self.given is None), "a row has probabilities, or a label alone"

    @property
    def y_pred(self) -> NDArray[np.int64]:
        """Positions of the labels given, the most probable ones where there are probabilities; `INVENTED` where an
        answer is no label of the set. Shape [N].
        """
        if self.probs is not None:
            return np.asarray(self.probs.argmax(axis=1), dtype=np.int64)
        assert self.given is not None, "checked when it was made"
        return self.given

    @property
    def invented(self) -> NDArray[np.bool_]:
        """Whether each answer is no label of the set, shape [N]; never so where there are probabilities."""
        return np.asarray(self.y_pred == INVENTED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A confidence interval on a fraction or a difference of fractions."""

    low: float
    """Lower end."""
    high: float
    """Upper end."""
    confidence: float
    """Nominal two-sided coverage, 0 to 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AccuracyLayer:
    """How often the label is right."""

    n: int
    """Rows scored, at least 1."""
    n_correct: int
    """Rows whose most probable label is the row's label."""
    accuracy: float
    """`n_correct / n`."""
    interval: Interval
    """Clopper-Pearson 95% for independent rows; on the effective number of rows where rows have groups."""
    macro_f1: float
    """Unweighted mean of F1 over labels with support."""
    macro_f1_interval: Interval
    """Percentile bootstrap over groups, 95%."""
    design_effect: float | None
    """Variance of accuracy with rows in groups over that of independent rows; None where every row is its own group."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelScore:
    """One label's figures; None means that nothing was there to divide by."""

    label: str
    precision: float | None
    """Of the rows given this label, the fraction that have it; None when none was given it."""
    recall: float | None
    """Of the rows that have this label, the fraction given it; None without support."""
    f1: float | None
    """Harmonic mean; None without support."""
    support: int
    """Rows that have this label."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfusedPair:
    """Rows of one label that were given another."""

    label: str
    """The label that the rows have."""
    predicted: str
    """The label that they were given."""
    count: int
    """How many."""
    share: float
    """`count` over all rows that have `label`."""
    ids: tuple[str, ...]
    """The rows, most confident mistakes first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfusionLayer:
    """Which labels are taken for which."""

    counts: tuple[tuple[int, ...], ...]
    """Shape [K, K]: rows of the label (first index) given the label (second index)."""
    worst: tuple[ConfusedPair, ...]
    """Off-diagonal pairs with at least one row, most rows first."""
    invented: tuple[int, ...] | None = None
    """Rows of each label whose answer was no label of the set, length K: in no cell of `counts`, and wrong. None for
    rungs that can answer nothing else."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReliabilityBin:
    """Rows of about the same stated confidence."""

    confidence: float
    """Mean probability of the given label."""
    accuracy: float
    """Fraction right."""
    n: int
    """Rows in the bin."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProbabilityLayer:
    """Whether the probabilities mean what they say."""

    log_loss: float
    """Mean negative log probability of the row's label, nats."""
    ece: float
    """Expected calibration error over equal-count bins of confidence, a fraction."""
    ece_floor: float
    """The mean calibration error that a perfectly calibrated model would show on this many rows."""
    reliability: tuple[ReliabilityBin, ...]
    """The curve, lowest confidence first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotMeasured:
    """A layer of which there is no figure."""

    why: str
    """What kept it, in words that end a sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FormLayer:
    """What is wrong with the answers as answers."""

    invalid_label_rate: float
    """Fraction of answers outside the label set: 0.0 by construction for closed rungs."""
    n_truncated: int
    """Texts that were longer than the model's context."""
    n_empty: int
    """Texts with nothing in them, answered with the prior."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SliceScore:
    """How often the label is right on one slice of the rows; None means that no scored row is in it."""

    name: str
    """As in the task file's `slices`."""
    says: str
    """What its rows have in common, in words."""
    n: int
    """Rows scored that are in it."""
    n_correct: int
    """Rows of these whose most probable label is the row's label."""
    accuracy: float | None
    """`n_correct / n`."""
    interval: Interval | None
    """Clopper-Pearson 95%; on the effective number of rows where rows have groups."""
    against_all: float | None
    """Accuracy on the slice minus that on all rows scored."""
    against_all_interval: Interval | None
    """95% interval of that difference; None as well where the slice holds all rows, and the difference is 0."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MonthScore:
    """How often the label is right in one calendar month."""

    month: str
    """`2024-01`."""
    n: int
    """Rows scored, at least 1."""
    n_correct: int
    """Rows of these whose most probable label is the row's label."""
    interval: Interval
    """Clopper-Pearson 95%; on the effective number of rows where rows have groups."""

    @property
    def accuracy(self) -> float:
        """`n_correct / n`."""
        return self.n_correct / self.n


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeLayer:
    """Accuracy over calendar months."""

    months: tuple[MonthScore, ...]
    """Every month with a scored row, earliest first."""
    n_undated: int
    """Rows scored that have no time."""
    slope: float | None
    """Accuracy gained per calendar month, negative where it is lost, over the months with rows enough."""
    interval: Interval | None
    """95% interval of the slope."""
    why_none: str | None
    """What keeps the slope from being measured; None where it is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """All layers for one run on one set of rows, accuracy first."""

    rung: str
    """Name of the rung: `tfidf`."""
    run: str
    """Name of the run."""
    split: str
    """`validation`, `test`, or `out_of_fold` (train plus validation, each row by a model that did not see it)."""
    labels: tuple[str, ...]
    """The K labels in the order of the confusion matrix."""
    accuracy: AccuracyLayer
    per_label: tuple[LabelScore, ...]
    confusion: ConfusionLayer
    probability: ProbabilityLayer | NotMeasured
    form: FormLayer
    slices: tuple[SliceScore, ...] = ()
    """In the order of the task file; empty where it has none."""
    time: TimeLayer | None = None
    """None where no row has a time (`data.time`)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What an artefact costs to make and to run."""

    latency_p50_ms: float
    """Median time of one message, warm, in process."""
    latency_p95_ms: float
    """95th percentile of the same."""
    n_timed: int
    """Messages timed, one at a time."""
    size_bytes: int
    """All that is loaded to answer, base model included."""
    adapter_bytes: int
    """What training added: the part that ships beside an untouched base."""
    train_seconds: float
    """Wall time of fitting, choices included, loading and evaluation apart."""
    n_train: int
    """Examples fitted on, tune rows included."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SliceChange:
    """Two artefacts on the rows of one slice; None means that no row that both answered is in it."""

    name: str
    """As in the task file's `slices`."""
    n: int
    """Rows of the slice that both were scored on."""
    difference: float | None
    """Accuracy of the first minus that of the second."""
    interval: Interval | None
    """Of the paired score test (Tango), 95%; rows in groups count as the independent ones that tell as much."""
    n_only_first: int
    """Rows that only the first gets right."""
    n_only_second: int
    """Rows that only the second gets right."""
    p_value: float | None
    """Exact test by signs of groups, two-sided: McNemar's where every row is its own group."""
    q_value: float | None
    """The same over all slices of the comparison: calling every slice changed whose q is at most 0.05 makes one in
    twenty such calls false on average (Benjamini and Hochberg)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Two artefacts on the same rows; speaks of these two artefacts, not of their recipes."""

    first: str
    """Name of the first run."""
    second: str
    """Name of the second run."""
    split: str
    n: int
    """Rows both were scored on."""
    difference: float
    """Accuracy of the first minus that of the second."""
    interval: Interval
    """Of the paired score test (Tango), 95%; rows in groups count as the independent ones that tell as much."""
    n_only_first: int
    """Rows that only the first gets right."""
    n_only_second: int
    """Rows that only the second gets right."""
    p_value: float
    """Exact test by signs of groups, two-sided: McNemar's where every row is its own group."""
    slices: tuple[SliceChange, ...] = ()
    """The same on each slice, in the order of the task file; empty where it has none."""
