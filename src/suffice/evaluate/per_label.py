"""Precision, recall and F1 of every label."""

from __future__ import annotations

from suffice.evaluate.scored import Scored
from suffice.records.evaluation import LabelScore
from suffice.stats.f1 import label_scores


def per_label(scored: Scored) -> tuple[LabelScore, ...]:
    """The figures of every label of the set, in its order; labels that no scored row has included.

    Source: `stats.f1.label_scores`.
    """
    return label_scores(scored.counts, scored.predictions.labels, invented=scored.invented)
