"""Whether the probabilities mean what they say."""

from __future__ import annotations

from suffice.evaluate.scored import Scored
from suffice.records.evaluation import ProbabilityLayer
from suffice.stats.calibration import calibration_floor, expected_calibration_error, log_loss, reliability


def probability(scored: Scored) -> ProbabilityLayer:
    """Log-loss, and the calibration error beside the error that chance alone would make on these rows.

    Source: `stats.calibration`.
    """
    bins = reliability(scored.confidence, scored.right)
    return ProbabilityLayer(
        log_loss=log_loss(scored.predictions.probs, scored.y_true),
        ece=expected_calibration_error(bins),
        ece_floor=calibration_floor(scored.confidence, seed=scored.seed),
        reliability=bins,
    )
