"""What is wrong with the answers as answers."""

from __future__ import annotations

from suffice.evaluate.scored import Scored
from suffice.records.evaluation import FormLayer


def form(scored: Scored) -> FormLayer:
    """Answers outside the label set, texts that were shortened, texts with nothing in them."""
    return FormLayer(
        # Probabilities over exactly the task's labels cannot answer with anything else: 0 by construction.
        invalid_label_rate=float(scored.predictions.invented.mean()),
        n_truncated=scored.predictions.n_truncated,
        n_empty=scored.n_empty,
    )
