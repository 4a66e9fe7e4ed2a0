"""`kind: tools`: a request and tools go in, calls of tools come out, or none.

`tool_rows` reads examples, `tool_calls` reads completions, `tool_judge` says what became of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from suffice.kinds.classify import Prompt
from suffice.kinds.tool_schema import wire_name
from suffice.records.constraint import Constraint
from suffice.records.tool_calls import Message, Tool, ToolCall

DEFAULT_INSTRUCTION = (
    "Answer the request by calling tools. Write a JSON list of the calls, each with the name of a tool and its "
    "arguments, and nothing else. Write [] if none of the tools fits."
)
"""What a model is told when the task file says nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolChat:
    """What a chat model is told, in OpenAI's form: a chat template and an endpoint take both as they are."""

    messages: tuple[Mapping[str, Any], ...]
    """Each with a role and content, and with `tool_calls` where there were any."""
    tools: tuple[Mapping[str, Any], ...]
    """Each `{"type": "function", "function": {...}}`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolShot:
    """A request with its calls, shown in the prompt."""

    messages: Sequence[Message]
    """Up to the request."""
    calls: Sequence[ToolCall]
    """What is right; empty where no call is."""


def chat(messages: Sequence[Message], tools: Sequence[Tool], *, instruction: str = "") -> ToolChat:
    """A request as a chat model is told it.

    Args:
        messages: up to the request.
        tools: what may be called.
        instruction: goes before the system's own message; empty for none, since models that take tools were tuned to
            call them.
    """
    told = [Message(role="system", content=instruction.strip())] if instruction.strip() else []
    if told and messages and messages[0].role == "system":
        both = f"{told[0].content}\n\n{messages[0].content}"
        told, messages = [Message(role="system", content=both)], messages[1:]
    return ToolChat(
        messages=tuple(_chat_message(one) for one in (*told, *messages)),
        tools=tuple({"type": "function", "function": _function(tool, name=wire_name(tool.name))} for tool in tools),
    )


def chat_answer(calls: Sequence[ToolCall], *, content: str = "") -> Mapping[str, Any]:
    """The assistant's message that makes calls: what a chat model is tuned to say.

    Args:
        calls: in order; none for an answer in words.
        content: what is said beside them.
    """
    return _chat_message(Message(role="assistant", content=content, calls=tuple(calls)))


def prompt(tools: Sequence[Tool], *, instruction: str = "", shots: Sequence[ToolShot] = ()) -> Prompt:
    """The frame of every request with these tools, as plain text: for models without a chat template.

    Each tool is one line of JSON, the same for every request, so that it is computed once.

    Args:
        tools: what may be called.
        instruction: what the model is told; empty for the default.
        shots: requests with their calls, of the same tools.
    """
    told = instruction.strip() or DEFAULT_INSTRUCTION
    listed = "\n".join(_json(_function(tool, name=tool.name)) for tool in tools)
    first, after = "Request:", "\nCalls:"
    shown = "".join(f"{first}{render(one.messages)}{after}{render_calls(one.calls)}\n\n" for one in shots)
    return Prompt(before=f"{told}\n\nTools:\n{listed}\n\n{shown}{first}", after=after)


def render(messages: Sequence[Message]) -> str:
    """A request as it stands in the plain prompt; where it has several turns, each is named by its role.

    Args:
        messages: up to the request.
    """
    if len(messages) == 1:
        return f" {messages[0].content.strip()}"
    return "".join(f"\n{one.role}: {_said(one)}" for one in messages)


def render_calls(calls: Sequence[ToolCall]) -> str:
    """Calls as they stand in the plain prompt, behind `after`: a list on one line, `[]` for none.

    Args:
        calls: in order.
    """
    return f" {_calls_json(calls)}"


def constraint(tools: Sequence[Tool], *, least: int = 0, most: int | None = None) -> Constraint:
    """What an engine may be held to: a list of calls of these tools, arguments by their schemas.

    Under it no tool can be invented and no argument break its schema; a decoder takes it as it is, since it refers to
    nothing. An answer in words is not in it: where no call is right, the list is empty.

    Args:
        tools: what may be called.
        least: fewest calls; 1 where one of them is always right.
        most: most calls; None for no limit.
    """
    of_each = [
        {
            "type": "object",
            "properties": {"name": {"const": tool.name}, "arguments": tool.parameters},
            "required": ["name", "arguments"],
            "additionalProperties": False,
        }
        for tool in tools
    ]
    limits = {"minItems": least} | ({} if most is None else {"maxItems": most})
    return Constraint(schema=_json({"type": "array", "items": {"anyOf": of_each}} | limits))


def _function(tool: Tool, *, name: str) -> dict[str, Any]:
    return {"name": name, "description": tool.description, "parameters": tool.parameters}


def _chat_message(message: Message) -> dict[str, Any]:
    called = [
        ({} if call.call_id is None else {"id": call.call_id})
        | {"type": "function", "function": {"name": wire_name(call.name), "arguments": _json(call.arguments)}}
        for call in message.calls
    ]
    answered = {} if message.call_id is None else {"tool_call_id": message.call_id}
    return {"role": message.role, "content": message.content} | answered | ({"tool_calls": called} if called else {})


def _said(message: Message) -> str:
    said = [message.content.strip(), _calls_json(message.calls) if message.calls else ""]
    return " ".join(part for part in said if part)


def _calls_json(calls: Sequence[ToolCall]) -> str:
    return _json([{"name": call.name, "arguments": call.arguments} for call in calls])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
