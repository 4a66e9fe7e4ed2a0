"""Requests with tools in OpenAI's form to what a bundle is asked, and its calls back to that form.

Source: OpenAI, API reference, Create chat completion: `tools`, `tool_choice`, `parallel_tool_calls`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from suffice.bundles.calls import FreeCalls
from suffice.kinds.calls.rows import read_request
from suffice.kinds.schemas.tools import spelled
from suffice.records.tool_calls import CallLimits, Tool
from suffice.rungs.answering import AskedRequest
from suffice.serve.asked import ChatRequest, Message
from suffice.serve.refusal import Refused
from suffice.serve.said import CalledTool

CHOICES: Mapping[str, CallLimits | None] = {"auto": None, "none": CallLimits(most=0), "required": CallLimits(least=1)}
"""What calls are held to by each word of `tool_choice`."""
NO_HOLD = (
    "this bundle has no model that runs here and could be held to it: it looks its calls up or asks an endpoint; ask "
    "with tool_choice auto, without strict, and leave parallel_tool_calls out"
)


def request_of(asked: ChatRequest, *, can_hold: bool) -> AskedRequest:
    """What is asked, and what its calls are held to.

    Args:
        asked: the request.
        can_hold: whether what the bundle writes can be held to anything.

    Raises:
        Refused: there are no tools, the last message is the assistant's, or what calls are to be held to cannot be
            honoured.
        DataError: tools or messages that cannot be read.
    """
    if not asked.tools:
        message = "tools must be given: this model answers a request by calls of the tools that come with it"
        raise Refused(400, message, code="missing_parameter", param="tools")
    if asked.messages[-1].role not in {"user", "tool"}:
        message = "the last message must be a user's or a tool's: it is the one that is answered"
        raise Refused(400, message, code="invalid_value", param="messages")
    given = {"messages": list(map(_message, asked.messages)), "tools": asked.tools}
    example = read_request(given, where="request")
    limits = _limits(asked, example.tools)
    if limits is not None and not can_hold:
        key = _why_held(asked)
        raise Refused(400, f"{key} cannot be honoured: {NO_HOLD}", code="unsupported_parameter", param=key)
    return AskedRequest(id="0", messages=example.messages, tools=example.tools, limits=limits)


def calls_in(found: FreeCalls, asked: AskedRequest, *, id_: str) -> tuple[CalledTool, ...]:
    """The calls that are given to a client: none where one of them is of a tool that is not offered, or was cut off.

    Args:
        found: what was called.
        asked: the request.
        id_: of the answer; calls have ids that begin with it.
    """
    offered = {tool.name for tool in asked.tools}
    if found.stop_reason == "length" or not all(call.name in offered for call in found.calls or ()):
        return ()
    return tuple(CalledTool.model_validate(one) for one in found.tool_calls(prefix=f"call_{id_}_"))


def words_of(found: FreeCalls) -> str:
    """What is said where no call is given: what was written, or nothing where that is that no call is right.

    Args:
        found: what was called.
    """
    says_none = found.calls == () and found.completion.strip() == "[]"
    return "" if says_none else found.completion


def _limits(asked: ChatRequest, tools: tuple[Tool, ...]) -> CallLimits | None:
    """None where calls are free.

    Raises:
        Refused: a choice that is none of those known here.
    """
    choice = asked.tool_choice or "auto"
    limits = CHOICES[choice] if isinstance(choice, str) and choice in CHOICES else _only(choice, tools)
    if asked.parallel_tool_calls is False:
        limits = replace(limits or CallLimits(), most=1 if limits is None or limits.most is None else limits.most)
    is_strict = any(_is_strict(tool) for tool in asked.tools or ())
    return CallLimits() if limits is None and is_strict else limits


def _only(choice: str | Mapping[str, Any], tools: tuple[Tool, ...]) -> CallLimits:
    """Of a function that is named."""
    function = choice.get("function") if isinstance(choice, Mapping) and choice.get("type") == "function" else None
    name = function.get("name") if isinstance(function, Mapping) else None
    if not isinstance(name, str):
        message = 'tool_choice takes auto, none, required, or {"type": "function", "function": {"name": ...}}'
        raise Refused(400, message, code="unsupported_value", param="tool_choice")
    own = spelled(name, tools)
    if own not in {tool.name for tool in tools}:
        message = f"tool_choice names {name!r}, which is none of tools"
        raise Refused(400, message, code="invalid_value", param="tool_choice")
    return CallLimits(least=1, most=1, only=own)


def _why_held(asked: ChatRequest) -> str:
    """The key that asks for it."""
    if asked.tool_choice not in (None, "auto"):
        return "tool_choice"
    return "parallel_tool_calls" if asked.parallel_tool_calls is False else "tools"


def _is_strict(tool: Mapping[str, Any]) -> bool:
    function = tool.get("function", tool)
    return isinstance(function, Mapping) and function.get("strict") is True


def _message(one: Message) -> dict[str, Any]:
    """As rows have it."""
    said = {"role": one.role, "content": one.text, "tool_calls": one.tool_calls, "tool_call_id": one.tool_call_id}
    return {key: value for key, value in said.items() if value is not None}
