"""What a model that writes is asked, whatever the kind of task, in every form in which one takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt:
    """What stands around a message. No tokenizer merges the message with what is before it, so that one pass over
    `before` serves every message. What is after it may be merged with its last sign (Qwen has one token for a question
    mark and a line break): whoever encodes takes the message and `after` together.
    """

    before: str
    """The instruction, examples, and the words that introduce the message: the same for every message."""
    after: str
    """What follows the message; the next token is the answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A message with its answer, shown in the prompt."""

    text: str
    """The message."""
    answer: str
    """What is answered, as its kind writes it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """One way to say what is to be done."""

    name: str
    """What it is called in figures."""
    instruction: str
    """What the model is told; empty where the instruction is removed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatMessage:
    """One turn of what a chat model is told."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolChat:
    """What a chat model is told, in OpenAI's form: a chat template and an endpoint take both as they are."""

    messages: tuple[Mapping[str, Any], ...]
    """Each with a role and content, and with `tool_calls` where there were any."""
    tools: tuple[Mapping[str, Any], ...]
    """Each `{"type": "function", "function": {...}}`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatPrompt:
    """One question or request."""

    messages: tuple[ChatMessage, ...]
    """For a model with a chat template, in words alone; the next turn is the model's."""
    plain: str
    """For a model without: the text that it goes on with."""
    native: ToolChat | None = None
    """For a chat template that takes tools; None where there are none to call."""
