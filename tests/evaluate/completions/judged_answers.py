"""Completions judged beside right answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from suffice.evaluate.completions import Judged, judged_answers
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Gold, Question, Submission


def judge_all(
    rows: Sequence[tuple[str, ...]],
    *,
    spec: AnswerSpec | None = None,
    groups: Sequence[int] | None = None,
    asked: str = "question {n}",
    context: str | None = None,
    gold_trace: str | None = None,
) -> Judged:
    """Right answer, completion and perhaps the reason to stop of each row; question, context and trace of all."""
    questions = [
        Question(
            id=f"q{n}",
            source="rows.jsonl",
            row=n,
            text=asked.format(n=n),
            gold=Gold(answer=row[0], trace=gold_trace),
            group=None,
            split=None,
            context=context,
        )
        for n, row in enumerate(rows)
    ]
    completions = [
        Submission(id=f"q{n}", text=row[1], stop_reason=row[2] if len(row) > 2 else None) for n, row in enumerate(rows)
    ]
    codes = np.asarray(range(len(rows)) if groups is None else groups, dtype=np.int64)
    return judged_answers(questions, completions, codes, spec=spec or AnswerSpec(), seed=0, done=lambda n: None)
