"""The layers of an evaluation of completions: answers and tool calls have the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from suffice.records.answers import AnswerClass
from suffice.records.clusters import FailureClusters
from suffice.records.evaluation import Interval, NotMeasured
from suffice.records.tool_calls import ToolClass
from suffice.records.trace import Overlay

CompletionClass: TypeAlias = AnswerClass | ToolClass
"""A class of the waterfall, of either kind."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RowShare:
    """How many of some rows have something in common."""

    of: int
    """Rows that it is a share of, at least 1."""
    n: int
    """Those that have it."""
    share: float
    """`n / of`."""
    interval: Interval
    """Clopper-Pearson 95%; on the effective number of rows where rows have groups."""
    ids: tuple[str, ...]
    """Ids of the first that have it, in the order of the rows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GraderScore:
    """How many completions one grader takes for right."""

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
class CompletionAccuracy:
    """Accuracy as three graders see it."""

    strict: GraderScore
    """Right, and in the form that was asked for; of answers spelt as the right one is (`AnswerVerdict.strict`)."""
    lenient: GraderScore
    """Of answers: the last thing that could be one, spelt so. Of calls: right in any form that is read, as the
    verified one has it."""
    verified: GraderScore
    """By value, in whatever form."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WithoutRejected:
    """Accuracy on the rows whose right answer no person has rejected."""

    n_rejected: int
    """Rows left out, at least 1."""
    accuracy: CompletionAccuracy
    """On the others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassShare:
    """One class of the waterfall."""

    name: CompletionClass
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
class Waterfall:
    """Every row in the first class that fits."""

    classes: tuple[ClassShare, ...]
    """In the order of `ANSWER_CLASSES` or `TOOL_CLASSES`, empty ones included: their counts add up to all rows."""
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
    interval: Interval
    """Clopper-Pearson 95% of `share`, on the effective number of rows where rows have groups; both ends less the false
    credit, which is taken as known, and at least 0."""
    n_permutations: int
    """Shuffles of the right answers."""
    ids: tuple[str, ...] = ()
    """Ids of the first rows with the right value in the wrong form; none in runs of before they were named."""
    n_right: int = 0
    """Those rows that the waterfall counts as right: all of them for calls, which have no class for a wrong form, and
    none for answers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Overlays:
    """Rows to be seen in another light than their class: outside the 100% of the waterfall."""

    suspected_gold: RowShare | NotMeasured
    """Of all rows: wrong ones whose right answer may be wrong, since the data's own trace has a wrong step or comes to
    another answer, or two systems contradict it with one voice, or no call can be right by it. Leads, and no evidence
    but for the last."""
    lucky: RowShare | NotMeasured
    """Of right answers with a trace: those by a trace with a wrong step."""
    unlucky: RowShare | NotMeasured
    """Of wrong answers with a trace: those that one slip alone made wrong."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StepCounts:
    """Steps of traces beside those of the right ones."""

    n: int
    """Rows where both have steps."""
    mean: float
    """Steps of a trace."""
    gold_mean: float
    """Steps of a right one, on the same rows."""
    interval: Interval
    """Of the difference of the two; 95%, bootstrap over groups."""
    fewer: RowShare
    """Rows with fewer steps than the right trace."""
    more: RowShare
    """Rows with more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StyleShares:
    """How alike completions are in how they are written."""

    n_styles: int
    """Different forms."""
    majority: str
    """The most frequent one, in words."""
    others: RowShare
    """Rows in any other."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TraceLayer:
    """What is wrong with traces, whether or not the answer is right."""

    n: int
    """Rows with a step, at least 1."""
    n_equations: int
    """All that were found."""
    n_wrong: int
    """Equations that do not hold."""
    n_rounded: int
    """Equations that hold but for rounding."""
    n_unreadable: int
    """Equations with something else than numbers in them: neither right nor wrong."""
    wrong_step: RowShare
    """Rows with any of the next three."""
    arithmetic: RowShare
    """Rows with an equation that does not hold."""
    copied: RowShare
    """Rows that write another number than they computed."""
    contradiction: RowShare
    """Rows that give a quantity two values."""
    stranger: RowShare
    """Rows that compute with a number from nowhere: neither in the question nor computed before. A sign of invented
    facts, and no proof."""
    disagrees: RowShare | NotMeasured
    """Rows whose last step does not have the answer in it, of those where that can be told."""
    steps: StepCounts | NotMeasured
    styles: StyleShares


@dataclass(frozen=True, kw_only=True, slots=True)
class RepetitionLayer:
    """Repetition within completions, and completions that are alike whatever was asked."""

    repeated: float
    """Share of a completion's 4-grams that it had before, in the mean."""
    repeated_interval: Interval
    """95%, bootstrap over groups."""
    loops: RowShare
    """Rows half of whose 4-grams, or more, were there before, unless that is so of the right completion as well; of
    rows with four words and signs or more."""
    distinct: float
    """Different 2-grams over all 2-grams of all completions together."""
    gold_distinct: float | None
    """The same of the right completions of the same rows; None where they are too short."""
    same_text: RowShare
    """Rows whose whole completion is that of a row of another group as well."""
    same_gold: RowShare
    """Rows whose right completion is."""
    commonest: str | None
    """The answer that is given most often; None where none is found."""
    commonest_share: float
    """Share of all rows with it."""
    commonest_gold_share: float
    """Share of all rows whose right answer is the commonest right one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SupportLayer:
    """Whether answers stand on the context that was given."""

    unsupported: RowShare
    """Rows whose answer has a number or a name that is in neither question nor context, and that no step computes; of
    rows with a context and an answer."""
    right_unsupported: int
    """Those of them whose answer is right: known by heart, or said in other words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CompletionExample:
    """What is said of one row."""

    id: str
    class_: CompletionClass
    """Its class in the waterfall."""
    strict: bool
    lenient: bool
    verified: bool
    truncated: bool
    """Whether it is known to have been cut off."""
    answer: str | None
    """What was found as its answer, calls as JSON; long ones shortened."""
    gold: str
    """The right answer; long ones shortened."""
    first_wrong_step: int | None
    """Position of the first wrong step of its trace, from 0; None where none is wrong, or there is no trace."""
    wrong: str | None
    """What was wrong, in a few words: the first wrong step, or the call; None where nothing can be pointed at."""
    overlay: Overlay | None
    """Whether it was lucky or unlucky; None where it was neither."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CompletionEvaluation:
    """All layers for one system's completions, accuracy first."""

    n: int
    """Rows scored, at least 1."""
    accuracy: CompletionAccuracy
    without_rejected: WithoutRejected | NotMeasured
    waterfall: Waterfall
    form: FormLoss | NotMeasured
    overlays: Overlays
    trace: TraceLayer | NotMeasured
    repetition: RepetitionLayer | NotMeasured
    support: SupportLayer | NotMeasured
    examples: tuple[CompletionExample, ...]
    """Every row, in the order of the data."""
    n_gave_up: int
    """Rows whose answer was too long or too slow to be held against the right one: they count as wrong."""
    clusters: FailureClusters | NotMeasured
    """Kinds of rows on which it is wrong by value more often than elsewhere."""
    says_other: RowShare | None = None
    """Rows whose text makes other calls than stand beside it, which are those that are judged; None where there is
    none."""
