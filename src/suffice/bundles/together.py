"""Messages to several bundles, scored at once where they stand on one base."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from suffice.bundles.classifier import Classifier, ReadMessage, ScoredMessage
from suffice.rungs.interface import FittedRung, Scores, SharesBase
from suffice.text.token_budget import Budgeted

Asked = tuple[Classifier, ReadMessage]
"""A message, and whose it is."""


def lane_of(classifier: Classifier) -> Hashable:
    """What messages that can be scored at once have in common: the base in memory, or the classifier itself.

    Args:
        classifier: a bundle in memory.
    """
    return id(classifier.rung.shared) if isinstance(classifier.rung, SharesBase) else id(classifier)


def scored_together(asked: Sequence[Asked]) -> list[ScoredMessage]:
    """What each message is answered by, in order.

    Args:
        asked: messages of one lane.
    """
    first = asked[0][0]
    if not isinstance(first.rung, SharesBase):
        return first.scored([message for _, message in asked])
    told: list[tuple[FittedRung, Budgeted]] = [(one.rung, m.row) for one, m in asked if m.row is not None]
    scores = iter(first.rung.scored_beside(told) if told else ())
    found = []
    for classifier, message in asked:
        if message.row is None:
            found.append(classifier.empty)
            continue
        alone = Scores(logits=next(scores)[None], truncated=np.array([message.row.truncated], dtype=np.bool_))
        found += classifier.scored_by(alone)
    return found
