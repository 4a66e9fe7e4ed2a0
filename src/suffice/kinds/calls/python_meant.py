"""Whether text in Python's syntax is meant to call tools: words have parentheses too, and code has calls."""

from __future__ import annotations

import re
from collections.abc import Collection

from suffice.kinds.calls.python import UnreadableCall, python_calls
from suffice.records.tool_calls import ToolCall

MAX_CHARACTERS = 100_000
"""The longest text that is read as calls, so that reading has a bound; what is longer is told, and not read."""

_CALL = re.compile(r"(\[?)\s*([A-Za-z_][\w.]*)\s*\(")
_LINE = re.compile(r"[^\n]+")
_LINE_OF_CALLS = re.compile(r"^[ \t`]*(?:\[\s*)?[A-Za-z_][\w.]*\(", re.MULTILINE)
_BEGUN = re.compile(r"\[?\s*[A-Za-z_][\w.]*\(\s*(?:\)|[A-Za-z_]\w*\s*=)")
"""An argument with a name, or none: nobody writes words so."""
_BEGUN_OF_TOOL = re.compile(r"\[?\s*[A-Za-z_][\w.]*\(\s*(?:\Z|[)\"'\[{(*]|[-+]?[\d.]|[A-Za-z_]\w*\s*(?:=|\Z))")
"""Any value as well, behind the name of a tool; a word in parentheses is none, as in `book(s)`."""
_SENTENCE_ENDS = (".", ":", "!", "?")


def is_python(text: str) -> bool:
    """Whether a text begins as a call does, or a list of them.

    Args:
        text: without blanks before it.
    """
    return bool(_CALL.match(text))


def is_calls(text: str, names: Collection[str], *, alone: bool) -> bool:
    """Whether a text is nothing but calls that can be read.

    Args:
        text: without blanks around it.
        names: of the tools that there are.
        alone: whether nothing is said beside it: otherwise only a list, or a tool that there is, is a call of tools.
    """
    calls = _read(text)
    return bool(calls) and (alone or text.startswith("[") or any(call.name in names for call in calls))


def is_begun(text: str, names: Collection[str]) -> bool:
    """Whether a text begins as a list of calls or as a call of a tool that there is, whatever keeps it from being read.

    A call that is closed, and talked about in words behind it, was not begun.

    Args:
        text: without blanks around it.
        names: of the tools that there are.
    """
    found = _CALL.match(text)
    if not found or not (found[1] or found[2] in names):
        return False
    if not (_BEGUN_OF_TOOL if found[2] in names else _BEGUN).match(text):
        return False
    return bool(found[1]) or text.count("(") > text.count(")") or not re.search(r"\w", text.rpartition(")")[2])


def calling_lines(text: str, names: Collection[str]) -> list[tuple[int, int]]:
    """Where calls stand on lines of their own within other text: begin and end of each such line, or of all that
    follows from the first on where all of it is calls.

    Calls of tools that there are count wherever they stand so. Others do where they have arguments and all other lines
    are sentences: among lines of code they are code.

    Args:
        text: an answer; what it has in fences is left out by whoever asks.
        names: of the tools that there are.
    """
    first = _LINE_OF_CALLS.search(text)
    if not first:
        return []
    if is_calls(text[first.start() :].strip(), names, alone=False):
        return [(first.start(), len(text))]
    lines, of_tools, prose = list[tuple[int, int]](), list[tuple[int, int]](), True
    for line in _LINE.finditer(text):
        said = line[0].strip(" \t\r`")
        calls = _read(said) if is_python(said) else ()
        if calls:
            at = line.start() + line[0].index(said)
            lines.append((at, at + len(said)))
            of_tools += lines[-1:] if any(call.name in names for call in calls) else []
            prose = prose and line[0] == line[0].lstrip() and all(call.arguments for call in calls)
        else:
            prose = prose and (not said or said.endswith(_SENTENCE_ENDS))
    return lines if prose else of_tools


def _read(text: str) -> tuple[ToolCall, ...]:
    """The calls of a text that is nothing else; none where it is not."""
    if len(text) > MAX_CHARACTERS:
        return ()
    try:
        return python_calls(text)
    except UnreadableCall:
        return ()
