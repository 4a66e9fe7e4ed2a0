"""A JSON array of objects to chunks, decoded one object at a time, so that the file need not fit in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path

from suffice.dataset.blocks import LONGEST_LINE, TextBlocks
from suffice.dataset.chunk import Chunk, grouped
from suffice.dataset.formats.json_lines import Record, TooManyDigits, columns_of, decoder, not_an_object
from suffice.dataset.problems import Problems
from suffice.errors import quoted

WHITE_SPACE = re.compile(r"[ \t\r\n]*")


class ArrayFault(ValueError):
    """Where an array stops being JSON, or being read."""

    rule = "the file must be one JSON array of objects"
    fix = "correct it, or write one object a line to a .jsonl file"

    def __init__(self, line: int, *, got: str) -> None:
        super().__init__(got)
        self.line = line


class NumberFault(ArrayFault):
    """Where a number in an array is too long to be read."""

    rule, fix = TooManyDigits.rule, TooManyDigits.fix


def read_json_array(
    path: Path, *, wanted: Sequence[str] | None, problems: Problems, advance: Callable[[int], None]
) -> Generator[Chunk, None, None]:
    """Streams a JSON file that is one array of objects.

    Args:
        path: the file.
        wanted: keys to keep, all that a chunk has when None.
        problems: takes rows that are no object, and the point where the file stops being JSON, which ends it.
        advance: told bytes read.

    Yields:
        Chunks of rows; a key that a row lacks is None there.
    """
    with path.open("rb") as file:
        blocks = TextBlocks(file, problems=problems, advance=advance)
        records = _records(_Array(blocks), problems=problems)
        for first_row, places, group in grouped(records, n_read=lambda: blocks.n_read):
            yield Chunk(first_row=first_row, places=places, columns=columns_of(group, wanted=wanted))


def _records(array: _Array, *, problems: Problems) -> Iterator[tuple[int, Record]]:
    try:
        for place, value in array.items():
            if isinstance(value, dict):
                yield place, value
            else:
                not_an_object(problems, place, value)
    except ArrayFault as fault:
        problems.add(fault.line, fault.rule, got=str(fault), fix=fault.fix)


class _Array:
    """A cursor over the text of an array: `_text` from `_at` on is what is not decoded yet."""

    def __init__(self, blocks: Iterable[str]) -> None:
        self._blocks = iter(blocks)
        self._text = ""
        self._at = 0
        self._line = 1
        self._decode = decoder().raw_decode

    def items(self) -> Iterator[tuple[int, object]]:
        """The line where each item starts, and the item.

        Raises:
            ArrayFault: the text stops being a JSON array.
        """
        self._take("[")
        if self._next() == "]":
            self._at += 1
        else:
            yield self._line, self._value()
            while self._take(",]") == ",":
                self._next()
                yield self._line, self._value()
        if self._next():
            raise ArrayFault(self._line, got=f"more text after the array: {self._shown()}")

    def _next(self) -> str:
        """The next character that is no white space, or nothing at the end of the file."""
        while True:
            match = WHITE_SPACE.match(self._text, self._at)
            assert match, "the pattern matches nothing too"
            self._line += match[0].count("\n")
            self._at = match.end()
            if self._at < len(self._text) or not self._read_more(1):
                return self._text[self._at : self._at + 1]

    def _take(self, expected: str) -> str:
        found = self._next()
        if not found or found not in expected:
            got = self._shown() if found else "the end of the file"
            raise ArrayFault(self._line, got=f"{got} where {' or '.join(expected)} was expected")
        self._at += 1
        return found

    def _value(self) -> object:
        """Decodes one item, reading on as long as it may be cut off; twice as much each time, to stay linear."""
        while True:
            try:
                value, end = self._decode(self._text, self._at)
            except json.JSONDecodeError as error:
                n_held, n_good = len(self._text) - self._at, error.pos - self._at
                if n_held > LONGEST_LINE or not self._read_more(max(n_held, 1)):
                    self._line += self._text.count("\n", self._at, self._at + n_good)
                    self._at += n_good
                    raise ArrayFault(self._line, got=f"{self._shown()} ({error.msg})") from error
            except TooManyDigits as error:
                raise NumberFault(self._line, got=str(error)) from error
            except (ValueError, RecursionError) as error:
                raise ArrayFault(self._line, got=str(error)) from error
            else:
                self._line += self._text.count("\n", self._at, end)
                self._at = end
                return value

    def _read_more(self, n_chars: int) -> bool:
        """Drops what was decoded and reads at least `n_chars` more; False at the end of the file."""
        pieces, n_new = [self._text[self._at :]], 0
        while n_new < n_chars and (block := next(self._blocks, "")):
            pieces.append(block)
            n_new += len(block)
        self._text, self._at = "".join(pieces), 0
        return n_new > 0

    def _shown(self) -> str:
        return quoted(self._text[self._at : self._at + 60])
