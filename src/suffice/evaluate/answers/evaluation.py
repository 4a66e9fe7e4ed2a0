"""All layers of one system's answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from suffice.evaluate.answers.accuracy import accuracy
from suffice.evaluate.answers.examples import examples
from suffice.evaluate.answers.form import form
from suffice.evaluate.answers.judged import JudgedAnswers
from suffice.evaluate.answers.waterfall import waterfall
from suffice.records.answer_evaluation import AnswerEvaluation
from suffice.records.evaluation import NotMeasured

LAYERS: tuple[tuple[str, Callable[[JudgedAnswers], Any]], ...] = (
    ("accuracy", accuracy),
    ("waterfall", waterfall),
    ("form", form),
    ("examples", examples),
)
"""Field of `AnswerEvaluation`, and what fills it; accuracy first, then what explains it."""
NO_TRACES = NotMeasured(why="the steps of traces are not looked at by this command")
NO_CLUSTERS = NotMeasured(why="failures are not sorted into clusters by this command")


def evaluate_answers(judged: JudgedAnswers) -> AnswerEvaluation:
    """Scores one system's answers, layer by layer.

    Args:
        judged: its answers, parsed and judged.
    """
    layers = {field: layer(judged) for field, layer in LAYERS}
    n_gave_up = sum(verdict.gave_up for verdict in judged.verdicts)
    return AnswerEvaluation(
        n=len(judged.questions),
        n_gave_up=n_gave_up,
        overlays=NO_TRACES,
        trace=NO_TRACES,
        clusters=NO_CLUSTERS,
        **layers,
    )
