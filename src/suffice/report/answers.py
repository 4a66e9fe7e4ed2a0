"""Where free answers are lost: the waterfall of every rung, and of one rung its graders, traces, kinds of failures and
typical completions of each class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low

from suffice.records.answers import ANSWER_CLASSES
from suffice.records.clusters import FailureCluster, FailureClusters
from suffice.records.completion_evaluation import ClassShare, CompletionEvaluation, CompletionExample, GraderScore
from suffice.records.evaluation import NotMeasured
from suffice.records.tool_calls import TOOL_CLASSES
from suffice.report.ladder import Entry
from suffice.report.texts import CutMiddle, CutText, ExampleText, TextBudget, cut_middle
from suffice.text.completion_words import (
    CLASS_WORDS,
    GRADER_WORDS,
    clusters_sentence,
    form_sentence,
    trace_sentences,
    writing_sentence,
)
from suffice.text.kind_words import ASKED
from suffice.text.personal import mask_personal

MAX_PER_CLASS, MAX_TYPICAL = 5, 3
"""Questions that are shown of each class and of each kind of failures; all are counted."""
MAX_NAMED = 3
"""Rows that are named of each fault of traces."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerLine:
    """One question that was not answered as it should be."""

    question: CutText
    """The question, personal data masked; as in all that follows."""
    completion: CutMiddle | None
    """What was written; None where that is not kept."""
    gold: str
    """The right answer."""
    answer: str | None
    """What was found as its answer."""
    truncated: bool
    """Whether it is known to have been cut off."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassShown:
    """One class of the waterfall with questions of it."""

    words: str
    share: ClassShare
    lines: tuple[AnswerLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterShown:
    """One kind of failures with questions of it."""

    cluster: FailureCluster
    told: str
    """What sets it apart and what goes wrong in it."""
    questions: tuple[CutText, ...]
    """Its most typical failures, personal data masked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RungShown:
    """The waterfall of one rung, a line of the table."""

    entry: Entry
    classes: tuple[ClassShare, ...]
    """In the order of the kind's waterfall."""
    form: str
    """What the wrong form costs, a sentence."""
    writing: str | None
    """How much was written, a sentence; None where nobody counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ErringShown:
    """The rung whose questions are shown, and the layers behind its figures."""

    entry: Entry
    out_of_fold: bool
    """Whether it was judged on train and validation, by rungs that had not seen each row."""
    n: int
    """Rows that it was judged on."""
    n_gave_up: int
    """Of these, answers that could not be held against the right one in time."""
    graders: tuple[tuple[str, GraderScore], ...]
    """Each of the three in words, and what it takes for right."""
    traces: tuple[str, ...]
    """What is wrong with traces, in sentences; none of calls, which have no traces."""
    kinds: str
    """How kinds of failures were looked for, or why they were not, a sentence."""
    vectors_of: str | None
    """What told how questions lie to one another in meaning; None where kinds were not looked for."""
    clusters: tuple[ClusterShown, ...]
    """Kinds of failures, the largest loss first."""
    lost: tuple[ClassShown, ...]
    """Every class but `right` that has rows, in the order of the waterfall."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswersShown:
    """All that a page shows of free answers."""

    asked: str
    """What is asked, in one word: a question or a request."""
    names: tuple[str, ...]
    """The classes in words, in order."""
    rungs: tuple[RungShown, ...]
    """Every rung that was judged on rows that may be shown."""
    erring: ErringShown | None
    """The rung whose questions are shown; None where none was judged."""


def answers_of(
    entries: Sequence[Entry],
    erring: Entry | None,
    texts: Mapping[str, ExampleText],
    *,
    completions: Mapping[str, str],
) -> AnswersShown | None:
    """Takes what a page shows out of the runs; None where their answers are labels.

    Args:
        entries: of the page.
        erring: the one whose questions are shown; None for none.
        texts: by row id; of rows that runs were compared on, never of test rows.
        completions: what that one wrote, by row id.
    """
    kinds = {entry.chosen.cell.kind for entry in entries} - {"classify"}
    if not kinds:
        return None
    kind = min(kinds)
    found = None if erring is None else erring.chosen.answers
    return AnswersShown(
        asked=ASKED[kind],
        names=tuple(CLASS_WORDS[name] for name in (TOOL_CLASSES if kind == "tools" else ANSWER_CLASSES)),
        rungs=tuple(
            RungShown(
                entry=entry,
                classes=answers.waterfall.classes,
                form=form_sentence(answers.form, n_named=MAX_NAMED),
                writing=None if entry.chosen.writing is None else writing_sentence(entry.chosen.writing),
            )
            for entry in entries
            if (answers := entry.chosen.answers) is not None
        ),
        erring=None if erring is None or found is None else _erring(erring, found, texts, completions),
    )


def _erring(
    entry: Entry, found: CompletionEvaluation, texts: Mapping[str, ExampleText], completions: Mapping[str, str]
) -> ErringShown:
    budget, clusters = TextBudget(), found.clusters
    return ErringShown(
        entry=entry,
        out_of_fold=entry.chosen.judged_on == "out_of_fold",
        n=found.n,
        n_gave_up=found.n_gave_up,
        graders=tuple((words, getattr(found.accuracy, name)) for name, words in GRADER_WORDS.items()),
        traces=(
            trace_sentences(found.trace, found.overlays, n_named=MAX_NAMED)
            if entry.chosen.cell.kind == "answer"
            else ()
        ),
        kinds=clusters_sentence(clusters),
        vectors_of=None if isinstance(clusters, NotMeasured) else clusters.vectors_of,
        clusters=() if isinstance(clusters, NotMeasured) else _clusters(clusters, texts, budget),
        lost=tuple(
            ClassShown(
                words=CLASS_WORDS[share.name],
                share=share,
                lines=tuple(
                    _line(one, texts[one.id], completions.get(one.id), budget)
                    for one in _typical([one for one in found.examples if one.class_ == share.name], texts, completions)
                ),
            )
            for share in found.waterfall.classes
            if share.n and share.name != "right"
        ),
    )


def _clusters(found: FailureClusters, texts: Mapping[str, ExampleText], budget: TextBudget) -> tuple[ClusterShown, ...]:
    return tuple(
        ClusterShown(
            cluster=one,
            told="; ".join(
                f"{what}: {', '.join(some)}"
                for what, some in (
                    ("set apart by", [*(f"“{words}”" for words in one.words), *one.features]),
                    ("more often than elsewhere", list(one.went_wrong)),
                )
                if some
            ),
            questions=tuple(budget.cut(mask_personal(texts[i].text)) for i in one.typical[:MAX_TYPICAL] if i in texts),
        )
        for one in found.clusters
    )


def _typical(
    rows: Sequence[CompletionExample], texts: Mapping[str, ExampleText], completions: Mapping[str, str]
) -> list[CompletionExample]:
    """Some rows of one class that may be shown: those whose completions are of middling length for it, in the order of
    the data.
    """
    shown = [one for one in rows if one.id in texts]
    if not shown:
        return []
    lengths = [len(completions.get(one.id, "")) for one in shown]
    middle = median_low(lengths)
    nearest = sorted(range(len(shown)), key=lambda k: abs(lengths[k] - middle))[:MAX_PER_CLASS]
    return [shown[k] for k in sorted(nearest)]


def _line(one: CompletionExample, text: ExampleText, completion: str | None, budget: TextBudget) -> AnswerLine:
    return AnswerLine(
        question=budget.cut(mask_personal(text.text)),
        completion=None if completion is None else cut_middle(mask_personal(completion)),
        gold=mask_personal(one.gold),
        answer=None if one.answer is None else mask_personal(one.answer),
        truncated=one.truncated,
    )
