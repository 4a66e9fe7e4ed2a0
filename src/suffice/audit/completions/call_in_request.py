"""Requests that hold their own right call, written out: a model need not choose anything to be right.

Read are the turns of the user and of the system, in any form of calls that is read of a model, Python's syntax within a
sentence included. Calls that the assistant made in earlier turns are no leak, and neither is a request that says the
name of a tool, or values, in words of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from suffice.audit.check import Found
from suffice.audit.completions.check import CallRows, RowCheck, positions, without_calls
from suffice.kinds.calls.match import matched
from suffice.kinds.calls.parse import parse
from suffice.kinds.calls.python import UnreadableCall, python_calls
from suffice.kinds.calls.python_meant import MAX_CHARACTERS
from suffice.kinds.schemas.tools import spelled, wire_name
from suffice.records.tool_calls import Tool, ToolCall, ToolExample
from suffice.text.counted import counted

MAX_CALLS = 20
"""Beginnings of a call that are looked at in one turn, and brackets that may end each."""
MAX_WRITTEN = 2_000
"""Characters of a call in Python's syntax that is looked for in a text."""


def _look(rows: CallRows) -> Iterator[Found]:
    leaks = [row for row, example in enumerate(rows.examples) if example.accepted and _holds_call(example)]
    if leaks:
        n_called = sum(bool(example.accepted) for example in rows.examples)
        yield Found(
            rows=positions(leaks),
            got=f"{len(leaks):,} of {counted(n_called, 'request')} with right calls hold one of them, written out",
            fix="take the call out of the request, unless it will stand there in every request to come",
            score=len(leaks) / n_called,
        )


def _holds_call(example: ToolExample) -> bool:
    tools = {tool.name: tool for tool in example.tools}
    accepted = [replace(one, name=spelled(one.name, example.tools)) for one in example.accepted]
    names = {form for one in accepted for form in (one.name, wire_name(one.name))}
    told = [one.content for one in example.messages if one.role in {"user", "system"}]
    written = [
        replace(call, name=spelled(call.name, example.tools))
        for text in told
        if any(name in text for name in names)
        for call in _calls_in(text[:MAX_CHARACTERS], example.tools)
    ]
    return any(place is not None for place in matched(written, accepted, tools))


def _calls_in(text: str, tools: Sequence[Tool]) -> Iterator[ToolCall]:
    """Calls as they are read of a model, and those in Python's syntax wherever they stand."""
    names = [tool.name for tool in tools]
    yield from parse(text, names=names).calls
    spellings = sorted({*names, *map(wire_name, names)}, key=len, reverse=True)
    begins = re.finditer(rf"(?<![\w.])(?:{'|'.join(map(re.escape, spellings))})\s?\(", text)
    for begin, _ in zip(begins, range(MAX_CALLS), strict=False):
        yield from _python_call(text[begin.start() : begin.start() + MAX_WRITTEN])


def _python_call(text: str) -> tuple[ToolCall, ...]:
    """The call that a text begins with, up to the first bracket that makes it one; none where no bracket does."""
    for end, _ in zip(re.finditer(r"\)", text), range(MAX_CALLS), strict=False):
        try:
            return python_calls(text[: end.end()])
        except UnreadableCall:
            continue
    return ()


CALL_IN_REQUEST = RowCheck(
    code="call_in_request",
    severity="warn",
    rule="a request should not hold its own right call",
    look=_look,
    needs=without_calls,
)
