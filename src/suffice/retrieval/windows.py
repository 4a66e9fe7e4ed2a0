"""Sections to passages: whole where they are short, else windows that overlap and end with a sentence if they can."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256

from suffice.records.knowledge import Passage, WindowSize
from suffice.retrieval.formats.section import Section
from suffice.retrieval.words import WORD
from suffice.text.normalise import is_empty

ID_DIGITS = 12
"""Hexadecimal digits of a passage's id: two of 100,000 passages of one file share one with a chance of 2 in 100,000."""
SENTENCE_END = re.compile(r"[.!?。！？][)\]\"'”’»]*$")
"""What a word ends with that ends a sentence."""


def passages(sections: Iterable[Section], *, source: str, window: WindowSize) -> tuple[Passage, ...]:
    """Cuts the sections of a file.

    Args:
        sections: in the order of reading; those that show nothing give no passage.
        source: the file.
        window: how long sections are cut.
    """
    seen = Counter[str]()
    return tuple(
        _passage(section, text, line=line, source=source, seen=seen)
        for section in sections
        for text, line in _cut(section, window)
    )


def _passage(section: Section, text: str, *, line: int | None, source: str, seen: Counter[str]) -> Passage:
    """One window; a copy of an earlier one in the same file is told from it by its number."""
    digest = sha256("\n".join([*section.headings, text]).encode()).hexdigest()
    name = f"{source}#{digest[:ID_DIGITS]}"
    seen[name] += 1
    return Passage(
        id=name if seen[name] == 1 else f"{name}-{seen[name]}",
        source=source,
        headings=section.headings,
        text=text,
        line=line,
        page=section.page,
        record=section.record,
    )


def _cut(section: Section, window: WindowSize) -> Iterator[tuple[str, int | None]]:
    """Each window's text, and the line where it begins; all lines of a row are the line of the row."""
    text = section.text
    spans = [] if is_empty(text) else [match.span() for match in WORD.finditer(text)]
    breaks = [match.start() for match in re.finditer("\n", text)] if section.record is None else []
    for first, after in _windows(text, spans, window):
        start, end = spans[first][0], spans[after - 1][1]
        line = None if section.line is None else section.line + bisect_right(breaks, start)
        yield text[start:end], line


def _windows(text: str, spans: list[tuple[int, int]], window: WindowSize) -> Iterator[tuple[int, int]]:
    """First word of each window and the one after its last."""
    first = 0
    while len(spans) - first > window.words:
        after = _natural_end(text, spans, first + window.words, least=first + max(window.words * 2 // 3, 1))
        yield first, after
        first = max(after - window.overlap, first + 1)
    if spans:
        yield first, len(spans)


def _natural_end(text: str, spans: list[tuple[int, int]], latest: int, *, least: int) -> int:
    """The last place in a window's last third where a paragraph ends, else a sentence, else the whole window."""
    sentence = None
    for after in range(latest, least - 1, -1):
        end, following = spans[after - 1][1], spans[after][0]
        if text.count("\n", end, following) > 1:
            return after
        if sentence is None and SENTENCE_END.search(text[spans[after - 1][0] : end]):
            sentence = after
    return sentence or latest
