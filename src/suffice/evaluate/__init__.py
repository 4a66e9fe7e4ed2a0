"""Predictions to an Evaluation; one layer per file."""

from suffice.evaluate.compare import compare
from suffice.evaluate.evaluation import evaluate
from suffice.evaluate.hosted import hosted_figures

__all__ = ["compare", "evaluate", "hosted_figures"]
