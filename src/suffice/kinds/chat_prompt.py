"""What a model that writes is asked, in every form in which one takes it."""

from __future__ import annotations

from dataclasses import dataclass

from suffice.kinds.classify import ChatMessage
from suffice.kinds.tools import ToolChat


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatPrompt:
    """One question or request."""

    messages: tuple[ChatMessage, ...]
    """For a model with a chat template, in words alone; the next turn is the model's."""
    plain: str
    """For a model without: the text that it goes on with."""
    native: ToolChat | None = None
    """For a chat template that takes tools; None where there are none to call."""
