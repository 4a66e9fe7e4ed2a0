"""Predictions to an Evaluation; one layer per file."""

from suffice.evaluate.compare import compare
from suffice.evaluate.evaluation import evaluate

__all__ = ["compare", "evaluate"]
