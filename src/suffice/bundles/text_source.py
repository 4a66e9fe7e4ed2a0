"""Bytes to lines of text, or where they stop being text."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal, TextIO

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


def standard_input() -> BinaryIO:
    """Standard input through a reader of its own: Python's would be closed under a thread that still waits for it."""
    return os.fdopen(sys.stdin.fileno(), "rb", closefd=False)


def standard_output() -> TextIO:
    """Standard output through a writer of its own: Python waits in the end for whoever holds its own one, and a thread
    may be writing to a pipe that nobody reads.
    """
    return open(sys.stdout.fileno(), "w", encoding="utf-8", errors="surrogatepass", newline="", closefd=False)


def comes_in_bit_by_bit(raw: BinaryIO) -> bool:
    """Whether it is a pipe or a terminal, whose next line may be long in coming; a regular file is all there.

    Args:
        raw: bytes.
    """
    return not stat.S_ISREG(os.fstat(raw.fileno()).st_mode)


def form_by_name(file: Path) -> Literal["lines", "csv", "jsonl"]:
    """The form that a file's name says.

    Args:
        file: the file of messages.

    Raises:
        DataError: a form that is not read as a stream.
    """
    suffix = file.suffix.lower()
    if suffix in {".tsv", ".json", ".parquet", ".xlsx"}:
        rule, got = "messages are read as lines, CSV or JSON Lines", f"a file whose name ends in {suffix}"
        fix = "convert it to CSV or JSON Lines, or say with --input-format what it is"
        raise DataError(Problem(where=str(file), rule=rule, got=got, fix=fix))
    return "csv" if suffix == ".csv" else "jsonl" if suffix in {".jsonl", ".ndjson"} else "lines"


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
