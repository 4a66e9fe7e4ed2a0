"""Where answers are lost: every row in the first class that fits."""

from __future__ import annotations

import numpy as np

from suffice.evaluate.answers.judged import JudgedAnswers
from suffice.records.answer_evaluation import AnswerWaterfall, ClassShare
from suffice.records.answers import ANSWER_CLASSES


def waterfall(judged: JudgedAnswers) -> AnswerWaterfall:
    """The six classes with their intervals and first rows; they add up to all rows, whatever was answered."""
    classes, truncated = np.array(judged.classes), np.array([one.truncated for one in judged.completions])
    shares = []
    for name in ANSWER_CLASSES:
        inside = classes == name
        share = ClassShare(
            name=name,
            n=int(inside.sum()),
            share=int(inside.sum()) / len(inside),
            interval=judged.interval(inside),
            n_truncated=int((inside & truncated).sum()),
            ids=judged.ids(inside),
        )
        shares.append(share)
    n_ends_known = sum(one.stop_reason is not None for one in judged.completions)
    return AnswerWaterfall(classes=tuple(shares), n_ends_known=n_ends_known)
