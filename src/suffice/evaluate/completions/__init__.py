"""Completions of a system, answers or tool calls, beside what is right to an evaluation; one layer per file."""

from suffice.evaluate.completions.answers import judged_answers
from suffice.evaluate.completions.clusters import cluster_rows
from suffice.evaluate.completions.compare import compare_completions, flips_between
from suffice.evaluate.completions.evaluation import evaluate_completions
from suffice.evaluate.completions.judged import Judged, JudgedRow
from suffice.evaluate.completions.overlays import doubted
from suffice.evaluate.completions.tool_calls import judged_calls

__all__ = [
    "Judged",
    "JudgedRow",
    "cluster_rows",
    "compare_completions",
    "doubted",
    "evaluate_completions",
    "flips_between",
    "judged_answers",
    "judged_calls",
]
