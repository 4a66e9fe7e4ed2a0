"""The class of a completion that should call tools: the first of `TOOL_CLASSES` that holds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from suffice.kinds.calls.match import Difference, differences, matched
from suffice.kinds.schemas.arguments import violations
from suffice.kinds.schemas.keywords import Patience
from suffice.kinds.schemas.tools import spelled
from suffice.records.tool_calls import (
    AcceptedCall,
    AcceptedObject,
    ParsedCalls,
    Tool,
    ToolCall,
    ToolClass,
    ToolExample,
    ToolJudgement,
)

MAX_SHOWN = 5
"""How many accepted values a judgement lists."""


def judge(parsed: ParsedCalls, example: ToolExample, *, truncated: bool = False) -> ToolJudgement:
    """What became of a completion.

    Args:
        parsed: what it calls.
        example: what there was to call, and what is right.
        truncated: whether it was cut off at the limit of tokens; calls that are right by then are right.
    """
    tools = {tool.name: tool for tool in example.tools}
    calls = tuple(replace(call, name=spelled(call.name, example.tools)) for call in parsed.calls)
    as_many = len(calls) == len(example.accepted)
    right = matched(calls, example.accepted, tools) if as_many else ()
    if as_many and None not in right and not parsed.fault:
        return _judgement("right")
    if truncated:
        return _judgement("truncated", got=parsed.fault.what if parsed.fault else None)
    if not example.accepted:
        return _judgement("called_when_none_right", call=0 if calls else None, got=_names(calls) or None)
    if parsed.fault:
        return _judgement("broken_syntax", call=parsed.fault.call, got=f"{parsed.fault.what} (at {parsed.fault.at})")
    if not calls:
        return _judgement("silent", accepted=[one.name for one in example.accepted])
    found = _wrong_tools(calls, example.accepted, tools, right)
    return found or _wrong_arguments(calls, example.accepted, tools, right)


def _wrong_tools(
    calls: Sequence[ToolCall],
    accepted: Sequence[AcceptedCall],
    tools: Mapping[str, Tool],
    right: Sequence[int | None],
) -> ToolJudgement | None:
    """What is wrong before any argument is looked at; None where each tool was called as often as is right."""
    wanted, made = Counter(one.name for one in accepted), Counter(call.name for call in calls)
    for number, call in enumerate(calls):
        if call.name not in tools:
            return _judgement("invented_tool", call=number, got=_shortened(call.name), accepted=list(tools))
    for number, call in enumerate(calls):
        one_too_many = bool(right) and right[number] is None and made[call.name] > wanted[call.name]
        if call.name not in wanted or one_too_many:
            return _judgement("wrong_tool", call=number, got=call.name, accepted=list(wanted - made or wanted))
    if len(calls) == len(accepted):
        return None
    return _judgement("wrong_number_of_calls", got=_names(calls), accepted=[_names(accepted)])


def _wrong_arguments(
    calls: Sequence[ToolCall],
    accepted: Sequence[AcceptedCall],
    tools: Mapping[str, Tool],
    right: Sequence[int | None],
) -> ToolJudgement:
    """The first call that violates its schema where it is not right; if none does, the first that is not right."""
    open_calls = [k for k in range(len(accepted)) if k not in right]
    values: list[ToolJudgement] = []
    patience = Patience()
    for number, call in enumerate(calls):
        if right[number] is not None:
            continue
        tool = tools[call.name]
        near = [differences(call, accepted[k], tool) for k in open_calls if accepted[k].name == call.name]
        wrong = min(near, key=len)
        by_name = {one.argument: one for one in wrong}
        for violation in violations(call.arguments, tool.parameters, patience=patience):
            if violation.argument is None or violation.argument in by_name:
                about = by_name.get(violation.argument or "", wrong[0])
                return _about("wrong_arguments_schema", number, about, place=violation.place, rule=violation.rule)
        values.append(_about("wrong_arguments_value", number, wrong[0], place=wrong[0].place, rule=None))
    return values[0]


def _about(outcome: ToolClass, call: int, difference: Difference, *, place: str, rule: str | None) -> ToolJudgement:
    got = _json(difference.got) if difference.given else None
    said = [value for value in difference.accepted if value != ""] or difference.accepted
    return _judgement(
        outcome,
        call=call,
        argument=place or None,
        got=f"{got}: {rule}" if got and rule else got or rule,
        accepted=[_json(value) for value in said[:MAX_SHOWN]],
    )


def _judgement(
    outcome: ToolClass,
    *,
    call: int | None = None,
    argument: str | None = None,
    got: str | None = None,
    accepted: Sequence[str] = (),
) -> ToolJudgement:
    return ToolJudgement(outcome=outcome, call=call, argument=argument, got=got, accepted=tuple(accepted[:MAX_SHOWN]))


def _names(calls: Sequence[ToolCall] | Sequence[AcceptedCall]) -> str:
    return _shortened(", ".join(call.name for call in calls))


def _json(value: Any) -> str:
    return _shortened(json.dumps(_plain(value), ensure_ascii=False, default=str))


def _plain(value: Any) -> Any:
    """An accepted value as JSON; where a key may be several things, the first stands for them."""
    if isinstance(value, AcceptedObject):
        return {name: _plain(one.values[0]) for name, one in value.keys.items() if one.values}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _shortened(text: str, *, limit: int = 200) -> str:
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
