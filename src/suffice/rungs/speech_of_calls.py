"""How `kind: tools` is asked for and said: a request with tools, and calls of them, or none."""

from __future__ import annotations

from suffice.kinds.calls.parse import parse
from suffice.kinds.calls.rows import gold_calls
from suffice.kinds.prompts import ChatPrompt, Example
from suffice.kinds.schemas.arguments import violations
from suffice.kinds.schemas.keywords import Patience
from suffice.kinds.schemas.tools import spelled
from suffice.kinds.tools import (
    REQUEST,
    chat,
    conversation,
    default_instruction,
    frame,
    held_to,
    in_form,
    render,
    render_calls,
    shown_for,
)
from suffice.records.completion import Completion
from suffice.records.constraint import Constraint
from suffice.records.task import Learned
from suffice.records.tool_calls import ToolRequest
from suffice.records.tool_spec import ToolSpec
from suffice.rungs.answering import AnyAsked, AnyRow, AskedRequest
from suffice.rungs.speech import HeldTo


class SpeechOfCalls:
    """Requests and calls; as in `speech.Speech`."""

    next_turn = f"\n{REQUEST}"

    def __init__(self, spec: ToolSpec) -> None:
        """
        Args:
            spec: how calls are asked for.
        """
        self._spec = spec

    def default_instruction(self) -> str:
        """To call tools, in the form that is asked for."""
        return default_instruction(self._spec)

    def said(self, row: AnyRow, *, target: Learned = "trace") -> str:
        """The right calls in their form."""
        del target
        calls = gold_calls(_request(row).example.accepted)
        assert calls is not None, "a row whose calls cannot be made is refused before anything is fitted"
        return render_calls(calls, form=self._spec.form)

    def explains(self, row: AnyRow) -> bool:
        """No row shows more than another."""
        _request(row)
        return True

    def n_steps(self, row: AnyRow) -> int:
        """The right calls."""
        return len(_request(row).example.accepted)

    def example(self, row: AnyRow) -> Example:
        """The request and its calls; which tools it had is told by what it calls."""
        return Example(text=render(_request(row).example.messages), answer=self.said(row))

    def prompt(self, asked: AnyAsked, *, told: str, examples: tuple[Example, ...]) -> ChatPrompt:
        """With the tools through the chat template, in words, and as a text to go on with."""
        request = _asked(asked)
        shown = shown_for(examples, request.tools)
        around = frame(request.tools, told=told, examples=shown)
        return ChatPrompt(
            messages=conversation(request.messages, request.tools, told=told, examples=shown),
            plain=f"{around.before}{render(request.messages)}{around.after}",
            native=chat(request.messages, request.tools, instruction=told, examples=shown),
        )

    def constraint(self, asked: AnyAsked) -> Constraint | None:
        """Where calls are held: a list of calls of the tools that are offered, arguments by their schemas."""
        request = _asked(asked)
        if request.limits is None and not self._spec.held:
            return None
        return held_to(request.tools, request.limits)

    def held(self, asked: AnyAsked, own: Completion) -> HeldTo | None:
        """Written anew under the grammar, unless what was written is one that it allows: calls that keep to their
        schemas in the form of a list, and nothing beside them. What was written under a grammar keeps to it.
        """
        request = _asked(asked)
        if self.constraint(request) is not None:
            return None
        parsed = parse(own.text, names=[tool.name for tool in request.tools])
        offered = {tool.name: tool for tool in request.tools}
        called = [(offered.get(spelled(call.name, request.tools)), call) for call in parsed.calls]
        patience = Patience()
        keeps = all(
            tool is not None and not violations(call.arguments, tool.parameters, patience=patience)
            for tool, call in called
        )
        if keeps and own.stop_reason != "length" and parsed.fault is None and in_form(parsed, ToolSpec()):
            return None
        return HeldTo(constraint=held_to(request.tools, request.limits), behind=None, most=None)


def _request(row: AnyRow) -> ToolRequest:
    assert isinstance(row, ToolRequest), "rows of kind tools are requests"
    return row


def _asked(asked: AnyAsked) -> AskedRequest:
    assert isinstance(asked, AskedRequest), "what is asked of kind tools has tools"
    return asked
