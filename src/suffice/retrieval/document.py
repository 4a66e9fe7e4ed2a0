"""One knowledge file to what it says, or to what keeps it from being read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from suffice.retrieval.formats.known import FORMATS, format_of
from suffice.retrieval.formats.section import Document, unreadable
from suffice.store.files import file_sha256
from suffice.text.normalise import readable


def read_document(path: Path, *, name: str) -> Document:
    """Reads one file by the format that its name promises.

    Args:
        path: the file.
        name: what problems call it.

    Raises:
        DataError: it is of no known format, empty, too long, cannot be opened, or is not what its name says.
    """
    with _opened(name):
        return _document(path, name=name)


def sha256_of(path: Path, *, name: str) -> str | None:
    """The hash of a file; None where it is none, or of no format that is read.

    Args:
        path: the file.
        name: what problems call it.

    Raises:
        DataError: it cannot be opened.
    """
    with _opened(name):
        return file_sha256(path) if format_of(name) is not None and path.is_file() else None


@contextmanager
def _opened(name: str) -> Iterator[None]:
    """Raises what the system says of a file as what is wrong with it."""
    try:
        yield
    except OSError as error:
        got, fix = error.strerror or str(error), f"let yourself read it: chmod u+r {name}"
        raise unreadable(name, "a knowledge file must be readable", got=got, fix=fix) from error


def _document(path: Path, *, name: str) -> Document:
    if not path.is_file():
        # A pipe would be waited for without end.
        got = "a folder that cannot be entered, or a link to one" if path.is_dir() else "no file, or a link to nowhere"
        raise unreadable(name, "knowledge must be in files", got=got, fix="give the folder itself, or take it out")
    format_ = format_of(name)
    if format_ is None:
        known = ", ".join(ending for one in FORMATS for ending in one.endings)
        got = f"the ending {path.suffix!r}" if path.suffix else "a name without an ending"
        fix = f"save it as one of {known}; or leave it where it is, unread"
        raise unreadable(name, "a knowledge file must be of a format that is read", got=got, fix=fix)
    n_bytes = path.stat().st_size
    if n_bytes == 0:
        raise unreadable(name, "a knowledge file must have text", got="an empty file", fix="take it out, or fill it")
    if n_bytes > format_.max_bytes:
        rule = f"a {format_.name} file of knowledge must have at most {format_.max_bytes:,} bytes"
        raise unreadable(name, rule, got=f"{n_bytes:,} bytes", fix="divide it into several files")
    return _writable(format_.read(path, name=name))


def _writable(document: Document) -> Document:
    """Without halves of surrogate pairs, which no file and no model takes."""
    sections = (
        replace(section, text=readable(section.text), headings=tuple(map(readable, section.headings)))
        for section in document.sections
    )
    return replace(document, sections=tuple(sections))
