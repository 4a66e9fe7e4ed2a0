"""Messages to several bundles, scored at once where they stand on one base."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.bundles.classifier import Classifier, ReadMessage
from suffice.rungs.interface import FittedRung, SharesBase
from suffice.text.token_budget import Budgeted

Asked = tuple[Classifier, ReadMessage]
"""A message, and whose it is."""


def lane_of(classifier: Classifier) -> Hashable:
    """What messages that can be scored at once have in common: the base in memory, or the classifier itself.

    Args:
        classifier: a bundle in memory.
    """
    return id(classifier.rung.shared) if isinstance(classifier.rung, SharesBase) else id(classifier)


def scored_together(asked: Sequence[Asked]) -> list[tuple[NDArray[np.float64], bool]]:
    """Scores before temperature, shape [K], and whether the message was shortened; one of each message, in order.

    Args:
        asked: messages of one lane.
    """
    first = asked[0][0]
    if not isinstance(first.rung, SharesBase):
        logits, truncated = first.logits_of([message for _, message in asked])
        return [(row, bool(cut)) for row, cut in zip(logits, truncated, strict=True)]
    told: list[tuple[FittedRung, Budgeted]] = [(one.rung, m.row) for one, m in asked if m.row is not None]
    scores = iter(first.rung.scored_beside(told) if told else ())
    return [
        (classifier.prior_logits, False) if message.row is None else (next(scores), message.row.truncated)
        for classifier, message in asked
    ]
