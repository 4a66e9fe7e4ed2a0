"""Traces whose last step does not have the answer in it: one of the two is wrong, or the last step is missing."""

from __future__ import annotations

from collections.abc import Iterator

from suffice.audit.check import Found
from suffice.audit.completions.check import AnswerRows, RowCheck, positions, without_traces
from suffice.text.counted import counted


def _needs(rows: AnswerRows) -> str | None:
    unsaid = all(check.last_line_agrees is None for check in rows.checked.values())
    return without_traces(rows) or ("no last step has a number to hold against the answer" if unsaid else None)


def _look(rows: AnswerRows) -> Iterator[Found]:
    told = {row: check for row, check in rows.checked.items() if check.last_line_agrees is not None}
    apart = [row for row, check in told.items() if not check.last_line_agrees]
    if apart:
        yield Found(
            rows=positions(apart),
            got=f"{len(apart):,} of {counted(len(told), 'trace')} end in other numbers than the answer",
            fix="correct the answer or the last step, whichever is wrong, or add the step that is missing",
            score=len(apart) / len(told),
        )


TRACE_DISAGREES = RowCheck(
    code="trace_disagrees",
    severity="warn",
    rule="the last step of a trace should come to the answer",
    look=_look,
    needs=_needs,
)
