"""Bytes to lines of text, or where they stop being text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from suffice.errors import DataError, Problem


def opened(file: Path) -> BinaryIO:
    """Opens a file of messages.

    Args:
        file: the file.

    Raises:
        DataError: it is not there or cannot be read.
    """
    try:
        return file.open("rb")
    except OSError as error:
        fix = "name a file of messages, or leave it out and give them on standard input"
        got = error.strerror or str(error)
        raise DataError(Problem(where=str(file), rule="must be a file that can be read", got=got, fix=fix)) from error


def decoded(raw: BinaryIO, *, name: str) -> Iterator[str]:
    """Lines as text, with their ends; a byte order mark is taken off.

    Args:
        raw: bytes.
        name: what errors call the stream.

    Raises:
        DataError: bytes that are not UTF-8, with their line.
    """
    for number, line in enumerate(raw, start=1):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            got = f"byte 0x{line[error.start]:02x} at position {error.start} of the line"
            fix = "convert the file: iconv -f LATIN1 -t UTF-8 FILE"
            raise DataError(Problem(where=f"{name}:{number}", rule="must be UTF-8", got=got, fix=fix)) from error
        yield text.removeprefix("\ufeff") if number == 1 else text
