"""All layers of one system's completions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from suffice.evaluate.completions.accuracy import accuracy, without_rejected
from suffice.evaluate.completions.examples import examples
from suffice.evaluate.completions.form import form
from suffice.evaluate.completions.judged import Judged
from suffice.evaluate.completions.overlays import overlays
from suffice.evaluate.completions.repetition import repetition
from suffice.evaluate.completions.support import support
from suffice.evaluate.completions.trace import trace
from suffice.evaluate.completions.waterfall import waterfall
from suffice.records.clusters import FailureClusters
from suffice.records.completion_evaluation import CompletionEvaluation
from suffice.records.evaluation import NotMeasured

LAYERS: tuple[tuple[str, Callable[[Judged], Any]], ...] = (
    ("accuracy", accuracy),
    ("without_rejected", without_rejected),
    ("waterfall", waterfall),
    ("form", form),
    ("overlays", overlays),
    ("trace", trace),
    ("repetition", repetition),
    ("support", support),
    ("examples", examples),
)
"""Field of `CompletionEvaluation`, and what fills it; accuracy first, then what explains it."""


def evaluate_completions(judged: Judged, *, clusters: FailureClusters | NotMeasured) -> CompletionEvaluation:
    """Scores one system's completions, layer by layer.

    Args:
        judged: what it wrote, parsed and judged.
        clusters: where its failures come together; made apart, since that needs what the questions mean.
    """
    layers = {field: layer(judged) for field, layer in LAYERS}
    n_gave_up, other = sum(row.gave_up for row in judged.rows), judged.where(lambda row: row.says_other)
    return CompletionEvaluation(
        n=len(judged.rows),
        n_gave_up=n_gave_up,
        clusters=clusters,
        says_other=judged.share(other) if other.any() else None,
        **layers,
    )
