"""A request with tools, the calls that are right, the calls that were made, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias, get_args

from suffice.records.answers import behind

JsonSchema: TypeAlias = dict[str, Any]
"""A JSON Schema of draft 2020-12."""

ToolClass = Literal[
    "right",
    "truncated",
    "called_when_none_right",
    "silent",
    "broken_syntax",
    "invented_tool",
    "wrong_tool",
    "wrong_number_of_calls",
    "wrong_arguments_schema",
    "wrong_arguments_value",
]
"""What became of a completion; the first that holds, in this order, is its class, so that shares add up to 1."""

TOOL_CLASSES: tuple[ToolClass, ...] = get_args(ToolClass)

WrittenAs = Literal["none", "openai", "json", "fenced", "tagged", "marked", "python"]
"""How calls were written: not at all, as `tool_calls` objects, as bare JSON, in a code fence, in `<tool_call>` tags,
behind the marks or with the keys of one model family, or in Python's syntax. Whether that was the form asked for is for
those to say who asked.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tool:
    """Something that can be called."""

    name: str
    """As calls spell it."""
    description: str
    """What it does; may be empty."""
    parameters: JsonSchema
    """Of its arguments: an object, without references, and nothing in it but JSON Schema's own types."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolCall:
    """A tool called with arguments."""

    name: str
    """Of the tool, or of one that does not exist."""
    arguments: Mapping[str, Any]
    """By name; values as JSON has them."""
    call_id: str | None = None
    """By which a later message answers it; None where nobody gave it one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    """What is said; empty where there is nothing but calls."""
    calls: tuple[ToolCall, ...] = ()
    """What the assistant called."""
    call_id: str | None = None
    """Which call a tool's message answers."""


def messages_behind(context: str | None, messages: Sequence[Message]) -> tuple[Message, ...]:
    """A conversation with what is to be read before its request: it stands in the last turn of the user.

    Args:
        context: what the request is to be met from; None or empty for nothing.
        messages: up to the request; where no user says anything, what is read stands in the last one.
    """
    if not context or not messages:
        return tuple(messages)
    users = [place for place, one in enumerate(messages) if one.role == "user"]
    at = users[-1] if users else len(messages) - 1
    asked = messages[at]
    return (*messages[:at], replace(asked, content=behind(context, asked.content)), *messages[at + 1 :])


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptedArgument:
    """What an argument, or a key within one, may be."""

    values: tuple[Any, ...]
    """Any of these is right: a scalar, a list, or an `AcceptedObject`. Empty means that no value is right."""
    optional: bool
    """Whether leaving it out is right as well."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptedObject:
    """An object as a value that is right; no key beyond these is."""

    keys: Mapping[str, AcceptedArgument]
    """What each of its keys may be."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptedCall:
    """A call that is right, with everything that its arguments may be."""

    name: str
    """Of the tool."""
    arguments: Mapping[str, AcceptedArgument]
    """By name; no argument beyond these is right."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolExample:
    """A request, what may be called, and what is right."""

    messages: tuple[Message, ...]
    """Up to the request."""
    tools: tuple[Tool, ...]
    """At least one; no two of one name."""
    accepted: tuple[AcceptedCall, ...]
    """All of these are to be called, in any order; empty where no call is right."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolRequest:
    """A row of a task whose kind is `tools`."""

    id: str
    """Unique among the rows: the row's own, or one made of source, row and text."""
    source: str
    """Name of the file that the row came from."""
    row: int
    """0-based position in the source."""
    text: str
    """The request as one text: what copies are found by."""
    example: ToolExample
    """What may be called, and what is right."""
    group: str | None
    """Customer, thread or template: its rows are no independent ones."""
    split: str | None
    """The split that the data itself brought."""
    cells: Mapping[str, str] = field(default_factory=dict)
    """What the row was read from, JSON by the name of its column; empty where it was not read."""
    links: tuple[str, ...] = ()
    """Gold links: what names the passages of knowledge that it takes; empty where nobody says."""

    @property
    def given(self) -> str:
        """All that whoever answers is given to read, its tools apart."""
        return self.text


@dataclass(frozen=True, kw_only=True, slots=True)
class CallLimits:
    """What calls are held to while they are written, beside the schemas of their tools."""

    least: int = 0
    """Fewest calls."""
    most: int | None = None
    """Most calls; None for no limit."""
    only: str | None = None
    """The one tool that may be called; None for any that is offered."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SyntaxFault:
    """Why what was meant as calls could not be read."""

    what: str
    """In a few words: `Expecting ',' delimiter`."""
    call: int | None
    """Which of several, 0-based; None where they cannot be told apart."""
    at: int
    """0-based sign of the completion, or of the arguments' string in the OpenAI form."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedCalls:
    """What a completion calls."""

    calls: tuple[ToolCall, ...]
    """In the order in which they were written; empty where there are none or one cannot be read."""
    form: WrittenAs
    """How they were written."""
    text_around: bool
    """Whether anything is said beside them, a trace in `<think>` tags left out."""
    fault: SyntaxFault | None
    """Why calls could not be read; None where they could, or where nothing was meant as a call."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolJudgement:
    """What became of one completion."""

    outcome: ToolClass
    """The first class that holds."""
    call: int | None
    """Which call shows it, 0-based in the order of the completion; None where no single one does."""
    argument: str | None
    """Which argument of that call: `area.width` or `points[2]`; None where it is not about one."""
    got: str | None
    """What was found there, as JSON or in words, shortened; None where nothing was."""
    accepted: tuple[str, ...]
    """What would have been right there, as JSON or in words; empty where nothing would."""
