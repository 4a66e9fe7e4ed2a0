"""What clients ask: OpenAI's requests as far as bundles can honour them, and nothing ignored in silence.

Source: OpenAI, API reference, Chat completions and Completions; vLLM, OpenAI-compatible server, extra parameters
(`structured_outputs`, `guided_choice`) and dynamic adapters (`load_lora_adapter`).
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, Strict, model_validator
from pydantic_core import CoreSchema, PydanticCustomError

from suffice.records.task import NAME

MAX_TOP = 20
"""Of `top_logprobs`, as OpenAI has it."""
ALONE = "alone"
"""The kind of error where a key stands without the one that it goes with."""
UNHONOURED = {
    "tools": "this model names a label and calls no tools",
    "tool_choice": "this model names a label and calls no tools",
    "parallel_tool_calls": "this model names a label and calls no tools",
    "functions": "this model names a label and calls no functions",
    "function_call": "this model names a label and calls no functions",
    "n": "there is one most probable label: ask for `top_logprobs` to see the others",
    "best_of": "there is one most probable label",
    "stop": "an answer is one whole label and is not cut",
    "logit_bias": "a label is not moved by hand: narrow the choice with `structured_outputs`",
    "frequency_penalty": "an answer is one label: nothing is repeated",
    "presence_penalty": "an answer is one label: nothing is repeated",
    "echo": "the message is not repeated",
    "guided_json": "an answer is a label: narrow the choice with `guided_choice`",
    "guided_regex": "an answer is a label: narrow the choice with `guided_choice`",
    "guided_grammar": "an answer is a label: narrow the choice with `guided_choice`",
    "suffix": "nothing is put into a text",
    "modalities": "an answer is text",
    "audio": "an answer is text",
    "reasoning_effort": "this model does not reason in words",
}
"""Keys that clients send and a label cannot honour, and why."""
UNHONOURED_IN_WORDS = {
    "tools": "this model answers in its own words and calls no tools",
    "tool_choice": "this model answers in its own words and calls no tools",
    "functions": "this model answers in its own words and calls no functions",
    "function_call": "this model answers in its own words and calls no functions",
    "n": "one answer is written: ask again, with another `seed` where it is drawn",
    "best_of": "one answer is written",
    "logit_bias": "no token is moved by hand: the model writes as it was measured",
    "frequency_penalty": "the model writes as it was measured",
    "presence_penalty": "the model writes as it was measured",
    "echo": "the question is not repeated",
    **dict.fromkeys(
        ("guided_json", "guided_regex", "guided_grammar"), "the form of an answer was settled when it was fitted"
    ),
    "suffix": "nothing is put into a text",
    "modalities": "an answer is text",
    "audio": "an answer is text",
    "reasoning_effort": "how an answer is thought through was settled when it was fitted",
}
"""Keys that clients send and a model that answers in its own words cannot honour, and why."""
UNHONOURED_IN_CALLS = UNHONOURED_IN_WORDS | {
    "tools": "tools are read at /v1/chat/completions",
    "tool_choice": "tools are read at /v1/chat/completions",
    "functions": 'give each as `tools`: {"type": "function", "function": {...}}',
    "function_call": "say it as `tool_choice`",
    "echo": "the request is not repeated",
}
"""The same of a model that calls tools."""
NEUTRAL: dict[str, tuple[Any, ...]] = {
    "n": (1,),
    "best_of": (1,),
    "tools": ([],),
    "functions": ([],),
    "tool_choice": ("none",),
    "function_call": ("none",),
    "stop": ([],),
    "logit_bias": ({},),
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "echo": (False,),
}
"""Values of these keys that ask for nothing; so does null, of any key."""

Flag = Annotated[bool, Strict()]
"""True or false; numbers and words that stand for them elsewhere are none in JSON."""
Temperature = Annotated[float, Field(ge=0.0, le=2.0, description="Of free text; a label stays the most probable.")]
Share = Annotated[float, Field(ge=0.0, le=1.0, description="Of free text; a label stays the most probable.")]


class _Asked(BaseModel):
    """What all requests have in common: an unknown key is refused, one that asks for nothing is left out."""

    model_config = ConfigDict(extra="forbid")
    neutral: ClassVar[dict[str, tuple[Any, ...]]] = {}
    """Values of keys that are not known here which ask for nothing."""
    goes_with: ClassVar[dict[str, str]] = {}
    """Keys that may be given only where another one is true, and which."""

    @model_validator(mode="before")
    @classmethod
    def _without_neutral(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {key: value for key, value in given.items() if not cls._asks_for_nothing(key, value)}

    @classmethod
    def _asks_for_nothing(cls, key: str, value: Any) -> bool:
        """True is no 1, though Python has them equal; 1.0 is."""
        same = (one for one in cls.neutral.get(key, ()) if isinstance(one, bool) == isinstance(value, bool))
        return value is None or any(one == value for one in same)

    @model_validator(mode="after")
    def _together(self) -> Self:
        for key, other in self.goes_with.items():
            if getattr(self, key) is not None and not getattr(self, other):
                raise PydanticCustomError(ALONE, "{key} goes with {other}=true", {"key": key, "other": other})
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The description says the same: what may be null or neutral, and what goes with what."""
        whole = handler(core)
        found = handler.resolve_ref_schema(whole)
        needed, known, null = found.get("required", []), found["properties"], {"type": "null"}
        for key in known.keys() - set(needed):
            if null not in known[key].get("anyOf", ()):
                known[key] = {"anyOf": [known[key], null]}
        known |= {key: {"enum": [*values, None]} for key, values in cls.neutral.items()}
        found["additionalProperties"] = null
        if cls.goes_with:
            found["allOf"] = [_only_with(key, other) for key, other in cls.goes_with.items()]
        return whole


def _only_with(key: str, other: str) -> dict[str, Any]:
    is_true = {"properties": {other: {"const": True}}, "required": [other]}
    return {"anyOf": [{"properties": {key: {"type": "null"}}}, is_true]}


class TextPart(_Asked):
    """A part of a message."""

    type: Literal["text"]
    text: str


class Message(_Asked):
    """One message of a conversation."""

    role: Literal["user", "assistant", "system", "developer", "tool"]
    content: str | list[TextPart]
    tool_calls: Annotated[list[dict[str, Any]] | None, Field(description="What the assistant called.")] = None
    tool_call_id: Annotated[str | None, Field(description="The call that a tool's message answers.")] = None

    @model_validator(mode="before")
    @classmethod
    def _calls_without_words(cls, given: Any) -> Any:
        """Who calls tools need not say anything: its content may be null, or not be there."""
        calls = isinstance(given, dict) and given.get("tool_calls")
        return {**given, "content": given.get("content") or ""} if calls else given

    @property
    def text(self) -> str:
        """Its parts, a line each."""
        return self.content if isinstance(self.content, str) else "\n".join(part.text for part in self.content)


class StreamOptions(_Asked):
    """How an answer is streamed."""

    include_usage: Flag = False
    include_obfuscation: Flag = False


class SchemaFormat(_Asked):
    """A named JSON schema."""

    name: str
    description: str | None = None
    schema_: Annotated[dict[str, Any], Field(alias="schema", description="With an `enum` of labels.")]
    strict: Flag | None = None


class ResponseFormat(_Asked):
    """The form of the answer."""

    type: Literal["text", "json_schema"]
    json_schema: SchemaFormat | None = None


class StructuredOutputs(_Asked):
    """vLLM's way to narrow an answer."""

    choice: Annotated[list[str], Field(min_length=1, description="Labels to choose from.")]


class _Completion(_Asked):
    """What both kinds of completion have in common."""

    neutral = NEUTRAL
    goes_with: ClassVar[dict[str, str]] = {"stream_options": "stream"}
    model: Annotated[str, Field(description="A bundle, as GET /v1/models names it.")]
    stream: Flag = False
    stream_options: StreamOptions | None = None
    temperature: Temperature | None = None
    top_p: Share | None = None
    seed: Annotated[int | None, Field(description="Of what is drawn in free text; no chance is in a label.")] = None
    max_tokens: Annotated[int | None, Field(ge=1, description="Of free text; a label is whole.")] = None
    user: str | None = None
    structured_outputs: StructuredOutputs | None = None
    guided_choice: Annotated[list[str] | None, Field(min_length=1, description="Labels to choose from.")] = None
    response_format: ResponseFormat | None = None


class ChatRequest(_Completion):
    """`POST /v1/chat/completions`."""

    neutral = {key: values for key, values in NEUTRAL.items() if key not in {"stop", "tools", "tool_choice"}}
    goes_with: ClassVar[dict[str, str]] = {"stream_options": "stream", "top_logprobs": "logprobs"}
    messages: Annotated[list[Message], Field(min_length=1, description="The last one, a user's, is answered.")]
    max_completion_tokens: Annotated[int | None, Field(ge=1, description="Taken, as `max_tokens` is.")] = None
    stop: Annotated[
        str | list[str] | None, Field(description="Strings that end free text; a label is whole and is not cut.")
    ] = None
    tools: Annotated[
        list[dict[str, Any]] | None, Field(description="What may be called, by a bundle that calls tools.")
    ] = None
    tool_choice: Annotated[
        str | dict[str, Any] | None,
        Field(description="auto, none, required, or the one function that is to be called."),
    ] = None
    parallel_tool_calls: Annotated[Flag | None, Field(description="Whether several calls may be made.")] = None
    logprobs: Flag = False
    top_logprobs: Annotated[int | None, Field(ge=0, le=MAX_TOP)] = None


class CompletionRequest(_Completion):
    """`POST /v1/completions`."""

    prompt: str | Annotated[list[str], Field(min_length=1)]
    logprobs: Annotated[int | None, Field(ge=0, le=MAX_TOP, description="How many labels to tell of.")] = None

    @property
    def texts(self) -> list[str]:
        """The messages."""
        return [self.prompt] if isinstance(self.prompt, str) else self.prompt


class ClassifyRequest(_Asked):
    """`POST /classify`."""

    model: Annotated[str, Field(description="A bundle, as GET /v1/models names it.")]
    texts: Annotated[list[str], Field(description="Messages; one result for each, in order.")]


class LoadRequest(_Asked):
    """`POST /v1/load_lora_adapter`."""

    lora_name: Annotated[str, Field(pattern=NAME, max_length=200, description="What clients are to call it.")]
    lora_path: Annotated[str, Field(min_length=1, description="A bundle in the folder of bundles.")]


class UnloadRequest(_Asked):
    """`POST /v1/unload_lora_adapter`."""

    lora_name: Annotated[str, Field(min_length=1)]
