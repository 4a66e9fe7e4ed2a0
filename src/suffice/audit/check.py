"""The shape of a check: what it reads, what it may find, when it cannot run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from suffice.records.copies import Copies
from suffice.records.dataset import Dataset
from suffice.records.evidence import Evidence, NoEvidence
from suffice.records.finding import Severity
from suffice.records.labels import LabelSet
from suffice.records.lengths import NotCounted, TokenLengths
from suffice.records.splits import MIN_VALIDATION, SPLIT_NAMES, SplitName, Splits
from suffice.records.task import Kind
from suffice.stats.stratified import CountEstimate

OUTSIDE = -1
"""Position of a label that is not in the label set."""


NOT_ASKED = NoEvidence(why="no model was asked about the rows")


@dataclass(frozen=True, kw_only=True, slots=True)
class Audited:
    """One data version with its splits: what every check reads."""

    data: Dataset
    """The N rows."""
    splits: Splits
    """Where each row stands."""
    labels: LabelSet
    """The K labels of the task. What lies outside them is for `unknown_label` alone: such rows do not stay."""
    copies: Copies
    """Which rows are copies of one another."""
    texts: list[str]
    """Messages, length N. No finding quotes one: a test row that was shown proves nothing any more."""
    y: NDArray[np.int64]
    """Position of each row's label in `labels`, or `OUTSIDE`, shape [N]."""
    rows_of_label: tuple[NDArray[np.int64], ...]
    """Positions of each label's rows, ascending, length K."""
    kind: Kind = "classify"
    """The kind of the task."""
    lengths: tuple[TokenLengths | NotCounted, ...] = ()
    """Tokens of each row, for each base model that a rung stands on."""
    declared: bool
    """Whether the task lists its labels; where it does not, they are those that the rows have."""
    aside: str | None = None
    """Label of the rows that are none of the task's and are known to be; None where no label says so."""
    evidence: Evidence | NoEvidence = NOT_ASKED
    """What cheap rungs say of the rows out of fold."""
    reviewed: CountEstimate | None = None
    """How many training labels of the data as read are wrong, by what people decided; None where too few rows were
    looked at."""
    decided: NDArray[np.int64] = field(default_factory=lambda: np.array([], dtype=np.int64))
    """Positions of rows about which a person has decided, ascending."""
    n_put_right: int | None = None
    """Of those found, how many are right in this version, or gone; None where it is the version as read."""

    @classmethod
    def of(
        cls,
        data: Dataset,
        splits: Splits,
        labels: LabelSet,
        *,
        copies: Copies,
        declared: bool,
        kind: Kind = "classify",
        aside: str | None = None,
        lengths: tuple[TokenLengths | NotCounted, ...] = (),
        evidence: Evidence | NoEvidence = NOT_ASKED,
        reviewed: CountEstimate | None = None,
        decided: Sequence[int] = (),
        n_put_right: int | None = None,
    ) -> Audited:
        """Reads the columns once for all checks.

        Args:
            data: rows of one data version, at least one.
            splits: their splits.
            labels: the task's label set.
            copies: which rows are copies of one another.
            declared: whether the task lists its labels.
            kind: the kind of the task.
            aside: label of the rows that are known to be none of the task's.
            lengths: tokens of each row, for each base model.
            evidence: what cheap rungs say of the rows out of fold.
            reviewed: how many training labels of the data as read are wrong, by what people decided.
            decided: positions of rows about which a person has decided.
            n_put_right: how many of those found are right in this version, or gone.
        """
        assert len(data) == len(splits.codes) > 0, "an audited data version has rows, each in one split"
        position = {name: k for k, name in enumerate(labels.names)}
        y = np.array([position.get(label, OUTSIDE) for label in data.labels], dtype=np.int64)
        order = np.argsort(y, kind="stable")
        bounds = np.searchsorted(y[order], np.arange(len(labels) + 1))
        rows_of_label = tuple(order[start:end] for start, end in pairwise(bounds))
        return cls(
            data=data,
            splits=splits,
            labels=labels,
            copies=copies,
            texts=data.texts,
            y=y,
            rows_of_label=rows_of_label,
            kind=kind,
            declared=declared,
            aside=aside,
            lengths=lengths,
            evidence=evidence,
            reviewed=reviewed,
            decided=np.array(sorted(decided), dtype=np.int64),
            n_put_right=n_put_right,
        )

    @property
    def models(self) -> Evidence:
        """What models say, for checks that `without_evidence` lets through."""
        assert isinstance(self.evidence, Evidence), "a check that reads evidence asks for it in its needs"
        return self.evidence

    @property
    def in_test(self) -> NDArray[np.bool_]:
        """Whether each row stands in test, shape [N]."""
        return np.asarray(self.splits.codes == SPLIT_NAMES.index("test"), dtype=np.bool_)

    @property
    def judged_out_of_fold(self) -> bool:
        """Whether validation is so small that cheap rungs are judged on train plus validation."""
        return int(self.label_counts("validation").sum()) < MIN_VALIDATION

    def label_counts(self, *names: SplitName) -> NDArray[np.int64]:
        """Rows of each label in any of these splits, shape [K]."""
        return self._per_label(self.y[self.splits.rows(*names)])

    def group_counts(self, *names: SplitName) -> NDArray[np.int64]:
        """Groups that hold a row of each label in any of these splits, shape [K]."""
        rows, n_groups = self.splits.rows(*names), len(self.splits.keys)
        pairs = np.unique(self.y[rows] * n_groups + self.splits.groups[rows])
        return self._per_label(pairs // n_groups)

    def of_label_in(self, label: int, name: SplitName) -> NDArray[np.int64]:
        """Positions of one label's rows in one split, ascending."""
        rows = self.rows_of_label[label]
        return np.asarray(rows[self.splits.codes[rows] == SPLIT_NAMES.index(name)], dtype=np.int64)

    def _per_label(self, y: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.bincount(y[y != OUTSIDE], minlength=len(self.labels))


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One thing that a check found."""

    rows: NDArray[np.int64]
    """Positions of the rows it speaks of, ascending unless `got` names another order; empty where it speaks of none,
    or of all."""
    got: str
    """What was found, with counts and the labels concerned."""
    fix: str
    """What to do about the data: an imperative without a full stop."""
    score: float | None = None
    """How strong, higher is worse; None where the check does not grade."""
    mild: bool = False
    """Whether it only warns, although the check can stop a fit."""


def without_evidence(audited: Audited) -> str | None:
    """For checks that read what models say: why nothing is said; None where something is."""
    return audited.evidence.why if isinstance(audited.evidence, NoEvidence) else None


def without_embeddings(audited: Audited) -> str | None:
    """For checks that read what embeddings say: why they say nothing; None where they do."""
    return audited.evidence.why if isinstance(audited.evidence, NoEvidence) else audited.evidence.no_embeddings


def without_test(audited: Audited) -> str | None:
    """For checks that look at test rows: that there is none; None where there is."""
    return None if audited.in_test.any() else "no row stands in test"


OF_TEXTS: tuple[Kind, ...] = ("classify", "answer", "tools")
"""Kinds of a check that looks at texts, ids and splits alone."""


def without_two_labels(audited: Audited) -> str | None:
    """For checks that hold labels against one another: that fewer than two have rows; None where two have."""
    return None if sum(len(rows) > 0 for rows in audited.rows_of_label) > 1 else "fewer than two labels have rows"


def without_two_rows(audited: Audited) -> str | None:
    """For checks that hold rows against one another: that there are fewer than two; None where there are two."""
    return None if len(audited.data) > 1 else "there are fewer than two rows"


def always(audited: Audited) -> str | None:
    """For checks that can run on any rows: a single one shows all that they look for.

    These are `empty_text` (the row shows nothing), `one_label` (it has one label) and `personal_data` (it has some).
    """
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing that the audit looks at; each file of this room has one."""

    code: str
    """Stable name: `empty_text`."""
    severity: Severity
    """Of all that it finds, but for what is `mild`."""
    rule: str
    """What must hold: `every message must show something`."""
    look: Callable[[Audited], Iterable[Found]]
    """What is found; nothing where the data is clear."""
    needs: Callable[[Audited], str | None]
    """Why it cannot run on this data; None where it can. `always` is a decision: see there."""
    left_out: Callable[[Audited], str | None] = lambda audited: None
    """What of it cannot run though the rest does, and why; None where nothing is left out."""
    allowed: str | None = None
    """What `audit.allow` with its code does, for severity `stop`: `keeps them`."""
    kinds: tuple[Kind, ...] = ("classify",)
    """Kinds of task whose rows it can be held against: what speaks of labels has nothing to say of free text."""

    def __post_init__(self) -> None:
        assert (self.severity == "stop") == (self.allowed is not None), "a stop, and only a stop, can be allowed"
