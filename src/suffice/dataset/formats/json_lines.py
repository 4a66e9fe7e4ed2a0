"""JSON Lines to chunks: one object a line, blank lines skipped."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from suffice.dataset.blocks import TextBlocks, lines
from suffice.dataset.chunk import Chunk, grouped
from suffice.dataset.problems import Problems
from suffice.errors import quoted

Record = dict[str, object]
MAX_DIGITS = 4_300
"""Digits of a whole number: longer ones take a time that grows with the square of them.

Source: Python, library reference, integer string conversion length limitation."""


def read_json_lines(
    path: Path, *, wanted: Sequence[str] | None, problems: Problems, advance: Callable[[int], None]
) -> Generator[Chunk, None, None]:
    """Streams a file of one JSON object a line.

    Args:
        path: the file.
        wanted: keys to keep, all that a chunk has when None.
        problems: takes lines that are not an object.
        advance: told bytes read.

    Yields:
        Chunks of rows; a key that a row lacks is None there.
    """
    with path.open("rb") as file:
        blocks = TextBlocks(file, problems=problems, advance=advance)
        records = _records(lines(blocks, problems=problems), problems=problems)
        for first_row, places, group in grouped(records, n_read=lambda: blocks.n_read):
            yield Chunk(first_row=first_row, places=places, columns=columns_of(group, wanted=wanted))


def columns_of(records: Sequence[Record], *, wanted: Sequence[str] | None) -> dict[str, Sequence[object]]:
    """Objects to columns, keys in the order in which they were first seen."""
    names = dict.fromkeys(chain.from_iterable(records)) if wanted is None else wanted
    return {name: [record.get(name) for record in records] for name in names}


class TooManyDigits(ValueError):
    """A whole number that is longer than Python reads; JSON itself sets no bound."""

    rule = f"a number in JSON must have at most {MAX_DIGITS:,} digits"
    fix = "write it as text, in quotes"

    def __init__(self, n_digits: int) -> None:
        """
        Args:
            n_digits: that it has.
        """
        super().__init__(f"one of {n_digits:,} digits")


def decoder() -> json.JSONDecoder:
    """What reads rows: no key twice, and no number that is too long."""
    return json.JSONDecoder(object_pairs_hook=_once_each, parse_int=_whole_number)


def not_an_object(problems: Problems, place: int, value: object) -> None:
    """Reports a row that is a list, a number or a string."""
    problems.add(place, "every row must be a JSON object", got=quoted(value), fix=f"write every row as {problems.row}")


def _once_each(pairs: Sequence[tuple[str, object]]) -> Record:
    """An object whose keys are all different: `json` by itself would keep the last of two without a word.

    Raises:
        ValueError: a key is there twice.
    """
    record = dict(pairs)
    if len(record) < len(pairs):
        raise ValueError("a key is there twice")
    return record


def _whole_number(text: str) -> int:
    """What stands for it in JSON, as a number.

    Raises:
        TooManyDigits: it is too long.
    """
    n_digits = len(text.removeprefix("-"))
    if n_digits > MAX_DIGITS:
        raise TooManyDigits(n_digits)
    return int(text)


def _records(physical: Iterable[str], *, problems: Problems) -> Iterator[tuple[int, Record]]:
    decode = decoder().decode
    for place, line in enumerate(physical, start=1):
        try:
            value = decode(line.rstrip())
        except TooManyDigits as error:
            problems.add(place, error.rule, got=str(error), fix=error.fix)
            continue
        except (ValueError, RecursionError) as error:
            if not line.isspace():
                _not_json(problems, place, line, error)
            continue
        if isinstance(value, dict):
            yield place, value
        else:
            not_an_object(problems, place, value)


def _not_json(problems: Problems, place: int, line: str, error: Exception) -> None:
    at = f", column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
    why = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
    got = f"{quoted(line.rstrip())} ({why}{at})"
    problems.add(place, "every line must be one JSON object", got=got, fix="correct the line, or take it out")
