"""What an endpoint sends back, held against the protocol: the client takes whatever comes for an answer.

Source: OpenAI, API reference, the chat completion object.
"""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Count = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    """Endpoints add keys of their own, which say nothing here."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Message(_Part):
    """What was said."""

    content: str | None = None
    """None where it refused, or called a tool."""
    tool_calls: tuple[dict[str, Any], ...] | None = None
    """What it called, as the endpoint gives it; None where it called nothing."""

    @property
    def said(self) -> str:
        """All that it says as one text: calls as JSON behind the words."""
        calls = [json.dumps({"tool_calls": self.tool_calls}, ensure_ascii=False)] if self.tool_calls else []
        return "\n".join(part for part in (self.content or "", *calls) if part)


class Choice(_Part):
    """One answer; only one is asked for."""

    message: Message
    finish_reason: str | None = None


class Usage(_Part):
    """Tokens as the endpoint counts them."""

    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None


class EndpointCompletion(_Part):
    """A call's answer."""

    choices: Annotated[tuple[Choice, ...], Field(min_length=1)]
    usage: Usage | None = None


def completion_of(body: bytes) -> EndpointCompletion | None:
    """Reads an answer; None where it is none.

    Args:
        body: of a response that was no refusal.
    """
    try:
        return EndpointCompletion.model_validate_json(body)
    except ValidationError:
        return None
