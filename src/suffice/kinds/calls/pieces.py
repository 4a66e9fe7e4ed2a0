"""Where in a completion calls are meant: the parts that are to be read as calls, and in which form each is."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from suffice.kinds.calls.python_meant import calling_lines, is_begun, is_calls, is_python
from suffice.records.tool_calls import WrittenAs

_OPEN, _CLOSE = "<tool_call>", "</tool_call>"
_MARK = re.compile(
    r"\[TOOL_CALLS\]\s*(?P<mistral>[\w.-]+)?(?:\[CALL_ID\][\w-]*)?(?:\[ARGS\])?"
    r"|<function=(?P<llama>[^<>\n]+)>"
    r"|<\|python_tag\|>"
    r"|(?:<｜tool▁calls▁begin｜>\s*)?<｜tool▁call▁begin｜>(?:function\s*<｜tool▁sep｜>)?\s*(?P<deepseek>[^\s<{`]+)\s*"
    r"(?:<｜tool▁sep｜>\s*)?(?:```(?:json)?)?"
)
"""What begins a call in a model family's own marks, and in most of them the tool's name.

Source: the chat templates and documentation of Mistral (Instruct v0.3, tokenizer v11 and v13), Llama 3.1 (JSON and
custom tool calling), and DeepSeek (V3, R1, V3.1).
"""
_UNMARK = re.compile(r"</function>|<\|eo[mt]_id\|>|(?:```\s*)?<｜tool▁call▁end｜>(?:\s*<｜tool▁calls▁end｜>)?")
_FENCE = re.compile(r"```[\w+-]*[ \t]*\n?(.*?)(?:```|\Z)", re.DOTALL)
_IN_TEXT = re.compile(
    r"[\[{]\s*(?:\{\s*)?[\"'](?:name|function|tool_name|tool_calls|type|id|tool_call_id|function_?[cC]all)[\"']\s*:"
)
_KEYS = re.compile(r"[\"'](?:arguments|parameters|tool_calls)[\"']\s*:")
_NAMED = re.compile(r"[\"'](?:name|function|tool_name)[\"']\s*:\s*[\"']([^\"']{1,200})[\"']")
_INPUT = re.compile(r"[\"'](?:args|input)[\"']\s*:\s*\{")
_KEYED = re.compile(r"[\"']([^\"']{1,200})[\"']\s*:\s*\{")


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A part of the completion that is meant as calls."""

    form: WrittenAs
    begin: int
    end: int
    outer: tuple[int, int]
    """With its tags, marks or fence."""
    name: str | None = None
    """Of the tool, where marks tell it and the piece has nothing but arguments."""


def pieces_of(text: str, begin: int, names: Collection[str]) -> list[Piece]:
    """The parts that are meant as calls, in order; none where the text is an answer in words.

    Looked for, first found: `<tool_call>` tags, marks of a model family, code fences, the whole text, calls in Python's
    syntax on lines of their own, an answer that begins as such a call, JSON within other text. Tags and marks are for
    calls alone. Anything else has to say by more than a bracket that it calls: JSON by a call's keys or a tool's name,
    Python's syntax as `python_meant` has it.

    Args:
        text: what a model wrote.
        begin: where its answer begins.
        names: of the tools that there are.
    """
    return (
        _tagged(text, begin)
        or _marked(text, begin)
        or _fenced(text, begin, names)
        or _whole(text, begin, names)
        or _lines(text, begin, names)
        or _begun(text, begin, names)
        or _json_within(text, begin, names)
    )


def _tagged(text: str, begin: int) -> list[Piece]:
    """What stands in `<tool_call>` tags; one that is not closed ends with the next or with the text."""
    found: list[Piece] = []
    start = text.find(_OPEN, begin)
    while start >= 0:
        inner, following = start + len(_OPEN), text.find(_OPEN, start + len(_OPEN))
        limit = following if following >= 0 else len(text)
        closed = text.find(_CLOSE, inner, limit)
        end, outer = (closed, closed + len(_CLOSE)) if closed >= 0 else (limit, limit)
        found.append(Piece(form="tagged", begin=inner, end=end, outer=(start, outer)))
        start = following
    return found


def _marked(text: str, begin: int) -> list[Piece]:
    """What stands behind marks; one that is not closed ends with the next or with the text."""
    marks, found = list(_MARK.finditer(text, begin)), list[Piece]()
    for number, mark in enumerate(marks, start=1):
        limit = marks[number].start() if number < len(marks) else len(text)
        closed = _UNMARK.search(text, mark.end(), limit)
        end, outer = closed.span() if closed else (limit, limit)
        name = mark["mistral"] or mark["llama"] or mark["deepseek"]
        found.append(Piece(form="marked", begin=mark.end(), end=end, outer=(mark.start(), outer), name=name))
    return found


def _fenced(text: str, begin: int, names: Collection[str]) -> list[Piece]:
    fences = list(_FENCE.finditer(text, begin))
    alone = len(fences) == 1 and not (text[begin : fences[0].start()] + text[fences[0].end() :]).strip()
    return [
        Piece(form="fenced", begin=found.start(1), end=found.end(1), outer=found.span())
        for found in fences
        if _meant(inner := text[found.start(1) : found.end(1)], names, alone=alone) or is_begun(inner.strip(), names)
    ]


def _whole(text: str, begin: int, names: Collection[str]) -> list[Piece]:
    meant = _meant(text[begin:], names, alone=True)
    return [_to_the_end(text, begin, meant)] if meant else []


def _lines(text: str, begin: int, names: Collection[str]) -> list[Piece]:
    """Calls in Python's syntax on lines of their own, fences left out: those were looked at."""
    words = _FENCE.sub(lambda fence: re.sub(r"[^\n]", " ", fence[0]), text[begin:])
    spans = [(begin + at, begin + end) for at, end in calling_lines(words, names)]
    return [Piece(form="python", begin=at, end=end, outer=(at, end)) for at, end in spans]


def _begun(text: str, begin: int, names: Collection[str]) -> list[Piece]:
    return [_to_the_end(text, begin, "python")] if is_begun(text[begin:].strip(), names) else []


def _json_within(text: str, begin: int, names: Collection[str]) -> list[Piece]:
    found = _IN_TEXT.search(text, begin)
    return [_to_the_end(text, found.start(), "json")] if found and _is_json(text[found.start() :], names) else []


def _to_the_end(text: str, begin: int, form: WrittenAs) -> Piece:
    return Piece(form=form, begin=begin, end=len(text), outer=(begin, len(text)))


def _meant(text: str, names: Collection[str], *, alone: bool) -> WrittenAs | None:
    """In which form a text, from its first sign, is calls; None where it is not."""
    text = text.strip()
    if is_python(text):
        return "python" if is_calls(text, names, alone=alone) else None
    return "json" if text == "[]" or _is_json(text, names) else None


def _is_json(text: str, names: Collection[str]) -> bool:
    """Whether JSON has a call's keys, or names a tool where a call does; it may be broken."""
    if text[:1] not in {"{", "["}:
        return False
    named = {found[1] for found in _NAMED.finditer(text)}
    return bool(
        _KEYS.search(text)
        or (named and _INPUT.search(text))
        or not named.isdisjoint(names)
        or any(found[1] in names for found in _KEYED.finditer(text))
    )
