"""Options that a question lists by letter, and the same question with them in another order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

_MARK = r"[(\[]?([A-Z])[)\].:][ \t]+(?=\S)"
_LINE = re.compile(rf"[ \t]*{_MARK}")
_INLINE = re.compile(r"(?:^|(?<=\s))[(\[]?([A-Z])[)\]][ \t]+(?=\S)")
_NAMES_OTHERS = re.compile(
    r"\b(?:above|below|former|latter|previous|preceding|following|both|neither|either|(?:all|none|any) of (?:these|them"
    r"|the (?:others?|options|answers)))\b",
    re.IGNORECASE,
)
_NAMES_LETTERS = re.compile(
    r"(?<!\w)(?:[A-Z](?:[ \t]*(?:,|&|/|and|or)[ \t]*[A-Z])+|(?:[Oo]ption|[Cc]hoice|[Aa]nswer)s? [A-Z])(?!\w)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One option of a question."""

    letter: str
    """By which an answer names it."""
    start: int
    """Where its words begin in the text."""
    end: int
    """Where they end."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rotated:
    """A question with every option one place further on, the last one first."""

    text: str
    letters: Mapping[str, str]
    """The letter of each option before to the one that it has now."""


def options_of(text: str) -> tuple[Option, ...]:
    """The options that a text ends in, A first, each in a line of its own or all of them in the last one.

    Args:
        text: a question.

    Returns:
        Two at least; nothing where the text lists none, or where it goes on behind them: what belongs to the last one
        cannot be told then.
    """
    lines = [(match.start(), match.group().rstrip()) for match in re.finditer(r"[^\n]*\S[^\n]*", text)]
    found: list[Option] = []
    for at, line in reversed(lines):
        mark = _LINE.match(line)
        if mark is None:
            break
        found.insert(0, Option(letter=mark[1], start=at + mark.end(), end=at + len(line)))
    if _in_order(found):
        return tuple(found)
    return _in_last_line(*lines[-1]) if lines else ()


def rotated_options(text: str) -> Rotated | None:
    """The question with what each option says behind the next letter, so that every right answer has moved.

    Args:
        text: a question.

    Returns:
        None where it lists no options, where one of them speaks of its place or of another ("none of the above",
        "A and C"), and where nothing would change.
    """
    options = options_of(text)
    said = [text[one.start : one.end] for one in options]
    before = text[: options[0].start] if options else text
    if _NAMES_LETTERS.search(before) or any(_NAMES_OTHERS.search(one) or _NAMES_LETTERS.search(one) for one in said):
        return None
    if len(set(said)) < 2:
        return None
    turned = text
    for one, words in zip(reversed(options), reversed([*said[-1:], *said[:-1]]), strict=True):
        turned = turned[: one.start] + words + turned[one.end :]
    letters = [one.letter for one in options]
    return Rotated(text=turned, letters=dict(zip(letters, [*letters[1:], letters[0]], strict=True)))


def _in_last_line(at: int, line: str) -> tuple[Option, ...]:
    marks = list(_INLINE.finditer(line))
    ends = [*(mark.start() for mark in marks[1:]), len(line)][: len(marks)]
    found = tuple(
        Option(letter=mark[1], start=at + mark.end(), end=at + mark.end() + len(line[mark.end() : end].rstrip()))
        for mark, end in zip(marks, ends, strict=True)
    )
    return found if _in_order(found) else ()


def _in_order(options: Sequence[Option]) -> bool:
    letters = "".join(one.letter for one in options)
    return len(letters) > 1 and ascii_uppercase.startswith(letters)
