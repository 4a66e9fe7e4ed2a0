"""What clients are answered: OpenAI's objects, with the true probabilities of the labels.

Source: OpenAI, API reference, The chat completion object, The chat completion chunk object, The completion object.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, Field

from suffice.bundles.answer import Answer, Route
from suffice.bundles.passages import PassageRead
from suffice.serve.narrowing import Narrowed

LEAST = -9999.0
"""The logarithm of a probability of 0, as OpenAI states it."""


def _nothing(value: object) -> bool:
    return value is None


T = TypeVar("T")
Sparse = Annotated[T | None, Field(exclude_if=_nothing)]
"""What is left out where there is nothing to say; elsewhere that is a null, as OpenAI has it."""


class TopLogprob(BaseModel):
    """One label and how probable it is."""

    token: str = Field(description="A whole label.")
    logprob: float
    bytes: list[int]


class TokenLogprob(TopLogprob):
    """The answer, and other labels beside it."""

    top_logprobs: list[TopLogprob]


class Logprobs(BaseModel):
    """Probabilities of an answer: one entry, since an answer is one label."""

    content: list[TokenLogprob]
    refusal: None = None


class PassageCard(BaseModel):
    """A passage of knowledge that stood before a question."""

    number: int = Field(description="What it was called there: the answer cites it as [1].")
    id: str
    source: str = Field(description="Its file.")
    headings: list[str] = Field(description="Headings that it stands under, outermost first.")
    place: str = Field(description="File, page and headings in one line.")
    cited: bool = Field(description="Whether the answer names it by its number.")

    @classmethod
    def of(cls, read: PassageRead) -> PassageCard:
        """The card of a passage.

        Args:
            read: as a bundle names it.
        """
        return cls(
            number=read.number,
            id=read.id,
            source=read.source,
            headings=list(read.headings),
            place=read.place,
            cited=read.cited,
        )


class AnswerMessage(BaseModel):
    """The answer."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    passages: Sparse[list[PassageCard]] = Field(
        default=None, description="What stood before the question; left out of bundles that read no knowledge."
    )


class Function(BaseModel):
    """A tool and what it is called with."""

    name: str
    arguments: str = Field(description="An object, as JSON.")


class CalledTool(BaseModel):
    """One call."""

    id: str
    type: Literal["function"] = "function"
    function: Function


class CallingMessage(BaseModel):
    """The answer, where it is calls."""

    role: Literal["assistant"] = "assistant"
    content: None = None
    refusal: None = None
    tool_calls: list[CalledTool]
    passages: Sparse[list[PassageCard]] = Field(
        default=None, description="What stood before the request; left out of bundles that read no knowledge."
    )


FinishReason = Literal["stop", "length", "tool_calls"]


class ChatChoice(BaseModel):
    """The one choice."""

    index: int
    message: AnswerMessage | CallingMessage
    logprobs: Logprobs | None
    finish_reason: FinishReason = "stop"


class Usage(BaseModel):
    """What was read and said; a label counts as one token."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatCompletion(BaseModel):
    """Answer of `POST /v1/chat/completions`."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[ChatChoice]
    usage: Usage
    system_fingerprint: str = Field(description="The version of the bundle.")


class FunctionDelta(BaseModel):
    """A part of what is called: its name first, then its arguments."""

    name: Sparse[str] = None
    arguments: str


class CalledDelta(BaseModel):
    """A part of one call."""

    index: int
    id: Sparse[str] = None
    type: Sparse[Literal["function"]] = None
    function: FunctionDelta


class Delta(BaseModel):
    """A part of the answer."""

    role: Sparse[Literal["assistant"]] = None
    content: Sparse[str] = None
    passages: Sparse[list[PassageCard]] = None
    tool_calls: Sparse[list[CalledDelta]] = None


class ChunkChoice(BaseModel):
    """A part of the one choice."""

    index: int
    delta: Delta
    logprobs: Logprobs | None = None
    finish_reason: FinishReason | None = None


class ChatChunk(BaseModel):
    """A part of a streamed answer."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: Sparse[Usage] = None
    system_fingerprint: str


class TextLogprobs(BaseModel):
    """Probabilities of an answer, as completions state them."""

    tokens: list[str]
    token_logprobs: list[float]
    top_logprobs: list[dict[str, float]]
    text_offset: list[int]


class TextChoice(BaseModel):
    """The answer to one prompt."""

    index: int
    text: str
    logprobs: TextLogprobs | None
    finish_reason: Literal["stop"] | None = "stop"


class TextCompletion(BaseModel):
    """Answer of `POST /v1/completions`, and each part of it where it is streamed."""

    id: str
    object: Literal["text_completion"] = "text_completion"
    created: int
    model: str
    choices: list[TextChoice]
    usage: Sparse[Usage]
    system_fingerprint: str


class Result(BaseModel):
    """The answer to one message."""

    label: str
    probability: float
    probabilities: dict[str, float]
    out_of_scope: float | None = Field(
        description="How far the message lies from what the bundle was taught, more is farther; comparable within one "
        "version of a bundle. null of an empty message, and where the bundle was not calibrated."
    )
    outside: bool = Field(description="Whether that is farther than the bundle's threshold.")
    route: Route


class Classified(BaseModel):
    """Answer of `POST /classify`."""

    results: list[Result]
    latency_ms: float


class ModelCard(BaseModel):
    """One bundle."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: Literal["suffice"] = "suffice"
    parent: str | None = Field(description="The base model that it stands on.")
    version: str
    labels: list[str] = Field(description="Empty where answers are free text.")


class ModelList(BaseModel):
    """Answer of `GET /v1/models`."""

    object: Literal["list"] = "list"
    data: list[ModelCard]


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken:
    """Answers, and what stands around them."""

    id: str
    created: int
    model: str
    version: str
    answers: Sequence[Answer]
    narrowed: Narrowed
    n_tokens: int
    """Read of all messages."""

    @property
    def usage(self) -> Usage:
        """What was read and said."""
        n = len(self.answers)
        return Usage(prompt_tokens=self.n_tokens, completion_tokens=n, total_tokens=self.n_tokens + n)

    def chat(self, *, top: int | None) -> ChatCompletion:
        """One answer as a chat completion.

        Args:
            top: labels to tell the probability of, the answer's own aside; None for none at all.
        """
        (answer,) = self.answers
        message = AnswerMessage(content=self.narrowed.said(answer.label))
        choice = ChatChoice(index=0, message=message, logprobs=self._logprobs(answer, top=top))
        return ChatCompletion(
            id=f"chatcmpl-{self.id}",
            created=self.created,
            model=self.model,
            choices=[choice],
            usage=self.usage,
            system_fingerprint=self.version,
        )

    def chat_chunks(self, *, top: int | None, usage: bool) -> Iterator[ChatChunk]:
        """The same in parts: who speaks, the answer, its end, and what was read where that is asked for.

        Args:
            top: as of `chat`.
            usage: whether the last part says what was read.
        """
        (answer,) = self.answers
        logprobs = self._logprobs(answer, top=top)
        choices = [
            ChunkChoice(index=0, delta=Delta(role="assistant", content="")),
            ChunkChoice(index=0, delta=Delta(content=self.narrowed.said(answer.label)), logprobs=logprobs),
            ChunkChoice(index=0, delta=Delta(), finish_reason="stop"),
        ]
        for choice in choices:
            yield self._chunk([choice], usage=None)
        if usage:
            yield self._chunk([], usage=self.usage)

    def _chunk(self, choices: list[ChunkChoice], *, usage: Usage | None) -> ChatChunk:
        return ChatChunk(
            id=f"chatcmpl-{self.id}",
            created=self.created,
            model=self.model,
            choices=choices,
            usage=usage,
            system_fingerprint=self.version,
        )

    def text(self, *, top: int | None) -> TextCompletion:
        """All answers as a completion.

        Args:
            top: labels to tell the probability of; None for none at all.
        """
        choices = [self._text_choice(i, answer, top=top) for i, answer in enumerate(self.answers)]
        return self._completion(choices, usage=self.usage)

    def text_chunks(self, *, top: int | None, usage: bool) -> Iterator[TextCompletion]:
        """The same in parts, one of each answer, and what was read where that is asked for.

        Args:
            top: as of `text`.
            usage: whether a last part says what was read.
        """
        for i, answer in enumerate(self.answers):
            yield self._completion([self._text_choice(i, answer, top=top)], usage=None)
        if usage:
            yield self._completion([], usage=self.usage)

    def _completion(self, choices: list[TextChoice], *, usage: Usage | None) -> TextCompletion:
        return TextCompletion(
            id=f"cmpl-{self.id}",
            created=self.created,
            model=self.model,
            choices=choices,
            usage=usage,
            system_fingerprint=self.version,
        )

    def _text_choice(self, index: int, answer: Answer, *, top: int | None) -> TextChoice:
        said = self.narrowed.said(answer.label)
        logprobs = None
        if top is not None:
            logprobs = TextLogprobs(
                tokens=[said],
                token_logprobs=[_log(answer.probability)],
                top_logprobs=[{label: _log(p) for label, p in self._likeliest(answer, top)}],
                text_offset=[0],
            )
        return TextChoice(index=index, text=said, logprobs=logprobs)

    def _logprobs(self, answer: Answer, *, top: int | None) -> Logprobs | None:
        if top is None:
            return None
        said = _top(answer.label, answer.probability)
        others = [_top(label, p) for label, p in self._likeliest(answer, top)]
        content = TokenLogprob(token=said.token, logprob=said.logprob, bytes=said.bytes, top_logprobs=others)
        return Logprobs(content=[content])

    def _likeliest(self, answer: Answer, n: int) -> list[tuple[str, float]]:
        """Of the labels that could be answered; of fewer than n all."""
        among = self.narrowed.among
        could = [item for item in answer.probabilities.items() if among is None or item[0] in among]
        return sorted(could, key=lambda item: -item[1])[:n]


def result_of(answer: Answer) -> Result:
    """One answer of `/classify`.

    Args:
        answer: to one message.
    """
    return Result(
        label=answer.label,
        probability=answer.probability,
        probabilities=answer.probabilities,
        out_of_scope=answer.out_of_scope,
        outside=answer.outside,
        route=answer.route,
    )


def _top(label: str, probability: float) -> TopLogprob:
    return TopLogprob(token=label, logprob=_log(probability), bytes=list(label.encode()))


def _log(probability: float) -> float:
    return max(log(probability), LEAST) if probability > 0.0 else LEAST
