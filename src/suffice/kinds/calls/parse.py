"""What a completion calls: every form in which models write calls, and where one that is meant cannot be read."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from suffice.kinds.calls.pieces import Piece, pieces_of
from suffice.kinds.calls.python import UnreadableCall, python_calls
from suffice.kinds.calls.python_meant import MAX_CHARACTERS, is_python
from suffice.kinds.schemas.nesting import MAX_DEPTH, deeper_than
from suffice.kinds.schemas.tools import wire_name
from suffice.records.tool_calls import ParsedCalls, SyntaxFault, ToolCall

_BLANKS, _BETWEEN = re.compile(r"\s*"), re.compile(r"[\s,;]*")
_WITHIN = ("function_call", "functionCall")
"""Keys within which OpenAI's older form and Gemini's have a call."""
_OURS = {"tool_name": "name", "args": "arguments", "input": "arguments"}
"""What Cohere, Gemini and Anthropic name a call's parts, and what OpenAI does."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    """A piece that was read."""

    calls: list[ToolCall]
    around: bool = False
    """Whether text follows them in it."""
    foreign: bool = False
    """Whether a call has the keys of one model family."""


def parse(completion: str, *, names: Collection[str]) -> ParsedCalls:
    """The calls of a completion. What is in `<think>` tags is no call; `pieces` says what else is meant as one.

    Args:
        completion: what a model wrote.
        names: of the tools that there are: they tell a call from other text, and never change what is called.
    """
    names = {*names, *map(wire_name, names)}
    begin = completion.rfind("</think>") + len("</think>") if "</think>" in completion else 0
    text = completion if begin or "<think>" not in completion else completion[: completion.index("<think>")]
    pieces = pieces_of(text, begin, names)
    around = bool(_outside(text, begin, pieces).strip())
    if not pieces:
        return ParsedCalls(calls=(), form="none", text_around=around, fault=None)
    form = pieces[0].form
    calls: list[ToolCall] = []
    for number, piece in enumerate(pieces):
        try:
            found = _read(text[piece.begin : piece.end], piece, names)
        except UnreadableCall as error:
            call = number if len(pieces) > 1 else None
            fault = SyntaxFault(what=error.what, call=call, at=piece.begin + error.at)
            return ParsedCalls(calls=(), form=form, text_around=around, fault=fault)
        calls, around = [*calls, *found.calls], around or found.around
        form = "marked" if found.foreign else form
    return ParsedCalls(calls=tuple(calls), form=form, text_around=around, fault=None)


def parse_tool_calls(objects: Any, *, content: str = "") -> ParsedCalls:
    """The calls of a message that has them apart from its text, each in OpenAI's form or a flat one.

    Args:
        objects: what stands under `tool_calls`; None for none.
        content: what the message says beside them.
    """
    around, calls = bool(content.strip()), list[ToolCall]()
    if not isinstance(objects, list | None):
        fault = SyntaxFault(what="tool_calls is no list", call=None, at=0)
        return ParsedCalls(calls=(), form="openai", text_around=around, fault=fault)
    for number, one in enumerate(objects or []):
        try:
            calls.append(_given(one))
        except UnreadableCall as error:
            fault = SyntaxFault(what=error.what, call=number, at=error.at)
            return ParsedCalls(calls=(), form="openai", text_around=around, fault=fault)
    return ParsedCalls(calls=tuple(calls), form="openai" if calls else "none", text_around=around, fault=None)


def no_call_in(objects: Sequence[Any]) -> int | None:
    """Position of the first of some objects that is a call in no known shape; None where all of them are calls.

    It tells a file in a shape of its own from calls that a model got wrong: a model writes arguments, not the keys
    around them.

    Args:
        objects: what stands under `tool_calls`.
    """
    return next((number for number, one in enumerate(objects) if _parts(one) is None), None)


def read_json(text: str, *, at: int = 0) -> tuple[Any, int]:
    """One JSON value, and where it ends.

    NaN, infinities, a key that stands twice, and nesting beyond `MAX_DEPTH` are refused: another reader would make
    something else of each.

    Args:
        text: what holds the value.
        at: where it begins; blanks before it are passed over.

    Raises:
        UnreadableCall: it cannot be read; says where.
    """
    if len(text) > MAX_CHARACTERS:
        raise UnreadableCall(f"longer than {MAX_CHARACTERS:,} characters", at=MAX_CHARACTERS)
    begin = _past(_BLANKS, text, at)
    try:
        value, end = _DECODER.raw_decode(text, begin)
    except json.JSONDecodeError as error:
        raise UnreadableCall(error.msg, at=error.pos) from error
    except RecursionError as error:
        raise UnreadableCall("nested too deep", at=begin) from error
    except ValueError as error:
        raise UnreadableCall(str(error), at=begin) from error
    if deeper_than(value, MAX_DEPTH):
        raise UnreadableCall("nested too deep", at=begin)
    return value, end


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _whole(digits: str) -> int:
    try:
        return int(digits)
    except ValueError as error:  # Python's own limit: turning digits into a number takes their square
        raise ValueError(f"a number of {len(digits):,} digits") from error


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError("a number too large to be held")
    return number


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_constant=_no_constant, parse_float=_finite, parse_int=_whole
)


def _past(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where the text goes on after what a pattern that always fits passes over."""
    found = pattern.match(text, at)
    assert found
    return found.end()


def _outside(text: str, begin: int, pieces: Sequence[Piece]) -> str:
    kept, at = "", begin
    for piece in pieces:
        kept, at = kept + text[at : piece.outer[0]], piece.outer[1]
    return kept + text[at:]


def _read(text: str, piece: Piece, names: Collection[str]) -> _Read:
    """The calls of a piece.

    Raises:
        UnreadableCall: it cannot be read.
    """
    if len(text) > MAX_CHARACTERS:
        raise UnreadableCall(f"longer than {MAX_CHARACTERS:,} characters", at=MAX_CHARACTERS)
    if piece.name is not None:
        value, end = read_json(text)
        call = ToolCall(name=piece.name, arguments=_arguments(value, at=0))
        return _Read(calls=[call], around=bool(text[end:].strip()))
    bare = text.strip()
    if is_python(bare):
        shift = len(text) - len(text.lstrip())
        try:
            return _Read(calls=list(python_calls(bare)))
        except UnreadableCall as error:
            raise UnreadableCall(error.what, at=shift + error.at) from error
    return _json_calls(text, names)


def _json_calls(text: str, names: Collection[str]) -> _Read:
    """The calls of values that follow one another, with nothing, commas or semicolons between them."""
    calls, foreign = list[ToolCall](), False
    at, first = 0, True
    while first or text[at : at + 1] in {"{", "["}:
        value, end = read_json(text, at=at)
        for one in value if isinstance(value, list) else [value]:
            plain = _in_our_keys(one)
            calls, foreign = [*calls, *_calls_of(plain, names, at=at)], foreign or plain is not one
        at, first = _past(_BETWEEN, text, end), False
    return _Read(calls=calls, around=bool(text[at:].strip()), foreign=foreign)


def _in_our_keys(value: Any) -> Any:
    """A call with the keys of one model family as OpenAI has it; the same value where it is no such call."""
    if not isinstance(value, Mapping):
        return value
    listed = value.get("tool_calls")
    if isinstance(listed, list):
        calls = [_in_our_keys(one) for one in listed]
        as_it_is = all(call is one for call, one in zip(calls, listed, strict=True))
        return value if as_it_is else {**value, "tool_calls": calls}
    inner = next((value[key] for key in _WITHIN if isinstance(value.get(key), Mapping)), value)
    if not isinstance(inner.get("name", inner.get("tool_name")), str):
        return value
    renamed = {key: ours for key, ours in _OURS.items() if key in inner and ours not in inner}
    return {renamed.get(key, key): one for key, one in inner.items()} if renamed else inner


def _calls_of(value: Any, names: Collection[str], *, at: int) -> list[ToolCall]:
    """The calls of one JSON object: OpenAI's, Llama's, BFCL's, or `{name: arguments}`."""
    if not isinstance(value, Mapping):
        raise UnreadableCall("a value that is no call", at=at)
    if isinstance(value.get("tool_calls"), list):
        return [call for one in value["tool_calls"] for call in _calls_of(one, names, at=at)]
    inner = value["function"] if isinstance(value.get("function"), Mapping) else value
    name = inner.get("name", inner.get("function"))
    if not isinstance(name, str):
        only = next(iter(inner), None) if len(inner) == 1 else None
        if isinstance(only, str) and only in names and isinstance(inner[only], Mapping):
            return [ToolCall(name=only, arguments=inner[only])]
        raise UnreadableCall("no name of a tool", at=at)
    given = [key for key in ("arguments", "parameters") if key in inner]
    if not given:
        raise UnreadableCall("no arguments", at=at)
    return [ToolCall(name=name, arguments=_arguments(inner[given[0]], at=at), call_id=_text(value.get("id")))]


def _arguments(given: Any, *, at: int) -> Mapping[str, Any]:
    """Arguments as an object, or as JSON in a string; none are an empty string."""
    if isinstance(given, str):
        given = _whole_json(given, at=at) if given.strip() else {}
    if not isinstance(given, Mapping):
        raise UnreadableCall("arguments that are no object", at=at)
    return given


def _whole_json(text: str, *, at: int) -> Any:
    try:
        value, end = read_json(text)
    except UnreadableCall as error:
        raise UnreadableCall(f"arguments: {error.what}", at=at + error.at) from error
    if text[end:].strip():
        raise UnreadableCall("arguments: Extra data", at=at + end)
    return value


def _given(one: Any) -> ToolCall:
    parts = _parts(one)
    if parts is None:
        raise UnreadableCall("no name of a tool", at=0)
    arguments = parts.get("arguments", parts.get("parameters", ""))
    if not isinstance(arguments, str) and deeper_than(arguments, MAX_DEPTH):
        raise UnreadableCall("nested too deep", at=0)
    return ToolCall(name=parts["name"], arguments=_arguments(arguments, at=0), call_id=_text(one.get("id")))


def _parts(one: Any) -> Mapping[str, Any] | None:
    """Name and arguments of an object, as OpenAI has them under `function` (where arguments may be left out), or flat,
    in the keys of any family; None where it is neither.
    """
    if not isinstance(one, Mapping):
        return None
    wrapped = isinstance(one.get("function"), Mapping)
    inner = _in_our_keys(one["function"] if wrapped else one)
    has_arguments = wrapped or "arguments" in inner or "parameters" in inner
    return inner if isinstance(inner.get("name"), str) and has_arguments else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
