"""How often completions are right: as a strict grader sees it, a lenient one, and one that compares values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from suffice.evaluate.completions.judged import Judged, JudgedRow
from suffice.records.completion_evaluation import CompletionAccuracy, GraderScore, WithoutRejected
from suffice.records.evaluation import NotMeasured

NOT_ASKED = "nobody has said which right answers are rejected"
NONE_REJECTED = "none of these rows has a right answer that was rejected"
ALL_REJECTED = "the right answer of every row was rejected"


def accuracy(judged: Judged) -> CompletionAccuracy:
    """Accuracy of each grader with its 95% interval, and the first rows that it takes for wrong."""
    return _accuracy(judged, np.ones(len(judged.rows), dtype=np.bool_))


def without_rejected(judged: Judged) -> WithoutRejected | NotMeasured:
    """The same on the rows whose right answer no person has rejected: what a wrong gold costs."""
    if judged.rejected is None:
        return NotMeasured(why=NOT_ASKED)
    rejected = judged.where(lambda row: row.id in (judged.rejected or ()))
    if rejected.all() or not rejected.any():
        return NotMeasured(why=ALL_REJECTED if rejected.any() else NONE_REJECTED)
    return WithoutRejected(n_rejected=int(rejected.sum()), accuracy=_accuracy(judged, ~rejected))


def _accuracy(judged: Judged, kept: NDArray[np.bool_]) -> CompletionAccuracy:
    return CompletionAccuracy(
        strict=_score(judged, kept, lambda row: row.strict),
        lenient=_score(judged, kept, lambda row: row.lenient),
        verified=_score(judged, kept, lambda row: row.verified),
    )


def _score(judged: Judged, kept: NDArray[np.bool_], is_right: Callable[[JudgedRow], bool]) -> GraderScore:
    right = judged.where(is_right)
    found = judged.share(right, of=kept)
    return GraderScore(
        n=found.of,
        n_correct=found.n,
        accuracy=found.share,
        interval=found.interval,
        wrong=judged.share(~right, of=kept).ids,
    )
