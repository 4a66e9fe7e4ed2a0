"""What lies outside of a bundle, as if it had been found on calibration rows."""

from __future__ import annotations

from suffice.bundles.scope import Scope
from suffice.records.scope import Measure, ScopeRecord
from suffice.stats.distance import Clouds


def scope(threshold: float | None, *, measure: Measure = "logit", known: Clouds | None = None) -> Scope:
    """A scope with a threshold.

    Args:
        threshold: beyond which messages are outside; None for none.
        measure: what is measured.
        known: of training rows, where distances are.
    """
    record = ScopeRecord(
        measure=measure,
        max_refused=0.05,
        threshold=threshold,
        n_inside=100,
        n_refused=4,
        outside_by="held_out",
        n_outside=100,
        n_caught=60,
        separation=0.9,
    )
    return Scope(record=record, clouds=known)
