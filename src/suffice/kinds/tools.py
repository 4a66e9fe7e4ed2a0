"""`kind: tools`: a request and tools go in, calls of tools come out, or none.

In `calls`, `rows` reads examples, `parse` reads completions, `judge` says what became of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from suffice.kinds.calls.parse import parse
from suffice.kinds.prompts import ChatMessage, Example, Prompt, ToolChat, Wording
from suffice.kinds.schemas.tools import wire_name
from suffice.records.constraint import Constraint
from suffice.records.tool_calls import CallLimits, Message, ParsedCalls, Tool, ToolCall
from suffice.records.tool_spec import CallForm, ToolSpec

_NO_LIMITS = CallLimits()
_FORMS: Mapping[CallForm, str] = {
    "json": "a JSON list of the calls, each with the name of a tool and its arguments, and nothing else. Write [] if "
    "none of the tools fits.",
    "tagged": 'each call as {"name": ..., "arguments": ...} in <tool_call></tool_call> tags, and nothing else. If none '
    "of the tools fits, say so in words.",
    "python": "a list of the calls in Python's syntax, [tool(argument=value)], and nothing else. Write [] if none of "
    "the tools fits.",
}
"""How each form is asked for."""
NOTHING_FITS = "None of the tools fits."
"""What is right to say where no call is, in the form that has no sign for it."""
DEFAULT_INSTRUCTION = f"Answer the request by calling tools. Write {_FORMS['json']}"
"""What a model is told when the task file says nothing."""
REQUEST = "Request:"
"""What stands before a request in the plain prompt."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolShot:
    """A request with its calls, shown in the prompt."""

    messages: Sequence[Message]
    """Up to the request."""
    calls: Sequence[ToolCall]
    """What is right; empty where no call is."""


def default_instruction(spec: ToolSpec) -> str:
    """What a language model is told when the task file says nothing.

    Args:
        spec: how calls are asked for.
    """
    return f"Answer the request by calling tools. Write {_FORMS[spec.form]}"


def wordings(spec: ToolSpec) -> tuple[Wording, ...]:
    """The default instruction, three others of the same meaning, and none at all: reliance on a wording is measured so.

    Under the last a model whose chat template takes tools is asked as it was tuned to be. They are fixed: a figure over
    wordings is a figure over these.

    Args:
        spec: how calls are asked for.
    """
    form = _FORMS[spec.form]
    said = {
        "default": default_instruction(spec),
        "role": f"You are an assistant that acts through tools alone. Reply with {form}",
        "short": f"Call the tools that fit: {form}",
        "reply": f"What follows is a request. Your reply to it must be {form}",
        "none": "",
    }
    return tuple(Wording(name=name, instruction=instruction) for name, instruction in said.items())


def chat(
    messages: Sequence[Message], tools: Sequence[Tool], *, instruction: str = "", examples: Sequence[Example] = ()
) -> ToolChat:
    """A request as a chat model is told it.

    Args:
        messages: up to the request.
        tools: what may be called.
        instruction: goes before the system's own message; empty for none, since models that take tools were tuned to
            call them.
        examples: requests with their calls, as `render` and `render_calls` write them.
    """
    told = [Message(role="system", content=instruction.strip())] if instruction.strip() else []
    if told and messages and messages[0].role == "system":
        both = f"{told[0].content}\n\n{messages[0].content}"
        told, messages = [Message(role="system", content=both)], messages[1:]
    shown = [Message(role=one.role, content=one.content) for one in _shown(examples)]
    return ToolChat(
        messages=tuple(_chat_message(one) for one in (*told, *shown, *messages)),
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
    examples = [Example(text=render(one.messages), answer=render_calls(one.calls)) for one in shots]
    return frame(tools, told=told, examples=examples)


def frame(tools: Sequence[Tool], *, told: str, examples: Sequence[Example] = ()) -> Prompt:
    """The same with an instruction that is taken as it is, and requests that were rendered before.

    Args:
        tools: what may be called.
        told: the instruction; empty for none.
        examples: requests as `render` and their calls as `render_calls` write them.
    """
    first, after = REQUEST, "\nCalls:"
    head = f"{told.strip()}\n\n" if told.strip() else ""
    shown = "".join(f"{first}{one.text}{after}{one.answer}\n\n" for one in examples)
    return Prompt(before=f"{head}Tools:\n{_listed(tools)}\n\n{shown}{first}", after=after)


def render(messages: Sequence[Message]) -> str:
    """A request as it stands in the plain prompt; where it has several turns, each is named by its role.

    Args:
        messages: up to the request.
    """
    if len(messages) == 1:
        return f" {messages[0].content.strip()}"
    return "".join(f"\n{one.role}: {_said(one)}" for one in messages)


def conversation(
    messages: Sequence[Message], tools: Sequence[Tool], *, told: str, examples: Sequence[Example] = ()
) -> tuple[ChatMessage, ...]:
    """A request in words alone, for a chat template that knows nothing of tools: they are listed in the system's turn.

    A request with calls or their results before it becomes one turn, each of its own named by its role.

    Args:
        messages: up to the request.
        tools: what may be called; none where an endpoint takes them beside the words.
        told: the instruction, taken as it is; empty for none.
        examples: requests with their calls as `render_calls` writes them.
    """
    first = [one.content.strip() for one in messages if one.role == "system"]
    turns = [one for one in messages if one.role != "system"]
    listed = [f"Tools:\n{_listed(tools)}"] if tools else []
    system = "\n\n".join(part for part in (told.strip(), *first, *listed) if part)
    if any(one.calls or one.role == "tool" for one in turns):
        turns = [Message(role="user", content=render(turns).strip())]
    return (
        *([ChatMessage(role="system", content=system)] if system else []),
        *_shown(examples),
        *(
            ChatMessage(role="user" if one.role == "user" else "assistant", content=one.content.strip())
            for one in turns
        ),
    )


def shown_for(examples: Sequence[Example], tools: Sequence[Tool]) -> tuple[Example, ...]:
    """The examples that call nothing but what is offered: others would teach tools that there are not.

    Args:
        examples: requests with their calls as `render_calls` writes them.
        tools: what may be called.
    """
    return tuple(one for one in examples if called_names(one.answer) <= offered_names(tools))


def called_names(written: str) -> frozenset[str]:
    """The tools that something calls which `render_calls` wrote, as OpenAI's protocol spells them.

    Args:
        written: calls in any form.
    """
    return frozenset(wire_name(call.name) for call in parse(written, names=()).calls)


def offered_names(tools: Sequence[Tool]) -> frozenset[str]:
    """What may be called, as OpenAI's protocol spells it.

    Args:
        tools: that are offered.
    """
    return frozenset(wire_name(tool.name) for tool in tools)


def render_calls(calls: Sequence[ToolCall], *, form: CallForm = "json") -> str:
    """Calls as they stand in the plain prompt, behind `after`.

    Args:
        calls: in order.
        form: a list on one line, `[]` for none; or each in tags on lines of its own.
    """
    if form == "tagged":
        tagged = [f"<tool_call>\n{_json(_named(call))}\n</tool_call>" for call in calls]
        return f" {chr(10).join(tagged) or NOTHING_FITS}"
    if form == "python":
        return f" [{', '.join(map(_python, calls))}]"
    return f" {_calls_json(calls)}"


def in_form(parsed: ParsedCalls, spec: ToolSpec) -> bool:
    """Whether calls stand in the form asked for and nothing beside them; no call is `[]`, or no tag where calls have
    tags.

    Args:
        parsed: what was called.
        spec: how calls were asked for.
    """
    if parsed.calls:
        return parsed.form == spec.form and not parsed.text_around
    if spec.form == "tagged":
        return parsed.form == "none"
    return parsed.form == "json" and not parsed.text_around


def held_to(tools: Sequence[Tool], limits: CallLimits | None) -> Constraint:
    """What an engine is held to for one request.

    Args:
        tools: what may be called.
        limits: how many calls, and of which tool; None for any.
    """
    limits = limits or _NO_LIMITS
    chosen = [tool for tool in tools if limits.only in {None, tool.name}]
    return constraint(chosen, least=limits.least, most=limits.most)


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


def _listed(tools: Sequence[Tool]) -> str:
    return "\n".join(_json(_function(tool, name=tool.name)) for tool in tools)


def _shown(examples: Sequence[Example]) -> list[ChatMessage]:
    return [
        turn
        for one in examples
        for turn in (
            ChatMessage(role="user", content=one.text.strip()),
            ChatMessage(role="assistant", content=one.answer.strip()),
        )
    ]


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


def _named(call: ToolCall) -> dict[str, Any]:
    return {"name": call.name, "arguments": call.arguments}


def _calls_json(calls: Sequence[ToolCall]) -> str:
    return _json([_named(call) for call in calls])


def _python(call: ToolCall) -> str:
    """Values as Python writes them: `True` for true, `None` for null."""
    return f"{call.name}({', '.join(f'{name}={value!r}' for name, value in call.arguments.items())})"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
