"""What is said of each row."""

from __future__ import annotations

from suffice.evaluate.completions.judged import Judged, JudgedRow
from suffice.records.completion_evaluation import CompletionExample
from suffice.text.normalise import storable

MAX_SIGNS = 200
"""Characters of an answer that are kept; the completion itself is the person's own file."""


def examples(judged: Judged) -> tuple[CompletionExample, ...]:
    """Every row with its class, what three graders say of it, and what was wrong."""
    return tuple(map(_example, judged.rows))


def short(text: str) -> str:
    """A text as far as it is kept.

    Args:
        text: of any length.
    """
    return storable(text if len(text) <= MAX_SIGNS else f"{text[:MAX_SIGNS]}...")


def _example(row: JudgedRow) -> CompletionExample:
    first_wrong = None if row.trace is None else row.trace.first_wrong
    return CompletionExample(
        id=row.id,
        class_=row.class_,
        strict=row.strict,
        lenient=row.lenient,
        verified=row.verified,
        truncated=row.truncated,
        answer=None if row.answer is None else short(row.answer),
        gold=short(row.gold),
        first_wrong_step=None if first_wrong is None else first_wrong.step,
        wrong=None if row.wrong is None else storable(row.wrong),
        overlay=row.overlay,
    )
