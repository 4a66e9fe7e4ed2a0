"""A trace's text to its steps and to the answer that it states at its end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

_SENTENCE_ENDS = re.compile(r"(?<=[.!?])[ \t]+(?=[A-Z(\d$\"'])")
_MARKER = re.compile(r"^[ \t]{0,20}(?:[-*•][ \t]+|\(?\d{1,3}[.):][ \t]+|#{1,6}[ \t]+)", re.ASCII)
_NUMBERED = re.compile(r"^[ \t*#]{0,20}step[ \t]*\d{1,3}[ \t]*[:.)\-–*]{0,4}[ \t]*", re.IGNORECASE | re.ASCII)
_TAG = re.compile(r"</?think(?:ing)?>", re.IGNORECASE)
_ANSWER = re.compile(
    r"^[ \t*_`]{0,10}(?:####(?!#)(?!.*[:=])|(?:so[, ]+|therefore[, ]+|thus[, ]+|hence[, ]+)?(?:the[ ]+)?(?:final[ ]+)?"
    r"answer(?:[ ]+(?:is|:))?|a:|\$*\\boxed(?=\{))[ \t:*=]{0,10}(?P<said>.*)$",
    re.IGNORECASE,
)
"""A line that is the answer and no step: `#### 18`, `A: 18`, `The answer is 18.`, `\\boxed{18}`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One line, or one sentence of a trace that has no lines."""

    start: int
    """Position of its first character in the text."""
    end: int
    """Position behind its last character."""
    text: str
    """Without the mark of a list and without the blanks around it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Steps:
    """A trace cut into steps."""

    steps: tuple[Step, ...]
    """In order; lines and sentences that show no letter and no digit are none."""
    stated: str | None
    """What stands behind the mark of an answer in the last line that has one; None where none has."""


def steps_of(text: str) -> Steps:
    """Cuts a trace into steps.

    Where there are two lines or more, each is a step, as in GSM8K, whose number of steps is its number of lines; a
    single line is cut into its sentences.

    Args:
        text: a trace of any length, with or without a line that states the answer.
    """
    lines = [step for step in _parts(text, _lines(text)) if step is not None]
    stated: str | None = None
    kept: list[Step] = []
    for step in lines:
        said = _ANSWER.match(text[step.start : step.end].strip())
        if said is None:
            kept.append(step)
        else:
            stated = said["said"].strip()
    if len(kept) == 1:
        [only] = kept
        kept = [step for step in _parts(text, _sentences(text, only)) if step is not None]
    return Steps(steps=tuple(kept), stated=stated)


def is_answer_line(line: str) -> bool:
    """Whether a line is marked as the answer and no step: `A: 18`, `The answer is 18.`

    Args:
        line: of a trace.
    """
    return _ANSWER.match(line.strip()) is not None


def _lines(text: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for line in text.splitlines(keepends=True):
        spans.append((start, start + len(line)))
        start += len(line)
    return spans


def _sentences(text: str, step: Step) -> list[tuple[int, int]]:
    cuts = [step.start, *(found.start() for found in _SENTENCE_ENDS.finditer(text, step.start, step.end)), step.end]
    return list(pairwise(cuts))


def _parts(text: str, spans: list[tuple[int, int]]) -> list[Step | None]:
    return [_step(text, start, end) for start, end in spans]


def _step(text: str, start: int, end: int) -> Step | None:
    said = _TAG.sub("", text[start:end])
    said = _NUMBERED.sub("", _MARKER.sub("", said, count=1), count=1).strip()
    return Step(start=start, end=end, text=said) if any(sign.isalnum() for sign in said) else None
