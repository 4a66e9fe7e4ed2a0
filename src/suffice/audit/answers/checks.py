"""All checks of answers, in the order in which their findings are told."""

from __future__ import annotations

from suffice.audit.answers.answer_in_question import ANSWER_IN_QUESTION
from suffice.audit.answers.answer_styles import ANSWER_STYLES
from suffice.audit.answers.check import AnswerCheck
from suffice.audit.answers.numbers_only import NUMBERS_ONLY
from suffice.audit.answers.trace_arithmetic import TRACE_ARITHMETIC
from suffice.audit.answers.trace_disagrees import TRACE_DISAGREES

CHECKS: tuple[AnswerCheck, ...] = (
    TRACE_ARITHMETIC,
    TRACE_DISAGREES,
    ANSWER_IN_QUESTION,
    ANSWER_STYLES,
    NUMBERS_ONLY,
)
