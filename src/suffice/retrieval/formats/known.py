"""The formats there are, by the ending of the file's name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from suffice.retrieval.formats.html import read_html
from suffice.retrieval.formats.json_lines import read_json_lines
from suffice.retrieval.formats.markdown import read_markdown
from suffice.retrieval.formats.pdf import read_pdf
from suffice.retrieval.formats.section import Document
from suffice.retrieval.formats.text import read_text

MEBIBYTE = 1 << 20


class Read(Protocol):
    """Reads one file of a format."""

    def __call__(self, path: Path, *, name: str) -> Document:
        """Gives its sections, or raises what is wrong with all of it."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """One way to write knowledge to a file."""

    name: str
    """What people call it."""
    endings: tuple[str, ...]
    """Endings of file names, lower case, with their dot."""
    max_bytes: int
    """A longer file is not read: parsers take time by its length, and no person wrote so much text."""
    read: Read
    """Reads a file."""


FORMATS = (
    Format(name="Markdown", endings=(".md", ".markdown"), max_bytes=16 * MEBIBYTE, read=read_markdown),
    Format(name="HTML", endings=(".html", ".htm", ".xhtml"), max_bytes=16 * MEBIBYTE, read=read_html),
    Format(name="text", endings=(".txt", ".text"), max_bytes=16 * MEBIBYTE, read=read_text),
    Format(name="JSON Lines", endings=(".jsonl", ".ndjson"), max_bytes=256 * MEBIBYTE, read=read_json_lines),
    Format(name="PDF", endings=(".pdf",), max_bytes=256 * MEBIBYTE, read=read_pdf),
)
"""What of a knowledge folder is read."""


def format_of(name: str) -> Format | None:
    """The format that a file's name promises, or None."""
    ending = Path(name).suffix.lower()
    return next((format_ for format_ in FORMATS if ending in format_.endings), None)
