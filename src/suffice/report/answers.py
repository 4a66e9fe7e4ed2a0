"""Where free answers are lost: the waterfall of every rung, and questions of one rung in each class of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from suffice.records.answers import ANSWER_CLASSES
from suffice.records.completion_evaluation import ClassShare, CompletionEvaluation, CompletionExample
from suffice.records.tool_calls import TOOL_CLASSES
from suffice.report.ladder import Entry
from suffice.report.texts import CutText, ExampleText, TextBudget
from suffice.text.completion_words import CLASS_WORDS, form_sentence, writing_sentence
from suffice.text.kind_words import ASKED
from suffice.text.personal import mask_personal

MAX_PER_CLASS = 8
"""Questions that are shown of each class; all are counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerLine:
    """One question that was not answered as it should be."""

    question: CutText
    """The question, personal data masked."""
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
class AnswersShown:
    """All that a page shows of free answers."""

    asked: str
    """What is asked, in one word: a question or a request."""
    names: tuple[str, ...]
    """The classes in words, in order."""
    rungs: tuple[RungShown, ...]
    """Every rung that was judged on rows that may be shown."""
    erring: Entry | None
    """The rung whose questions are shown; None where none was judged."""
    out_of_fold: bool
    """Whether it was judged on train and validation, by rungs that had not seen each row."""
    n: int
    """Rows that it was judged on."""
    n_gave_up: int
    """Of these, answers that could not be held against the right one in time."""
    lost: tuple[ClassShown, ...]
    """Every class but `right` that has rows, in the order of the waterfall."""


def answers_of(entries: Sequence[Entry], erring: Entry | None, texts: Mapping[str, ExampleText]) -> AnswersShown | None:
    """Takes what a page shows out of the runs; None where their answers are labels.

    Args:
        entries: of the page.
        erring: the one whose questions are shown; None for none.
        texts: by row id; of rows that runs were compared on, never of test rows.
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
                form=form_sentence(answers.form),
                writing=None if entry.chosen.writing is None else writing_sentence(entry.chosen.writing),
            )
            for entry in entries
            if (answers := entry.chosen.answers) is not None
        ),
        erring=None if found is None else erring,
        out_of_fold=erring is not None and erring.chosen.judged_on == "out_of_fold",
        n=0 if found is None else found.n,
        n_gave_up=0 if found is None else found.n_gave_up,
        lost=() if found is None else _lost(found, texts),
    )


def _lost(answers: CompletionEvaluation, texts: Mapping[str, ExampleText]) -> tuple[ClassShown, ...]:
    budget = TextBudget()
    return tuple(
        ClassShown(
            words=CLASS_WORDS[share.name],
            share=share,
            lines=tuple(
                _line(one, texts[one.id], budget)
                for one in [one for one in answers.examples if one.class_ == share.name and one.id in texts][
                    :MAX_PER_CLASS
                ]
            ),
        )
        for share in answers.waterfall.classes
        if share.n and share.name != "right"
    )


def _line(one: CompletionExample, text: ExampleText, budget: TextBudget) -> AnswerLine:
    return AnswerLine(
        question=budget.cut(mask_personal(text.text)), gold=one.gold, answer=one.answer, truncated=one.truncated
    )
