"""Free answers and calls in OpenAI's objects, and what of a request they cannot honour.

Source: OpenAI, API reference, The chat completion object, The chat completion chunk object.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from suffice.bundles import PassageRead
from suffice.bundles.passages import Reply
from suffice.records.completion import Completion, Decoding
from suffice.serve.asked import ChatRequest
from suffice.serve.refusal import Refused
from suffice.serve.said import (
    AnswerMessage,
    CalledDelta,
    CalledTool,
    CallingMessage,
    ChatChoice,
    ChatChunk,
    ChatCompletion,
    ChunkChoice,
    Delta,
    FinishReason,
    FunctionDelta,
    PassageCard,
    Usage,
)

LEAST_SHARE = 1e-6
"""A `top_p` of 0 asks for the likeliest token alone."""
OF_LABELS = {
    "logprobs": "free text has no probabilities of labels",
    "structured_outputs": "there are no labels to choose from",
    "guided_choice": "there are no labels to choose from",
    "response_format": "the form of an answer was settled when it was fitted",
}
"""Keys that free answers cannot honour, and why."""
OF_CALLS = ("tools", "tool_choice", "parallel_tool_calls")
"""Keys of those alone who call tools."""


def require_free(asked: ChatRequest) -> None:
    """Refuses what is asked of labels alone: nothing is ignored in silence.

    Args:
        asked: the request.

    Raises:
        Refused: the first such key.
    """
    for key, why in OF_LABELS.items():
        if getattr(asked, key):
            raise Refused(400, f"{key} cannot be honoured: {why}", code="unsupported_parameter", param=key)


def require_no_tools(asked: ChatRequest, *, why: str) -> None:
    """Refuses what is asked of bundles alone that call tools.

    Args:
        asked: the request.
        why: what this one does instead.

    Raises:
        Refused: the first such key, or a message with calls or of a tool.
    """
    for key in OF_CALLS:
        if getattr(asked, key) not in (None, [], "none"):
            raise Refused(400, f"{key} cannot be honoured: {why}", code="unsupported_parameter", param=key)
    if any(message.role == "tool" or message.tool_calls for message in asked.messages):
        message = f"messages of tools and with calls cannot be honoured: {why}"
        raise Refused(400, message, code="unsupported_value", param="messages")


def decoding_of(asked: ChatRequest, own: Decoding) -> Decoding:
    """How a request is to be decoded: as it says, and where it says nothing as the bundle was measured.

    Args:
        asked: the request.
        own: the bundle's own way.

    Raises:
        Refused: a stop string is empty.
    """
    stop = _stops(asked)
    if not all(stop):
        raise Refused(
            400,
            "stop must hold no empty string: it would end every answer at once",
            code="invalid_request",
            param="stop",
        )
    return replace(
        own,
        max_new_tokens=asked.max_completion_tokens or asked.max_tokens or own.max_new_tokens,
        temperature=own.temperature if asked.temperature is None else asked.temperature,
        top_p=own.top_p if asked.top_p is None else max(asked.top_p, LEAST_SHARE),
        seed=own.seed if asked.seed is None else asked.seed % 2**32,
        stop=stop or own.stop,
    )


def stopped(reply: Reply, asked: ChatRequest) -> Reply:
    """What was written up to the first stop string of the request: an answer that is looked up was written before
    anybody asked. One that was made to end in its form stays whole: that end is written whatever stopped the rest.

    Args:
        reply: to the request.
        asked: the request.
    """
    text, held = reply.completion.text, reply.completion.held
    ends = [] if held else [at for stop in _stops(asked) if (at := text.find(stop)) >= 0]
    if not ends:
        return reply
    return replace(reply, completion=replace(reply.completion, text=text[: min(ends)], stop_reason="stop"))


def _stops(asked: ChatRequest) -> tuple[str, ...]:
    return (asked.stop,) if isinstance(asked.stop, str) else tuple(asked.stop or ())


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """One completion, and what stands around it."""

    id: str
    created: int
    model: str
    version: str
    completion: Completion
    passages: tuple[PassageRead, ...] = ()
    """What stood before the question."""
    calls: tuple[CalledTool, ...] = ()
    """What is called; empty where it answers in words."""
    words: str | None = None
    """What is said where nothing is called; None for all that was written."""

    @property
    def usage(self) -> Usage:
        """Tokens as the engine counted them; none of answers that were looked up."""
        read, said = self.completion.n_prompt_tokens, self.completion.n_tokens
        return Usage(prompt_tokens=read, completion_tokens=said, total_tokens=read + said)

    @property
    def finish_reason(self) -> FinishReason:
        """As the protocol has it."""
        if self.calls:
            return "tool_calls"
        return "length" if self.completion.stop_reason == "length" else "stop"

    def chat(self) -> ChatCompletion:
        """A chat completion."""
        answered = AnswerMessage(content=self._said, passages=self._cards)
        message = CallingMessage(tool_calls=list(self.calls), passages=self._cards) if self.calls else answered
        choice = ChatChoice(index=0, message=message, logprobs=None, finish_reason=self.finish_reason)
        return ChatCompletion(
            id=f"chatcmpl-{self.id}",
            created=self.created,
            model=self.model,
            choices=[choice],
            usage=self.usage,
            system_fingerprint=self.version,
        )

    def chunks(self, *, usage: bool) -> Iterator[ChatChunk]:
        """The same in parts: who speaks, the text or each call, by its name and then its arguments, the end, and what
        was read where that is asked for.

        Args:
            usage: whether the last part says what was read.
        """
        parts = [part for index, call in enumerate(self.calls) for part in _parts(call, index)]
        said = [Delta(content=self._said)] if not self.calls else [Delta(tool_calls=[part]) for part in parts]
        begun = Delta(role="assistant", content=None if self.calls else "", passages=self._cards)
        for delta in (begun, *said):
            yield self._chunk([ChunkChoice(index=0, delta=delta)], usage=None)
        yield self._chunk([ChunkChoice(index=0, delta=Delta(), finish_reason=self.finish_reason)], usage=None)
        if usage:
            yield self._chunk([], usage=self.usage)

    @property
    def _cards(self) -> list[PassageCard] | None:
        """The passages that stood before the question; None where none did."""
        return [PassageCard.of(one) for one in self.passages] or None

    @property
    def _said(self) -> str:
        return self.completion.text if self.words is None else self.words

    def _chunk(self, choices: list[ChunkChoice], *, usage: Usage | None) -> ChatChunk:
        return ChatChunk(
            id=f"chatcmpl-{self.id}",
            created=self.created,
            model=self.model,
            choices=choices,
            usage=usage,
            system_fingerprint=self.version,
        )


def _parts(call: CalledTool, index: int) -> tuple[CalledDelta, CalledDelta]:
    begun = FunctionDelta(name=call.function.name, arguments="")
    return (
        CalledDelta(index=index, id=call.id, type="function", function=begun),
        CalledDelta(index=index, function=FunctionDelta(arguments=call.function.arguments)),
    )
