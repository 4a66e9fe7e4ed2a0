"""Requests in OpenAI's form to what a rung is asked, and completions to the calls that they make."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from suffice.bundles.passages import PassageRead
from suffice.errors import DataError, Problem, quoted
from suffice.kinds.calls.parse import parse
from suffice.kinds.calls.rows import read_request
from suffice.kinds.schemas.tools import wire_name
from suffice.kinds.tools import in_form
from suffice.records.completion import Completion, StopReason
from suffice.records.tool_calls import ToolCall
from suffice.records.tool_spec import ToolSpec
from suffice.rungs.answering import AskedRequest


@dataclass(frozen=True, kw_only=True, slots=True)
class FreeCalls:
    """What a request was answered."""

    request: str
    """The request as one text."""
    completion: str
    """All that was written."""
    calls: tuple[ToolCall, ...] | None
    """In order, each tool under its own name; empty for no call. None where what was meant as calls cannot be read."""
    fault: str | None
    """Why it cannot be read; None where it can."""
    in_form: bool
    """Whether the calls stand in the form that was asked for."""
    stop_reason: StopReason
    """Why the completion ended; `length` where it was cut off."""
    n_tokens: int
    """Tokens that were written; 0 of rungs that look their calls up."""
    passages: tuple[PassageRead, ...] = ()
    """What of the knowledge stood before the request; empty of rungs that read none. Calls cite nothing."""

    def tool_calls(self, *, prefix: str = "call_") -> list[dict[str, Any]]:
        """The calls in OpenAI's form.

        Args:
            prefix: what their ids begin with; the place of each call follows.
        """
        return [
            {
                "id": f"{prefix}{number}",
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(call.arguments, ensure_ascii=False)},
            }
            for number, call in enumerate(self.calls or ())
        ]


def read_requests(requests: Sequence[Mapping[str, Any]]) -> list[AskedRequest]:
    """Requests as they are asked, named by their place.

    Args:
        requests: each with `messages` and `tools`.

    Raises:
        DataError: one request instead of a list of them, or some that cannot be read, all at once.
    """
    if isinstance(requests, Mapping | str):
        rule, fix = "takes a list of requests", 'call([{"messages": [...], "tools": [...]}])'
        raise DataError(Problem(where="call", rule=rule, got=quoted(requests), fix=fix))
    asked, problems = list[AskedRequest](), list[Problem]()
    for number, one in enumerate(requests):
        try:
            example = read_request(one, where=f"call: request {number}")
        except DataError as error:
            problems += error.problems
            continue
        asked.append(AskedRequest(id=str(number), messages=example.messages, tools=example.tools))
    if problems:
        raise DataError(problems)
    return asked


def read_calls(asked: AskedRequest, completion: Completion, spec: ToolSpec) -> FreeCalls:
    """What a completion calls.

    Args:
        asked: the request.
        completion: what was written for it.
        spec: how calls were asked for.
    """
    parsed = parse(completion.text, names=[tool.name for tool in asked.tools])
    own = {wire_name(tool.name): tool.name for tool in asked.tools}
    # What was fitted on names with dots is asked by clients whose protocol has none.
    calls = tuple(replace(call, name=own.get(wire_name(call.name), call.name)) for call in parsed.calls)
    return FreeCalls(
        request=asked.text,
        completion=completion.text,
        calls=calls if parsed.fault is None else None,
        fault=None if parsed.fault is None else parsed.fault.what,
        in_form=in_form(parsed, spec),
        stop_reason=completion.stop_reason,
        n_tokens=completion.n_tokens,
    )


def said_of_calls(text: str) -> str | None:
    """The calls of a text, alike where two texts call the same; None where they cannot be read.

    Args:
        text: all that was said.
    """
    parsed = parse(text, names=())
    called = [{"name": call.name, "arguments": call.arguments} for call in parsed.calls]
    return None if parsed.fault else json.dumps(called, sort_keys=True)
