"""How often the final answer is right: as a strict grader sees it, a lenient one, and one that compares values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suffice.evaluate.answers.judged import JudgedAnswers
from suffice.records.answer_evaluation import AnswerAccuracy, GraderScore


def accuracy(judged: JudgedAnswers) -> AnswerAccuracy:
    """Accuracy of each grader with its 95% interval, and the first rows that it takes for wrong."""
    return AnswerAccuracy(
        strict=_score(judged, np.array([verdict.strict for verdict in judged.verdicts])),
        lenient=_score(judged, np.array([verdict.lenient for verdict in judged.verdicts])),
        verified=_score(judged, judged.verified),
    )


def _score(judged: JudgedAnswers, right: NDArray[np.bool_]) -> GraderScore:
    return GraderScore(
        n=len(right),
        n_correct=int(right.sum()),
        accuracy=int(right.sum()) / len(right),
        interval=judged.interval(right),
        wrong=judged.ids(~right),
    )
