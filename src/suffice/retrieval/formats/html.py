"""HTML: what a reader sees between two headings, block by block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from suffice.retrieval.formats.decoded import decoded
from suffice.retrieval.formats.section import Document, Outline, Section

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

HEADINGS = {f"h{level}": level for level in range(1, 7)}
UNSEEN = frozenset({"head", "nav", "noscript", "script", "style", "svg", "template"})
"""Not shown, or, as `nav`, links to elsewhere that every page of a site repeats.
Source: HTML Standard, "Hidden elements" and "The nav element"."""
INLINE = frozenset(
    {
        *("a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "dfn", "em", "font", "i", "img", "ins", "kbd"),
        *("label", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
    }
)
"""What does not end a line; every other element does. Source: HTML Standard, "Phrasing content"."""
ROWS = frozenset({"br", "dd", "dt", "li", "tr"})
"""What begins a line; other elements that do not stand in one are paragraphs, with an empty line between."""
CELLS = frozenset({"td", "th"})
BLANKS = re.compile(r"[ \t\n\f\r]+")
"""What a page shows as one blank. Source: Infra Standard, "ASCII whitespace"."""


def read_html(path: Path, *, name: str) -> Document:
    """Reads a page. Its title stands above everything, unless the first heading says the same.

    Args:
        path: the file.
        name: what problems call it.

    Raises:
        DataError: it is no UTF-8 text.
    """
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 - an extra

    page = LexborHTMLParser(decoded(path, name=name))
    title, outline, sections = page.css_first("head > title"), Outline(), list[Section]()
    above = " ".join(title.text().split()) if title is not None else ""
    outline.enter(0, above)
    parts = list[str]()
    for level, text in _pieces(page.body) if page.body is not None else ():
        if level is None:
            parts.append(text)
            continue
        sections.append(Section(headings=outline.headings, text=_lines("".join(parts))))
        heading = " ".join(text.split())
        outline.enter(level, "" if heading == above else heading)
        parts = []
    return Document(sections=(*sections, Section(headings=outline.headings, text=_lines("".join(parts)))))


def _pieces(body: LexborNode) -> Iterator[tuple[int | None, str]]:
    """Headings with their level, and everything else with None; a list in place of recursion bears any nesting."""
    waiting: list[tuple[LexborNode | str, bool]] = [(body, False)]
    blank_before = True
    while waiting:
        node, kept = waiting.pop()
        if isinstance(node, str):
            text = node
        elif node.tag in HEADINGS:
            yield HEADINGS[node.tag], node.text(separator="")
            text = "\n"
        elif node.tag == "-text":
            said = node.text_content or ""
            collapsed = said if kept else BLANKS.sub(" ", said)
            text = collapsed.lstrip(" ") if blank_before and not kept else collapsed
        elif node.tag in UNSEEN or node.tag is None or node.tag.startswith(("-", "!")):
            continue
        else:
            text = "" if node.tag in INLINE or node.tag in CELLS else "\n"
            waiting.append((" | " if node.tag in CELLS else "" if node.tag in ROWS else text, False))
            waiting.extend((child, kept or node.tag == "pre") for child in reversed(list(_children(node))))
        if text:
            blank_before = text[-1] in " \n"
            yield None, text


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        yield child
        child = child.next


def _lines(text: str) -> str:
    """Without blanks at the ends of lines, without bars at the end of a table's row, with one empty line at most."""
    said = [line.rstrip().removesuffix("|").rstrip() for line in text.split("\n")]
    return "\n".join(line for before, line in pairwise(["", *said]) if line or before).strip("\n")
