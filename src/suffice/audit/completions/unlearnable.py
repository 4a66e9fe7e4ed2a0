"""Answers that nobody could find out from what is given: their facts have to be known by heart.

Looked at are the question, the context that is given beside it, and the trace; documents of a task are not. A number or
a name of an answer that stands in none of them, and is the answer of no other row, can be learned from no row. Numbers
without a trace are left out, since they may have been computed. Beside it: traces that compute with a number from
nowhere, which whoever writes such a trace has to know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from suffice.audit.check import Found
from suffice.audit.completions.check import AnswerRows, RowCheck, positions
from suffice.kinds.support import unsupported
from suffice.text.counted import counted
from suffice.text.normalise import canonical

_FIX = "give what is needed in the question or as a context, or expect that only a model that knows it is right"


def _told(rows: AnswerRows) -> list[int]:
    """Rows of which it can be told."""
    words = rows.spec.type == "text"
    return [row for row, trace in enumerate(rows.traces) if words or (rows.spec.type == "number" and trace is not None)]


def _needs(rows: AnswerRows) -> str | None:
    return None if _told(rows) else "no answer is a text, or a number with a trace"


def _look(rows: AnswerRows) -> Iterator[Found]:
    told, times = _told(rows), Counter(map(canonical, rows.answers))
    unknown = [
        row
        for row in told
        if times[canonical(rows.answers[row])] == 1
        and unsupported(rows.answers[row], sources=f"{rows.given[row]}\n{rows.traces[row] or ''}")
    ]
    if unknown:
        yield Found(
            rows=positions(unknown),
            got=f"{len(unknown):,} of {counted(len(told), 'answer')} have a number or a name that is in neither "
            "question, context nor trace, and the answer of no other row",
            fix=_FIX,
            score=len(unknown) / len(told),
        )
    strangers = [row for row, check in rows.checked.items() if check.strangers]
    if strangers:
        yield Found(
            rows=positions(strangers),
            got=f"{len(strangers):,} of {counted(len(rows.checked), 'trace')} compute with a number that is neither "
            "in the question nor computed before",
            fix=_FIX,
            score=len(strangers) / len(rows.checked),
        )


UNLEARNABLE = RowCheck(
    code="unlearnable",
    severity="note",
    rule="what an answer needs should be in its question, its context or its trace",
    look=_look,
    needs=_needs,
)
