"""Right calls with a value that nobody could find out from what is given: it has to be known by heart.

Looked at are the request with everything before it, the tools with their schemas, and the documents of the task. A
value that right calls of other rows have too, and that is not said there either, can be learned from those.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from suffice.audit.check import Found
from suffice.audit.completions.check import CallRows, RowCheck, positions, without_calls
from suffice.kinds.calls.support import Said, said_in, unsaid
from suffice.records.tool_calls import Tool
from suffice.text.counted import counted

N_NAMED = 3
"""Arguments that are named, those first that most rows lack."""
_KEPT = 1_000
"""Tools whose words are kept: most rows offer the same ones."""


def _look(rows: CallRows) -> Iterator[Found]:
    lacking = _lacking(rows, range(len(rows.questions)), beside=())
    if lacking and rows.knowledge:
        lacking = _lacking(rows, lacking, beside=(said_in(rows.knowledge),))
    times = Counter(value for values in lacking.values() for value in values)
    alone = {row: {name for name, value in values if times[name, value] == 1} for row, values in lacking.items()}
    told = {row: names for row, names in alone.items() if names}
    if told:
        n_called = sum(bool(example.accepted) for example in rows.examples)
        names = Counter(name for of_row in told.values() for name in of_row)
        such_as = ", ".join(f"{name!r} in {counted(n, 'row')}" for name, n in names.most_common(N_NAMED))
        places = "request, tools nor knowledge" if rows.knowledge else "request nor tools"
        yield Found(
            rows=positions(told),
            got=f"{len(told):,} of {counted(n_called, 'row')} with right calls have a value that is in neither "
            f"{places}, and right in no other row: {such_as}",
            fix="say what the value is made of in the request, in the tool's schema or as `knowledge`, let the "
            "argument be left out, or expect that only a model that knows it is right",
            score=len(told) / n_called,
        )


def _lacking(
    rows: CallRows, those: Iterable[int], *, beside: tuple[Said, ...]
) -> dict[int, frozenset[tuple[str, str]]]:
    """Which of some rows lack what, and what was given beside the request and its tools."""
    lacking = {}
    for row in those:
        example = rows.examples[row]
        given = (said_in(rows.questions[row]), *map(_said_by, map(_written, example.tools)), *beside)
        lacking[row] = unsaid(example.accepted, given)
    return {row: values for row, values in lacking.items() if values}


def _written(tool: Tool) -> str:
    return json.dumps([tool.name, tool.description, tool.parameters], ensure_ascii=False)


@lru_cache(maxsize=_KEPT)
def _said_by(tool: str) -> Said:
    return said_in(tool)


UNLEARNABLE_CALLS = RowCheck(
    code="unlearnable_calls",
    severity="note",
    rule="what a right call needs should be in its request or in its tools",
    look=_look,
    needs=without_calls,
)
