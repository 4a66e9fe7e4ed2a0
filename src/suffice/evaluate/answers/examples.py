"""What is said of each row."""

from __future__ import annotations

from suffice.evaluate.answers.judged import JudgedAnswers
from suffice.records.answer_evaluation import AnswerExample

MAX_SIGNS = 200
"""Characters of an answer that are kept; the completion itself is the person's own file."""


def examples(judged: JudgedAnswers) -> tuple[AnswerExample, ...]:
    """Every row with its class and what three graders say of it."""
    rows = zip(judged.questions, judged.completions, judged.parsed, judged.verdicts, judged.classes, strict=True)
    return tuple(
        AnswerExample(
            id=question.id,
            class_=class_,
            strict=verdict.strict,
            lenient=verdict.lenient,
            verified=verdict.verified,
            truncated=completion.truncated,
            answer=None if parsed.answer is None else _short(parsed.answer),
            gold=_short(question.gold.answer),
            first_wrong_step=None,
        )
        for question, completion, parsed, verdict, class_ in rows
    )


def _short(answer: str) -> str:
    return answer if len(answer) <= MAX_SIGNS else f"{answer[:MAX_SIGNS]}..."
