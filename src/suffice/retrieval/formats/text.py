"""Plain text: one section, in lines."""

from __future__ import annotations

from pathlib import Path

from suffice.retrieval.formats.decoded import decoded
from suffice.retrieval.formats.section import Document, Section


def read_text(path: Path, *, name: str) -> Document:
    """Reads a text file; it has no headings that could be told from other lines.

    Args:
        path: the file.
        name: what problems call it.

    Raises:
        DataError: it is no UTF-8 text.
    """
    return Document(sections=(Section(headings=(), text=decoded(path, name=name), line=1),))
