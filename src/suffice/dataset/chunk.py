"""A few thousand rows of a file, column by column, before anybody knows what the columns mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")

CHUNK_ROWS = 10_000
"""Most rows in a chunk: enough to make Arrow's cost per batch vanish, few enough to be small."""
CHUNK_BYTES = 16 * 2**20
"""A chunk ends after about this many bytes of the file, so that long texts need no memory for 10,000 of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """Rows of one file in their order."""

    first_row: int
    """0-based position of the first row in the file."""
    places: Sequence[int]
    """Where each row starts: a line from 1, or a row from 0 in Parquet."""
    columns: Mapping[str, Sequence[object]]
    """The cells of each column as the format holds them, all as long as `places`."""


def grouped(
    items: Iterable[tuple[int, Item]], *, n_read: Callable[[], int]
) -> Iterator[tuple[int, list[int], list[Item]]]:
    """Groups rows into chunks.

    Args:
        items: place and content of each row.
        n_read: bytes of the file read so far.

    Yields:
        Position of the group's first row, the places, and the contents.
    """
    first_row, places, group, n_before = 0, list[int](), list[Item](), n_read()
    for place, item in items:
        places.append(place)
        group.append(item)
        if len(group) == CHUNK_ROWS or n_read() - n_before >= CHUNK_BYTES:
            yield first_row, places, group
            first_row, places, group, n_before = first_row + len(group), [], [], n_read()
    if group:
        yield first_row, places, group
