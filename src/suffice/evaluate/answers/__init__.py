"""Answers of a system beside the right ones to an evaluation; one layer per file."""

from suffice.evaluate.answers.compare import compare_answers
from suffice.evaluate.answers.evaluation import evaluate_answers
from suffice.evaluate.answers.judged import JudgedAnswers, judged
from suffice.evaluate.answers.suspected import suspected_gold

__all__ = ["JudgedAnswers", "compare_answers", "evaluate_answers", "judged", "suspected_gold"]
