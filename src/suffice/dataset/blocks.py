"""Bytes of a file to text: blocks and lines, with every byte that is not text reported at its line."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator
from typing import BinaryIO

from suffice.dataset.problems import Problems

BLOCK_BYTES = 2**20
"""Read at once: large enough for C speed, small enough for a bar that moves."""
LONGEST_LINE = 64 * 2**20
"""Characters in a line, or in one cell or row that spans lines; what is longer is taken for a quote or bracket that
was never closed, so that one mistake cannot ask for all memory."""


class TextBlocks:
    """The text of a file in blocks of about a megabyte; bad bytes become U+FFFD and a problem each line."""

    def __init__(self, file: BinaryIO, *, problems: Problems, advance: Callable[[int], None]) -> None:
        """
        Args:
            file: opened for bytes, at its start.
            problems: takes bytes that are not UTF-8, and NUL.
            advance: told the bytes read since the last call.
        """
        self.n_read = 0
        """Bytes read so far."""
        self._file = file
        self._problems = problems
        self._advance = advance
        self._line = 1
        self._reported = 0

    def __iter__(self) -> Iterator[str]:
        tail = b""
        while block := self._file.read(BLOCK_BYTES):
            if not self.n_read:
                block = block.removeprefix(codecs.BOM_UTF8)
            self.n_read = self._file.tell()
            self._advance(len(block))
            text, tail = self._decoded(tail + block, final=False)
            if text:
                yield self._without_nul(text)
        if tail:
            yield self._decoded(tail, final=True)[0]

    def _decoded(self, block: bytes, *, final: bool) -> tuple[str, bytes]:
        """Text of a block, and the bytes of a character that the next block finishes."""
        try:
            text, n_used = codecs.utf_8_decode(block, "strict", final)
        except UnicodeDecodeError:
            return self._decoded_by_line(block, final=final)
        return text, block[n_used:]

    def _decoded_by_line(self, block: bytes, *, final: bool) -> tuple[str, bytes]:
        """As `_decoded`, for a block with bad bytes; each error copies what it was raised on, so that is one line."""
        pieces, offset, tail = list[str](), self.n_read - len(block), b""
        physical = block.split(b"\n")
        for n, line in enumerate(physical):
            whole = final or n < len(physical) - 1
            try:
                text, n_used = codecs.utf_8_decode(line, "strict", whole)
            except UnicodeDecodeError as error:
                self._not_utf8(self._line + n, byte=line[error.start], offset=offset + error.start)
                text, n_used = codecs.utf_8_decode(line, "replace", whole)
            pieces.append(text)
            offset += len(line) + 1
            tail = line[n_used:]
        return "\n".join(pieces), tail

    def _not_utf8(self, line: int, *, byte: int, offset: int) -> None:
        self._report_once(
            line,
            "the file must be UTF-8 text",
            got=f"byte 0x{byte:02x} at byte offset {offset:,}",
            fix=f"convert it: {iconv('WINDOWS-1252', self._problems.name)} (if it comes from Excel or Windows)",
        )

    def _without_nul(self, text: str) -> str:
        line, start = self._line, 0
        self._line += text.count("\n")
        if "\0" not in text:
            return text
        while (found := text.find("\0", start)) >= 0:
            line += text.count("\n", start, found)
            name = self._problems.name
            fix = f"remove it: tr -d '\\000' < {name} > clean-{name}"
            self._report_once(line, "text must not contain a NUL byte", got="byte 0x00", fix=fix)
            next_line = text.find("\n", found)
            start = len(text) if next_line < 0 else next_line
        return text.replace("\0", "\ufffd")

    def _report_once(self, line: int, rule: str, *, got: str, fix: str) -> None:
        if line != self._reported:
            self._reported = line
            self._problems.add(line, rule, got=got, fix=fix)


def lines(blocks: TextBlocks, *, problems: Problems) -> Iterator[str]:
    """The physical lines of a file with their ends; only a line feed ends a line, as in editors and `sed -n`.

    A line longer than `LONGEST_LINE` is a problem and ends the reading.
    """
    carried, n_carried, n_lines = list[str](), 0, 0
    for block in blocks:
        cut = block.rfind("\n") + 1
        if cut:
            whole = "".join([*carried, block[:cut]])
            n_lines += whole.count("\n")
            yield from io.StringIO(whole, newline="\n")
            carried, n_carried = [], 0
        carried.append(block[cut:])
        n_carried += len(block) - cut
        if n_carried > LONGEST_LINE:
            too_long(problems, n_lines + 1, what="line")
            return
    if n_carried:
        yield "".join(carried)


def iconv(encoding: str, name: str) -> str:
    """The command that converts a file to UTF-8."""
    return f"iconv -f {encoding} -t UTF-8 {name} > utf8-{name}"


def too_long(problems: Problems, line: int, *, what: str) -> None:
    """Reports a line, cell or row that is longer than anything a message can be."""
    problems.add(
        line,
        f"a {what} must be shorter than {LONGEST_LINE:,} characters",
        got=f"a {what} that goes on beyond that",
        fix="close the quote or bracket that was left open, or take this row out",
    )
