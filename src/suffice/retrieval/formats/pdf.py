"""PDF: a section for each page that has text in it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from suffice.errors import DataError, Problem
from suffice.retrieval.formats.section import Document, Section, unreadable

if TYPE_CHECKING:
    from pypdf import PdfReader

MAX_SECONDS = 120.0
"""For one file; pages that are left then are named. Less than a file may take in all, so that what was read stays."""

CIPHERS = "pip install cryptography, if it opens without a password; else "
"""What pypdf needs for AES, which files are encrypted with too that only forbid printing."""


def read_pdf(path: Path, *, name: str) -> Document:
    """Reads the text that a PDF states; pictures of text are not read, and their pages are named.

    Args:
        path: the file.
        name: what problems call it.

    Raises:
        DataError: it is encrypted, damaged or no PDF at all, or has no text on any page.
    """
    from pypdf import PdfReader  # noqa: PLC0415 - an extra
    from pypdf.errors import DependencyError  # noqa: PLC0415

    with _silent():
        try:
            reader = PdfReader(path)
            _unlock(reader, name=name)
            document = _read(reader, name=name)
        except (DataError, OSError):
            raise
        except DependencyError as error:
            raise _encrypted(name, "an encrypted file, and no library that knows how", first=CIPHERS) from error
        except Exception as error:  # pypdf meets a damaged file with whatever its parts raise.
            got = f"{type(error).__name__}: {error}"
            fix = "open it in a viewer and print it to a new PDF, or take it out"
            raise unreadable(name, "a PDF must be whole", got=got, fix=fix) from error
    if not document.skipped and not document.sections:
        raise unreadable(name, "a PDF must have pages", got="none", fix="take it out of the folder")
    if not document.sections:
        got = f"{len(reader.pages):,} pages without any; of {document.skipped[0].where}: {document.skipped[0].got}"
        fix = "pages that were scanned are pictures: have their text recognised (OCR), or take the file out"
        raise unreadable(name, "a PDF must have text on its pages", got=got, fix=fix)
    return document


@contextmanager
def _silent() -> Iterator[None]:
    """What pypdf would log of every oddity that it reads over is told here once for a page, or not at all."""
    logger = logging.getLogger("pypdf")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)


def _unlock(reader: PdfReader, *, name: str) -> None:
    """Opens what anybody may read: some PDFs are encrypted with no password, only to forbid printing."""
    if reader.is_encrypted and not reader.decrypt(""):
        raise _encrypted(name, "an encrypted file")


def _encrypted(name: str, got: str, *, first: str = "") -> DataError:
    fix = f"{first}save it without a password: qpdf --decrypt --password=... {name} plain-{name}"
    return unreadable(name, "a PDF must be readable without a password", got=got, fix=fix)


def _read(reader: PdfReader, *, name: str) -> Document:
    from pypdf.errors import DependencyError  # noqa: PLC0415 - an extra

    sections, skipped, start = list[Section](), list[Problem](), monotonic()
    for number, page in enumerate(reader.pages, start=1):
        if monotonic() - start > MAX_SECONDS:
            got = f"{MAX_SECONDS:.0f} seconds, and {len(reader.pages) - number + 1:,} pages from here on not read"
            skipped.append(_page_problem(name, number, "a PDF must be read in time", got=got))
            break
        try:
            text = page.extract_text()
        except Exception as error:  # pypdf meets a damaged page with whatever its parts raise.
            if reader.is_encrypted and isinstance(error, DependencyError):
                raise
            got = f"{type(error).__name__}: {error}"
            skipped.append(_page_problem(name, number, "a page must be readable", got=got))
            continue
        if text.strip():
            sections.append(Section(headings=(), text=text, page=number))
        else:
            skipped.append(_page_problem(name, number, "a page must have text", got="none: empty, or a picture"))
    return Document(sections=tuple(sections), skipped=tuple(skipped))


def _page_problem(name: str, number: int, rule: str, *, got: str) -> Problem:
    fix = "give what it says in another file, or have its text recognised (OCR) where it is a picture"
    return Problem(where=f"{name}, page {number:,}", rule=rule, got=got, fix=fix)
