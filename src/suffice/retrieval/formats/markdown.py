"""Markdown: a section for each heading, as CommonMark tells headings from what only looks like one."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from suffice.retrieval.formats.decoded import decoded
from suffice.retrieval.formats.section import Document, Outline, Section

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

FENCE = "---"
"""What front matter stands between, where a file's first line is this."""


def read_markdown(path: Path, *, name: str) -> Document:
    """Reads a Markdown file. Text keeps its marks: models read lists and tables in it as well as in anything else.

    Args:
        path: the file.
        name: what problems call it.

    Raises:
        DataError: it is no UTF-8 text.
    """
    from markdown_it import MarkdownIt  # noqa: PLC0415 - an extra

    lines = decoded(path, name=name).split("\n")
    begin = above = _front_matter(lines)
    blocks, inline = MarkdownIt("commonmark").disable("inline"), MarkdownIt("commonmark")
    sections, outline = [Section(headings=(), text="\n".join(lines[:above]), line=1)], Outline()
    tokens = blocks.parse("\n".join(lines[above:]))
    for token, content in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map is not None:
            first, after = (above + at for at in token.map)
            sections.append(_section(lines, outline, begin, first))
            outline.enter(int(token.tag[1:]), _plain(inline, content.content))
            begin = after
    return Document(sections=(*sections, _section(lines, outline, begin, len(lines))))


def _section(lines: list[str], outline: Outline, begin: int, end: int) -> Section:
    return Section(headings=outline.headings, text="\n".join(lines[begin:end]), line=begin + 1)


def _front_matter(lines: list[str]) -> int:
    """How many lines it takes: to CommonMark its last one would make a heading of all that stands above."""
    if lines[0].rstrip() != FENCE:
        return 0
    return next((at + 1 for at, line in enumerate(lines[1:], start=1) if line.rstrip() == FENCE), 0)


def _plain(inline: MarkdownIt, heading: str) -> str:
    """A heading without its marks."""
    said = inline.parseInline(heading)[0].children or []
    return " ".join("".join(part.content or " " for part in said if part.type != "html_inline").split())
