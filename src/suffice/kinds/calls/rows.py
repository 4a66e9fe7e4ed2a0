"""Rows with a request, tools and the right calls, in BFCL's form or as an OpenAI conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from suffice.errors import DataError, Problem, nearest, quoted
from suffice.kinds.calls.parse import parse_tool_calls
from suffice.kinds.schemas.nesting import deeper_than
from suffice.kinds.schemas.tools import MAX_WRITTEN, as_json, read_tools
from suffice.records.tool_calls import (
    AcceptedArgument,
    AcceptedCall,
    AcceptedObject,
    Message,
    Tool,
    ToolCall,
    ToolExample,
)

_ROLES = ("system", "user", "assistant", "tool")
_NEWER = {"developer": "system"}
"""What OpenAI calls the system's message of its newer models."""
_MESSAGE, _CALL = '{"role": "user", "content": "A train to Rome."}', '{"book": {"to": ["Rome"]}}'
"""A message and a right call, as errors show them."""


def read_row(row: Mapping[str, Any], *, where: str) -> ToolExample:
    """An example of `kind: tools`.

    Messages may stand in a list of one turn, as BFCL's questions do.

    With `accepted_calls` a row is in BFCL's form: each right call is `{name: {argument: [values that are right]}}`,
    `""` among the values says that the argument may be left out, and no call at all that none is right. Without it the
    last message has to be the assistant's: its `tool_calls`, exactly as they stand there, are what is right, and where
    it has none, no call is.

    Args:
        row: with `messages` and `tools`.
        where: how errors name the row: `calls.jsonl:18`.

    Raises:
        DataError: it is neither; everything that is wrong at once.
    """
    if deeper_than(row, MAX_WRITTEN + 4):
        raise DataError(_problem(where, "a row nests no deeper than its tools may", "deeper values", "flatten it"))
    as_json([row.get(key) for key in ("messages", "tools", "accepted_calls")], where=where)
    problems: list[Problem] = []
    messages: tuple[Message, ...] = ()
    tools: tuple[Tool, ...] = ()
    accepted: tuple[AcceptedCall, ...] = ()
    try:
        messages = _messages(row.get("messages"), where=f"{where}: messages")
    except DataError as error:
        problems += error.problems
    try:
        tools = read_tools(row.get("tools"), where=f"{where}: tools")
    except DataError as error:
        problems += error.problems
    try:
        if "accepted_calls" in row:
            accepted = _bfcl_calls(row["accepted_calls"], where=f"{where}: accepted_calls")
        elif messages:
            messages, accepted = _last_calls(messages, where=f"{where}: messages")
    except DataError as error:
        problems += error.problems
    if problems:
        raise DataError(problems)
    return ToolExample(messages=messages, tools=tools, accepted=accepted)


def read_request(row: Mapping[str, Any], *, where: str) -> ToolExample:
    """A request that is to be answered: what a row says of what is right is not read.

    Args:
        row: with `messages` and `tools`; messages may end with the assistant's, which is left out.
        where: how errors name the row.

    Raises:
        DataError: it is none; everything that is wrong at once.
    """
    if not isinstance(row, Mapping):
        fix = 'write {"messages": [...], "tools": [...]}'
        raise DataError(_problem(where, "a request is an object with messages and tools", quoted(row), fix))
    messages = row.get("messages")
    asked = isinstance(messages, list) and len(messages) > 1 and _is_answer(messages[-1])
    known = {"messages": messages[:-1] if asked and isinstance(messages, list) else messages, "tools": row.get("tools")}
    return read_row({**known, "accepted_calls": []}, where=where)


def _is_answer(message: Any) -> bool:
    return isinstance(message, Mapping) and message.get("role") == "assistant"


def gold_calls(accepted: Sequence[AcceptedCall]) -> tuple[ToolCall, ...] | None:
    """One way to call everything that is right: of each argument the first value that is no empty string.

    None where that cannot be done, because an argument that must be given has no value that is right.

    Args:
        accepted: of an example.
    """
    calls: list[ToolCall] = []
    for one in accepted:
        arguments = _first(one.arguments)
        if arguments is None:
            return None
        calls.append(ToolCall(name=one.name, arguments=arguments))
    return tuple(calls)


def accepted_json(accepted: Sequence[AcceptedCall]) -> list[Any]:
    """Calls that are right in BFCL's form: each `{name: {argument: [values that are right]}}`.

    Args:
        accepted: of an example.
    """
    return [{one.name: {name: _values(right) for name, right in one.arguments.items()}} for one in accepted]


def _values(right: AcceptedArgument) -> list[Any]:
    left_out = [""] if right.optional and "" not in right.values else []
    return [*map(_either_json, right.values), *left_out]


def _either_json(value: Any) -> Any:
    if isinstance(value, AcceptedObject):
        return {key: _values(right) for key, right in value.keys.items()}
    return [_either_json(one) for one in value] if isinstance(value, list | tuple) else value


def _first(arguments: Mapping[str, AcceptedArgument]) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for name, right in arguments.items():
        said = [value for value in right.values if value != ""] or ([] if right.optional else list(right.values))
        if said:
            found[name] = _plain(said[0])
        elif not right.optional:
            return None
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, AcceptedObject):
        return _first(value.keys) or {}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _messages(raw: Any, *, where: str) -> tuple[Message, ...]:
    if not isinstance(raw, list) or not raw:
        fix = f"give the request: [{_MESSAGE}]"
        raise DataError(_problem(where, "must be a list of at least one message", quoted(raw), fix))
    turns = [one for one in raw if isinstance(one, list)]
    if len(turns) > 1:
        fix = "make each turn a row, with all messages before its right calls in one list"
        raise DataError(_problem(where, "must be the messages of one request", f"{len(turns)} lists of them", fix))
    found: list[Message] = []
    problems: list[Problem] = []
    for number, one in enumerate(turns[0] if turns and len(raw) == 1 else raw):
        try:
            found.append(_message(one, where=f"{where}[{number}]"))
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    return tuple(found)


def _message(raw: Any, *, where: str) -> Message:
    rule = "a message is an object with a role"
    if not isinstance(raw, Mapping):
        raise DataError(_problem(where, rule, quoted(raw), f"write {_MESSAGE}"))
    role: Any = raw.get("role")
    role = _NEWER.get(role, role) if isinstance(role, str) else role
    if role not in _ROLES:
        near = nearest(role, _ROLES) if isinstance(role, str) and len(role) < 40 else ""
        raise DataError(_problem(where, rule, f"{quoted(role)}{near}", f"one of {', '.join((*_ROLES, *_NEWER))}"))
    parsed = parse_tool_calls(raw.get("tool_calls"))
    if parsed.fault:
        place = f"{where}.tool_calls" if parsed.fault.call is None else f"{where}.tool_calls[{parsed.fault.call}]"
        got = f"{parsed.fault.what} (character {parsed.fault.at} of the arguments)"
        rule, fix = "a call has a name, and arguments that are JSON in a string", "correct the call"
        raise DataError(_problem(place, rule, got, fix))
    call_id = raw.get("tool_call_id")
    return Message(
        role=role,
        content=_content(raw.get("content"), where=where),
        calls=parsed.calls,
        call_id=call_id if isinstance(call_id, str) else None,
    )


def _content(raw: Any, *, where: str) -> str:
    """Text; also of a list of parts, where all of them are text."""
    if isinstance(raw, str | None):
        return raw or ""
    if isinstance(raw, list) and all(isinstance(part, Mapping) and isinstance(part.get("text"), str) for part in raw):
        return "".join(part["text"] for part in raw)
    raise DataError(_problem(where, "a message's content is text", quoted(raw), "leave out what is no text"))


def _last_calls(messages: tuple[Message, ...], *, where: str) -> tuple[tuple[Message, ...], tuple[AcceptedCall, ...]]:
    *before, last = messages
    if last.role != "assistant" or not before:
        fix = "end with the assistant's message, or give `accepted_calls`"
        raise DataError(_problem(where, "the right calls must be told", f"a last message of role {last.role!r}", fix))
    accepted = [
        AcceptedCall(name=call.name, arguments={name: _exactly(value) for name, value in call.arguments.items()})
        for call in last.calls
    ]
    return tuple(before), tuple(accepted)


def _exactly(value: Any) -> AcceptedArgument:
    return AcceptedArgument(values=(_exact(value),), optional=False)


def _exact(value: Any) -> Any:
    if isinstance(value, Mapping):
        return AcceptedObject(keys={key: _exactly(one) for key, one in value.items()})
    return tuple(map(_exact, value)) if isinstance(value, list | tuple) else value


def _bfcl_calls(raw: Any, *, where: str) -> tuple[AcceptedCall, ...]:
    rule = "each right call is {name: {argument: [values]}}"
    fix = f"write [{_CALL}], of each argument a list of all its right values; [] says that no call is right"
    if not isinstance(raw, list):
        raise DataError(_problem(where, "must be a list of right calls", quoted(raw), fix))
    calls, problems = list[AcceptedCall](), list[Problem]()
    for number, one in enumerate(raw):
        place = f"{where}[{number}]"
        if (
            not isinstance(one, Mapping)
            or len(one) != 1
            or not isinstance(arguments := next(iter(one.values())), Mapping)
        ):
            problems.append(_problem(place, rule, quoted(one), fix))
            continue
        (name,) = one
        unlisted = {key: values for key, values in arguments.items() if not isinstance(values, list)}
        problems += [_problem(f"{place}.{name}.{key}", rule, quoted(values), fix) for key, values in unlisted.items()]
        if not unlisted:
            calls.append(AcceptedCall(name=name, arguments={key: _listed(values) for key, values in arguments.items()}))
    if problems:
        raise DataError(problems)
    return tuple(calls)


def _listed(values: Sequence[Any]) -> AcceptedArgument:
    return AcceptedArgument(values=tuple(map(_either, values)), optional="" in values)


def _either(value: Any) -> Any:
    """A value of BFCL's: an object whose keys all have lists says what each key may be; any other is meant as it is."""
    if isinstance(value, Mapping) and all(isinstance(one, list) for one in value.values()):
        return AcceptedObject(keys={key: _listed(one) for key, one in value.items()})
    return tuple(map(_either, value)) if isinstance(value, list | tuple) else _exact(value)


def _problem(where: str, rule: str, got: str, fix: str) -> Problem:
    return Problem(where=where, rule=rule, got=got, fix=fix)
