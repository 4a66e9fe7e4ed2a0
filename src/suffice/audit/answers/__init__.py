"""Questions with traces and answers to what is wrong with them; one check per file."""

from suffice.audit.answers.check import AnswerCheck, AnswerRows
from suffice.audit.answers.checks import CHECKS

__all__ = ["CHECKS", "AnswerCheck", "AnswerRows"]
