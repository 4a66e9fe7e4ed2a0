"""All checks of answers and of calls, in the order in which their findings are told, and what they find."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from suffice.audit.completions.answer_in_question import ANSWER_IN_QUESTION
from suffice.audit.completions.answer_styles import ANSWER_STYLES
from suffice.audit.completions.call_in_request import CALL_IN_REQUEST
from suffice.audit.completions.check import AnswerRows, AskedRows, CallRows, RowCheck
from suffice.audit.completions.choice_not_offered import CHOICE_NOT_OFFERED
from suffice.audit.completions.conflicting_answers import CONFLICTING_ANSWERS
from suffice.audit.completions.conflicting_calls import CONFLICTING_CALLS
from suffice.audit.completions.gold_calls import GOLD_CALLS
from suffice.audit.completions.numbers_only import NUMBERS_ONLY
from suffice.audit.completions.trace_arithmetic import TRACE_ARITHMETIC
from suffice.audit.completions.trace_disagrees import TRACE_DISAGREES
from suffice.audit.completions.unlearnable import UNLEARNABLE
from suffice.audit.completions.unlearnable_calls import UNLEARNABLE_CALLS
from suffice.audit.places import Places
from suffice.records.finding import Audit, Finding, NotApplicable

Rows = TypeVar("Rows", bound=AskedRows)
ANSWER_CHECKS: tuple[RowCheck[AnswerRows], ...] = (
    TRACE_ARITHMETIC,
    TRACE_DISAGREES,
    CONFLICTING_ANSWERS,
    ANSWER_IN_QUESTION,
    CHOICE_NOT_OFFERED,
    ANSWER_STYLES,
    UNLEARNABLE,
    NUMBERS_ONLY,
)
CALL_CHECKS: tuple[RowCheck[CallRows], ...] = (
    GOLD_CALLS,
    CONFLICTING_CALLS,
    CALL_IN_REQUEST,
    UNLEARNABLE_CALLS,
    NUMBERS_ONLY,
)


def held(checks: Sequence[RowCheck[Rows]], rows: Rows, places: Places) -> Audit:
    """Holds rows against every check of their kind.

    Args:
        checks: of the kind.
        rows: all of them.
        places: where they stand.
    """
    findings, not_applicable = list[Finding](), list[NotApplicable]()
    for check in checks:
        why_not = check.needs(rows)
        if why_not is not None:
            not_applicable.append(NotApplicable(code=check.code, why=why_not))
            continue
        findings += [
            places.finding(found, code=check.code, severity=check.severity, rule=check.rule)
            for found in check.look(rows)
        ]
    return Audit(findings=tuple(findings), not_applicable=tuple(not_applicable), allowed=(), learnability=None)
