"""Which labels are taken for which, with the rows to look at."""

from __future__ import annotations

import numpy as np

from suffice.evaluate.scored import Scored
from suffice.records.evaluation import ConfusedPair, ConfusionLayer

MAX_PAIRS = 50
"""Pairs that are named; `counts` holds them all."""
MAX_IDS = 20
"""Rows that are named of each pair; `count` counts them all."""


def confusion(scored: Scored) -> ConfusionLayer:
    """The matrix, and its worst pairs: most rows first, of equal ones that of the earlier label."""
    counts = scored.counts
    wrong = counts - np.diag(counts.diagonal())
    labels, given = np.nonzero(wrong)
    worst = np.argsort(-wrong[labels, given], kind="stable")[:MAX_PAIRS]
    return ConfusionLayer(
        counts=tuple(tuple(row) for row in counts.tolist()),
        worst=tuple(_pair(scored, int(labels[pair]), int(given[pair])) for pair in worst),
        invented=None if scored.invented is None else tuple(scored.invented.tolist()),
    )


def _pair(scored: Scored, label: int, given: int) -> ConfusedPair:
    """Rows of one label that were given another; the surest mistakes say most about label or text. Where nobody said
    how sure they are, rows come in their order.
    """
    of_label, probs = scored.y_true == label, scored.predictions.probs
    rows = np.flatnonzero(of_label & (scored.predictions.y_pred == given))
    surest = (rows if probs is None else rows[np.argsort(-probs[rows, given], kind="stable")])[:MAX_IDS]
    names = scored.predictions.labels.names
    return ConfusedPair(
        label=names[label],
        predicted=names[given],
        count=len(rows),
        share=len(rows) / int(of_label.sum()),
        ids=tuple(scored.predictions.ids[row] for row in surest),
    )
