"""Questions that hold their own answer: a model need not know or compute anything to be right.

Found are answers of words that stand in the question as they are, questions that say "answer: 18" or have another mark
of an answer with the right one behind it, and questions that hold a step of the trace that has the answer. A number
alone is no leak: the right one of a question about 18 eggs is 18 now and then. Neither is one of several choices that
are listed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from suffice.audit.check import Found
from suffice.audit.completions.check import AnswerRows, RowCheck, always, positions
from suffice.kinds.gold.equality import same_value
from suffice.kinds.traces.steps import steps_of
from suffice.records.answer_spec import AnswerSpec
from suffice.text.counted import counted
from suffice.text.normalise import canonical

MIN_LETTERS = 4
"""Letters of an answer that is looked for in its question: shorter ones ("yes", "B") stand there by themselves."""
MIN_STEP = 12
"""Characters of a step that is looked for, in canonical form."""
MAX_SHARE = 0.02
"""Share of the rows that an answer may have at most to be looked for: those of a closed set are often listed."""
_MARK = re.compile(
    r"(?:\banswer\b(?:[ ]is\b)?[ ]?[:=]?|####|\\boxed\{|\bA:)[ $*]{0,4}(?P<said>(?:[^\s.}]|\.(?=\w)){1,60})",
    re.IGNORECASE,
)
"""A mark of an answer, and the word or number behind it: the point of `3.5` belongs to it, that of a sentence not."""


def _look(rows: AnswerRows) -> Iterator[Found]:
    answers = [canonical(answer) for answer in rows.answers]
    most = max(MAX_SHARE * len(answers), 1)
    frequent = {answer for answer, n in Counter(answers).items() if n > most}
    leaks = [
        row
        for row, (question, trace, answer) in enumerate(zip(rows.questions, rows.traces, answers, strict=True))
        if _marks(question, rows.answers[row], rows.spec)
        or (answer and (_says(question, answer, rare=answer not in frequent) or _holds_step(question, trace, answer)))
    ]
    if leaks:
        yield Found(
            rows=positions(leaks),
            got=f"{len(leaks):,} of {counted(len(answers), 'question')} hold their own answer",
            fix="take the answer out of the question, unless it will stand there in every question to come",
            score=len(leaks) / len(answers),
        )


def _marks(question: str, answer: str, spec: AnswerSpec) -> bool:
    """Whether a question marks something as its answer that is the right one: a number by its value."""
    said = [found["said"] for found in _MARK.finditer(question)]
    if spec.type == "number":
        return any(same_value(answer, one, spec) for one in said)
    return bool(canonical(answer)) and any(canonical(one) == canonical(answer) for one in said)


def _says(question: str, answer: str, *, rare: bool) -> bool:
    """Whether a question says its answer in words."""
    long_enough = sum(map(str.isalpha, answer)) >= MIN_LETTERS
    return rare and long_enough and f" {answer} " in f" {canonical(question)} "


def _holds_step(question: str, trace: str | None, answer: str) -> bool:
    """Whether a step of the trace with the answer in it stands in the question."""
    if trace is None:
        return False
    asked = f" {canonical(question)} "
    steps = (f" {canonical(step.text)} " for step in steps_of(trace).steps)
    return any(len(step) >= MIN_STEP and f" {answer} " in step and step in asked for step in steps)


ANSWER_IN_QUESTION = RowCheck(
    code="answer_in_question",
    severity="warn",
    rule="a question should not hold its own answer",
    look=_look,
    needs=always,
)
