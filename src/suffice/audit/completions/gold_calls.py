"""Right calls that no one could make: of a tool that there is not, or with arguments that its schema forbids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from suffice.audit.check import Found
from suffice.audit.completions.check import CallRows, RowCheck, positions, without_calls
from suffice.kinds.calls.rows import gold_calls
from suffice.kinds.schemas.arguments import violations
from suffice.kinds.schemas.keywords import Patience
from suffice.kinds.schemas.tools import spelled
from suffice.records.tool_calls import AcceptedArgument, AcceptedCall, Tool, ToolCall, ToolExample
from suffice.text.counted import counted

_SAID = {
    "invented": "with a tool that is not among the row's tools",
    "nothing": "with an argument that must be given and has no right value",
    "schema": "with arguments that the tool's own schema forbids",
}


def _fault(example: ToolExample) -> str | None:
    """What is wrong with the right calls of a row, the worst first; None where nothing is."""
    tools = {tool.name: tool for tool in example.tools}
    if any(spelled(one.name, example.tools) not in tools for one in example.accepted):
        return "invented"
    if gold_calls(example.accepted) is None:
        return "nothing"
    patience = Patience()
    kept = all(_can_keep(one, tools[spelled(one.name, example.tools)], patience) for one in example.accepted)
    return None if kept else "schema"


def _can_keep(call: AcceptedCall, tool: Tool, patience: Patience) -> bool:
    """Whether there is a way to make a right call that keeps to the schema: of each argument the first right value
    that does, or none where it may be left out.
    """
    fitting = {name: _fitting(name, right, tool, patience) for name, right in call.arguments.items()}
    given = {name: value for name, (value, is_given) in fitting.items() if is_given}
    return not violations(given, tool.parameters, patience=patience)


def _fitting(name: str, right: AcceptedArgument, tool: Tool, patience: Patience) -> tuple[Any, bool]:
    """The value that an argument is given, and whether it is given at all."""
    values = [value for value in right.values if value != "" or not right.optional]
    calls = [_with(name, value, tool) for value in values]
    for call in calls:
        found = violations(call.arguments, tool.parameters, patience=patience)
        if not any(one.argument == name for one in found):
            return call.arguments[name], True
    return (None, False) if right.optional or not calls else (calls[0].arguments[name], True)


def _with(name: str, value: Any, tool: Tool) -> ToolCall:
    """A call with one argument, as it would be made."""
    only = AcceptedArgument(values=(value,), optional=False)
    [call] = gold_calls([AcceptedCall(name=tool.name, arguments={name: only})]) or ()
    return call


def _look(rows: CallRows) -> Iterator[Found]:
    faults = {row: fault for row, example in enumerate(rows.examples) if (fault := _fault(example)) is not None}
    n_called = sum(bool(example.accepted) for example in rows.examples)
    if faults:
        kinds = Counter(faults.values())
        yield Found(
            rows=positions(faults),
            got=f"{len(faults):,} of {counted(n_called, 'row')} with right calls cannot be right: "
            + ", ".join(f"{kinds[what]:,} {said}" for what, said in _SAID.items() if kinds[what]),
            fix="correct the call or the tool's schema: a model that keeps to the schema is judged wrong there",
            score=len(faults) / n_called,
        )


GOLD_CALLS = RowCheck(
    code="gold_calls",
    severity="warn",
    rule="right calls should be of the row's tools and keep to their schemas",
    look=_look,
    needs=without_calls,
)
