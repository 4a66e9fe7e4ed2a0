"""Traces with a step that is wrong: a sum that does not add up, a number copied wrongly, a quantity with two values.

What it does not see: a sum that is the wrong one to make. In GSM8K's own 8,792 traces 1 in 240 is found, nearly all of
them slips of the pen beside a right calculator annotation (docs/EVALUATION.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from suffice.audit.check import Found
from suffice.audit.completions.check import AnswerRows, RowCheck, positions, without_traces
from suffice.records.trace import Fault
from suffice.text.counted import counted

_SAID: dict[Fault, str] = {
    "arithmetic": "an equation that does not hold",
    "copied": "a result copied wrongly",
    "contradiction": "a quantity with two values",
}


def _look(rows: AnswerRows) -> Iterator[Found]:
    wrong = {row: check for row, check in rows.checked.items() if check.faults}
    if wrong:
        kinds = Counter(what for check in wrong.values() for what in {fault.what for fault in check.faults})
        yield Found(
            rows=positions(wrong),
            got=f"{len(wrong):,} of {counted(len(rows.checked), 'trace')} have a wrong step: "
            + ", ".join(f"{kinds[what]:,} with {said}" for what, said in _SAID.items() if kinds[what]),
            fix="correct the steps, or take the traces of these rows out: a model learns to compute as they do",
            score=len(wrong) / len(rows.checked),
        )


TRACE_ARITHMETIC = RowCheck(
    code="trace_arithmetic",
    severity="warn",
    rule="every step of a trace should hold when it is computed anew",
    look=_look,
    needs=without_traces,
)
