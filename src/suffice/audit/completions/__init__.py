"""Questions with answers, or requests with right calls, to what is wrong with them; one check per file."""

from suffice.audit.completions.check import AnswerRows, CallRows, RowCheck
from suffice.audit.completions.checks import ANSWER_CHECKS, CALL_CHECKS, held

__all__ = ["ANSWER_CHECKS", "CALL_CHECKS", "AnswerRows", "CallRows", "RowCheck", "held"]
