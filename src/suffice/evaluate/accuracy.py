"""How often the label is right, and how far that can be trusted."""

from __future__ import annotations

from suffice.evaluate.scored import Scored
from suffice.records.evaluation import AccuracyLayer
from suffice.stats.binomial import interval
from suffice.stats.f1 import macro_f1, macro_f1_draws
from suffice.stats.groups import design_effect
from suffice.stats.proof import effective_rows
from suffice.stats.resampling import percentile_interval


def accuracy(scored: Scored) -> AccuracyLayer:
    """Accuracy and macro-F1 with their 95% intervals; rows in groups count as fewer than they are.

    Source:
        Accuracy: `stats.binomial.interval` on `stats.proof.effective_rows`.
        Macro-F1: `stats.f1.macro_f1_draws`.
    """
    y_true, y_pred, n_labels = scored.y_true, scored.predictions.y_pred, len(scored.predictions.labels)
    n, n_correct = len(y_true), int(scored.right.sum())
    effect = design_effect(scored.right, scored.groups)
    n_effective = effective_rows(n, effect)
    draws = macro_f1_draws(y_true, y_pred, n_labels=n_labels, groups=scored.groups, seed=scored.seed)
    return AccuracyLayer(
        n=n,
        n_correct=n_correct,
        accuracy=n_correct / n,
        interval=interval(n_correct / n * n_effective, n_effective),
        macro_f1=macro_f1(y_true, y_pred, n_labels=n_labels),
        macro_f1_interval=percentile_interval(draws),
        design_effect=effect,
    )
