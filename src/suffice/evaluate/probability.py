"""Whether the probabilities mean what they say."""

from __future__ import annotations

from suffice.evaluate.scored import Scored
from suffice.records.evaluation import NotMeasured, ProbabilityLayer
from suffice.stats.calibration import calibration_floor, expected_calibration_error, log_loss, reliability

NO_PROBABILITIES = "the rung gives labels and states no probabilities"


def probability(scored: Scored) -> ProbabilityLayer | NotMeasured:
    """Log-loss, and the calibration error beside the error that chance alone would make on these rows.

    Source: `stats.calibration`.
    """
    probs = scored.predictions.probs
    if probs is None or scored.confidence is None:
        return NotMeasured(why=NO_PROBABILITIES)
    bins = reliability(scored.confidence, scored.right)
    return ProbabilityLayer(
        log_loss=log_loss(probs, scored.y_true),
        ece=expected_calibration_error(bins),
        ece_floor=calibration_floor(scored.confidence, seed=scored.seed),
        reliability=bins,
    )
