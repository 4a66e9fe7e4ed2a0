"""What `fit` concludes, and everything that a reader needs to check it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from suffice.records.break_even import HostedOrOwn
from suffice.records.capability import Capability
from suffice.records.causes import VerdictCode
from suffice.records.completion_evaluation import CompletionEvaluation
from suffice.records.diagnosis import Diagnosis, Ran
from suffice.records.evaluation import Comparison, Evaluation, Interval
from suffice.records.finding import Audit
from suffice.records.knowledge import KnowledgeSummary
from suffice.records.rounds import Rounds
from suffice.records.run import RunManifest
from suffice.records.splits import SplitName
from suffice.records.symptoms import Looked
from suffice.records.task import Kind
from suffice.records.time import TimeOutcome

Outcome = Literal["proven", "refuted", "undecided"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Goal:
    """One thing that must hold, and what the rows say of it."""

    what: str
    """`accuracy`, `macro_f1`, `recall of card_lost`, or `accuracy against embed`."""
    outcome: Outcome
    """`proven` if the one-sided lower bound reaches the target, `refuted` if the upper bound is below it."""
    n: int
    """Rows that it was measured on."""
    n_effective: float
    """Independent rows that tell as much, 0 to `n`."""
    estimate: float | None
    """The fraction measured, or the difference for a comparison; None where no row could measure it (`n` is 0)."""
    lower: float
    """One-sided lower bound at `alpha`."""
    upper: float
    """One-sided upper bound at `alpha`."""
    alpha: float
    """Level of each bound."""
    target: float
    """What must be reached; minus the margin for a comparison."""
    more_rows: int | None
    """Further held-out rows that would decide it at 80% power if the truth is the estimate, or what the plan that is
    taken stands on; None if too many."""
    at_least: int | None = None
    """Further rows without which it cannot be proven even if the truth is the upper bound, where `more_rows` is so many
    times the rows measured that it is a guess; None elsewhere."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """The rung that validation proposes, written down before the test is opened."""

    rung: str
    run: str
    """Name of the run whose recipe ships; the refit's where cheap rungs are refitted."""
    by: Literal["bound", "likeliest"]
    """`bound`: the cheapest whose lower bound on validation reaches the target; `likeliest`: none did."""
    comparator: str | None
    """The best rung on validation, where the target is relative to it."""
    because: tuple[str, ...]
    """Sentences."""
    goals: tuple[Goal, ...]
    """The target on validation, for the proposed rung."""
    hypothesis: str
    """Hash of run, comparator and target: what the opening is counted for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The answer."""

    code: VerdictCode
    rung: str | None
    """The rung to ship; None when none is proven."""
    probability: float | None
    """How likely the code is the right one: that the proven rung meets the target, or that the cheapest plan that does
    begins so, less the chance of what neither test rows nor draws know of. None for a target relative to other rungs
    without a test."""
    because: tuple[str, ...]
    """Sentences with the figures behind it."""
    flip: str | None
    """The smallest change that would turn it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WithoutLeaked:
    """Accuracy on the test rows that have no copy or group mate in another split."""

    n_leaked: int
    """Test rows left out, at least 1."""
    n: int
    """Test rows left, at least 1."""
    accuracy: float
    """Rows answered as labelled, a fraction."""
    interval: Interval
    """95%; rows in groups count as fewer than they are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RungOutcome:
    """One rung at the end of a fit."""

    rung: str
    chosen: RunManifest
    """The run that stood for the rung on validation."""
    shipped: RunManifest
    """The run in the bundle: the same one, or its refit."""
    test: Evaluation | None
    """Descriptive for every rung but the proposed one; None while the test is sealed, and where it is incomplete."""
    without_leaked: WithoutLeaked | None
    """The same without leaked rows; None where no row is leaked, or every one."""
    bundle: str | None
    """Folder of the bundle; None for a hosted rung, of which nothing can be shipped."""
    alternatives: tuple[RunManifest, ...]
    """Other runs of the rung that were compared on validation (a head against tokens)."""
    incomplete: str | None = None
    """What a hosted rung's endpoint did not answer of the opened test, and why; None where nothing is missing."""
    test_answers: CompletionEvaluation | None = None
    """The layers behind `test` where answers are free text, rows left out; None where they are labels."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DataSummary:
    """The data at a glance."""

    version: str
    """Name of the data version."""
    sources: tuple[tuple[str, str], ...]
    """File name and SHA-256."""
    n_rows: int
    split_counts: dict[str, int]
    """Rows per split."""
    brought: tuple[str, ...]
    """Splits that the data brought."""
    label_counts: dict[str, int]
    """Rows per label; empty where answers are free text."""
    n_groups: int
    """Groups of copies, customers or threads."""
    n_copies: int
    """Rows that are a copy or near-copy of an earlier one."""
    n_leaked: dict[SplitName, int]
    """Rows of each held-out split with a copy or group mate in a split before it (train, validation, calibration)."""
    n_cut: int
    """Sets of near-copies that were too large for one group: their parts may stand in several splits."""
    words_p50: float
    """Median words per message."""
    words_p95: float
    """95th percentile of words per message."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FitOutcome:
    """Everything that a fit found out: the report is drawn from it."""

    task: str
    """Name of the task."""
    target: str
    """The target in words: `accuracy of at least 0.95`."""
    verdict: Verdict
    diagnosis: Diagnosis
    symptoms: tuple[Looked, ...]
    """Of the proposed rung; they explain and decide nothing."""
    capability: Capability
    """What each rung can do, and what it costs."""
    break_even: tuple[HostedOrOwn, ...]
    """Each endpoint that was asked against each rung that runs here; empty where none was."""
    rounds: Rounds | None
    """Runs of the proposed rung on the same validation rows, one after another; None where there are not two."""
    proposal: Proposal
    goals: tuple[Goal, ...]
    """The target on the sealed test, for the proposed rung; empty where there are no test rows."""
    opening: int | None
    """Which opening of this test split it was, from 1."""
    rungs: tuple[RungOutcome, ...]
    """In order of cost."""
    not_run: tuple[tuple[str, str], ...]
    """Rungs of the ladder that were not run, and why, with the estimated minutes."""
    ran: tuple[Ran, ...]
    """Every run that the verdict stands on, in the order in which they were run, and why each was."""
    comparisons: tuple[Comparison, ...]
    """Each neighbour in the ladder and each against the proposed, on validation."""
    data: DataSummary
    audit: Audit
    plan: tuple[str, ...]
    """What the test rows at hand can prove: errors allowed, power one, two and three points above the target."""
    task_yaml: str
    """The task as it was run, overrides applied."""
    seed: int
    notes: tuple[str, ...]
    """Sentences: what was refitted, what was left out, what was shortened."""
    spent: bool = False
    """Whether rows of the test were shown to a person: figures on it describe, and prove nothing."""
    time: TimeOutcome | None = None
    """What the proposed rung loses with time; None where no row has a time, or there are no test rows."""
    kind: Kind = "classify"
    """The kind of the task: where answers are free text, right and wrong stand where labels do."""
    knowledge: KnowledgeSummary | None = None
    """The knowledge of the task, and how often what answers a question is found in it; None where it has none."""
