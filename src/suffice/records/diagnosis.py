"""What is in the way of a target, with the evidence: what the verdict's second half is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from suffice.records.causes import VerdictCode
from suffice.records.evaluation import Interval
from suffice.records.sensitivity import Sensitivity

Trust = Literal["measured", "forecast", "rough", "guess"]
"""`forecast` to four times the rows seen, `rough` to sixteen times, `guess` beyond."""
StepCode = Literal[
    "fix_training",
    "fix_format",
    "fix_prompt",
    "add_retrieval",
    "clean_eval_labels",
    "clean_train_labels",
    "merge_labels",
    "scale_up",
    "more_data",
    "more_test_rows",
    "keep_prompting",
]
STEP_ORDER: tuple[StepCode, ...] = (
    "fix_training",
    "fix_format",
    "fix_prompt",
    "add_retrieval",
    "clean_eval_labels",
    "clean_train_labels",
    "merge_labels",
    "scale_up",
    "keep_prompting",
    "more_data",
    "more_test_rows",
)
"""In a plan of several steps the first of these comes first: what costs no labels before what does."""


CODE_OF_STEP: dict[StepCode, VerdictCode] = {
    "fix_training": "fix_training",
    "fix_format": "fix_format",
    "fix_prompt": "fix_prompt",
    "add_retrieval": "add_retrieval",
    "clean_eval_labels": "clean_labels",
    "clean_train_labels": "clean_labels",
    "merge_labels": "merge_labels",
    "scale_up": "scale_up",
    "more_data": "more_data",
    "more_test_rows": "undecided",
    "keep_prompting": "keep_prompting",
}
"""The first step of the chosen plan is the verdict."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CurvePoint:
    """One rung at one size."""

    rung: str
    n: int
    """Training rows."""
    accuracy: float
    """Of the metric that the target speaks of: the mean over the cells of that size."""
    interval: Interval
    """90% for the mean over runs of this recipe, the chance of subsets and seeds included."""
    fitted: float | None
    """What the curve says at this size; None where there are too few sizes for one."""
    n_cells: int
    """Cells behind it; with one, the chance of seeds is another rung's or none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """One rung at a size that it was not run at."""

    rung: str
    n: int
    """Training rows."""
    accuracy: float
    """Median of the draws."""
    interval: Interval
    """90%, predictive: for a future run."""
    trust: Trust


@dataclass(frozen=True, kw_only=True, slots=True)
class Foretold:
    """One rung on all rows: what smaller sizes foretold, and what came."""

    rung: str
    seen: int
    """Training rows of the largest size that the forecast stands on."""
    n: int
    """Training rows of the run."""
    accuracy: float
    """Foretold: median of the draws, of the metric that the target speaks of."""
    interval: Interval
    """90%, predictive."""
    came: float
    """What the run came to, the mean over its seeds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RowsNeeded:
    """With how many training rows a rung would reach the target."""

    rung: str
    n: int | None
    """Median of the draws; None beyond sixteen times the rows seen, where a number would be a guess."""
    low: int | None
    """Fewer would do in one draw of twenty; None beyond."""
    high: int | None
    """More would be needed in one draw of twenty; None beyond."""
    beyond: int
    """Sixteen times the rows seen: where `n` is None, more than this many, if any number will do."""
    trust: Trust
    """Of `n`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gain:
    """What one label may gain from more rows."""

    label: str
    recall: float
    """With all rows."""
    gained: float
    """Recall gained from half of the rows to all of them, a fraction; of the rung that was proposed."""
    n_rows: int
    """Rows of the label among those that compare rungs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelCeiling:
    """How right any model can be on these labels, from both sides."""

    low: float
    """The best lower bound that any rung has reached on these labels, 95% for all rungs together."""
    high: float | None
    """1 less the lower bound (95%) of the share of reviewed labels that are wrong and not reproduced; without
    reviewed rows the root of the upper bound of how often two labels of one message agree; None: unknown."""
    n_reviewed: int
    """Validation rows whose labels a person has looked at without seeing what models say."""
    why: str
    """What the upper end stands on, or what it takes to have one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """What one switch brings."""

    cause: str
    """`train_labels`, `train_traces`, `eval_labels`, `training`, `next_rung`, `merge_labels`."""
    solo: float
    """Gain of this switch alone, a fraction."""
    solo_interval: Interval
    """90%, paired."""
    last_in: float
    """Gain of this switch where all others are on already."""
    last_in_interval: Interval
    shapley: float
    """Mean gain over all orders in which the switches could be turned on: these add up to the joint gain."""
    shapley_interval: Interval


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """One intervention: two cells that differ in one thing, or one that is rescored, on the same rows."""

    switch: str
    """`training`, `train_labels`, `train_traces`, `curriculum`, `prompt`, `shots`, `form`, `tuning`, `retrieval`,
    `eval_labels`, `merge_labels` or `next_rung`; two with a plus between them where both were on."""
    rung: str
    """That was changed, or that stands in for another."""
    change: str
    """What was done: `training:rate/3`, `prompt:question`; of rungs and rescored labels the name of the switch."""
    against: str
    """What it is held against: `as it is`, or a rung."""
    n: int
    """Training rows."""
    rows: int
    """Rows that both were asked."""
    difference: float
    """Of the metric that the target speaks of: changed less unchanged, positive where the change helps."""
    interval: Interval
    """90%, paired over rows, groups whole; rows that were not seen and another training seed are counted."""
    chosen: bool = False
    """Of wordings: whether this one did best on the rows that one is chosen on: tune rows, or of an endpoint other
    validation rows."""
    told: str | None = None
    """Of wordings: the instruction that the model was told, whole."""


KnowledgeFinding = Literal["brought", "missed", "not_used", "unclear"]
"""`brought`: knowledge was missing, and what is found brings it; `missed`: the gold passage would, and what is found
does not; `not_used`: neither does, although what answers the question stood there; `unclear`: the rows cannot tell."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnowledgeUse:
    """What the knowledge of a task brings one rung: closed book, with what is found, and with the gold passages."""

    rung: str
    """That was asked."""
    finding: KnowledgeFinding
    """Which of them it is."""
    closed: float
    """Score without the knowledge, on the rows that it was asked about with what is found."""
    found: Compared | None
    """With the passages that are found, against closed book; None where it was not asked."""
    gold: Compared | None
    """With the gold passages, against closed book on the rows that have links; None where too few have."""
    gold_over_found: Compared | None
    """With the gold passages against those that are found; None where one of them was not asked."""
    k: int | None
    """Passages that stand before a question, where recall is known."""
    recall: float | None
    """Share of the validation rows with gold links that have a gold passage among those; None where unknown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """Target less what was measured, taken apart."""

    rung: str
    """The rung whose gap it is."""
    metric: str
    """`accuracy` or `macro_f1`."""
    target: float
    measured: float
    shares: tuple[Share, ...]
    """In the order of the switches, at most four."""
    joint: float
    """Gain with all switches on."""
    joint_interval: Interval
    interaction: float
    """`joint` less the sum of the solo gains: negative where the switches repair the same rows."""
    unexplained: float
    """Target less what all switches together reach; negative where they reach more."""
    evidence: float | None
    """What the score must lie above the target for these test rows to prove it; None where they cannot."""
    reaching: tuple[tuple[str, ...], ...]
    """The smallest sets of switches that reach the target alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One thing to do."""

    code: StepCode
    what: str
    """In words: `label about 1,200 more messages`."""
    labels: int
    """Messages to label or to look at."""
    minutes: float
    """Of the machine."""
    sets: str | None = None
    """What carries it out, where a key of the task file does: `answer.hold_form=true`, as `suffice fit` takes it."""
    at_least: int | None = None
    """Of `more_test_rows`: the messages without which it cannot be proven even if the score lies at the upper end of
    its interval, where the rows at hand tell too little for `labels` to be more than a guess; None elsewhere."""


LEAST_LIKELY = 0.5
"""A plan that is less likely than this to reach the target is none to act on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Up to two steps, the rung that would ship, and how likely that is to do."""

    steps: tuple[Step, ...]
    """In the order in which to take them; none: the rung as it is."""
    rung: str
    score: float
    """Median of the metric that the target speaks of, after the steps."""
    interval: Interval
    """90%."""
    probability: float
    """That the target is then met: a share of the draws."""
    money: float
    """Labels, machine and answering together."""
    predicted: bool
    """Whether any part of it is a forecast and not a run."""

    @property
    def first(self) -> Step | None:
        """What to do first."""
        return self.steps[0] if self.steps else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """One cell of the grid, for the receipt."""

    run: str
    why: str
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosis:
    """All that was found out about what is in the way."""

    gap: Gap | None
    """None for a target relative to other rungs, or where nothing was run on all rows."""
    curves: tuple[CurvePoint, ...]
    forecast: tuple[Forecast, ...]
    rows_needed: tuple[RowsNeeded, ...]
    """Of every rung with a curve that does not reach an absolute target on all rows."""
    gains: tuple[Gain, ...]
    """Labels that gain most from more rows, first."""
    label_ceiling: LabelCeiling | None
    """None where answers are free text: there are no labels that could be wrong by chance."""
    plans: tuple[Plan, ...]
    """The chosen one first, then the others by what the choice would be without those before."""
    flip: str | None
    """The smallest changes of target and price under which another plan would be taken; None where none was found."""
    drawn: dict[VerdictCode, float]
    """Share of the draws in which each code is the right one, the likeliest first; empty for a relative target."""
    chances: dict[VerdictCode, float]
    """How likely each code is the right one: these shares under `winners.TEMPERATURE`."""
    not_learnable: bool
    """Whether no rung beats the commonest label by two points at the upper end of its interval."""
    not_run: tuple[tuple[str, str], ...]
    """Cells that were not run, and why."""
    notes: tuple[str, ...]
    """What a reader must know: one seed, borrowed variance, rows that were judged out of fold."""
    interventions: tuple[Compared, ...] = ()
    """Every switch that was turned on, each compared with what it changed."""
    train_accuracy: float | None = None
    """Of the proposed rung on the rows that it was fitted on, all of them; None for one that is not fitted."""
    over_commonest: str | None = None
    """That no rung is shown to beat the commonest label, and how many rows would show that none does, a sentence; None
    where one is, and where it is shown that none does."""
    foretold: tuple[Foretold, ...] = ()
    """Of every rung that was run on all rows and on two sizes of a quarter of them or less."""
    knowledge: tuple[KnowledgeUse, ...] = ()
    """Of every language model that was asked with and without the knowledge; empty where the task has none."""
    sensitivity: tuple[Sensitivity, ...] = ()
    """Of every model that was asked the same with small changes: explains and decides nothing; empty where none was."""
