"""The formats there are, by the ending of the file's name."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from suffice.dataset.chunk import Chunk
from suffice.dataset.formats.delimited import read_csv, read_tsv
from suffice.dataset.formats.json_array import read_json_array
from suffice.dataset.formats.json_lines import read_json_lines
from suffice.dataset.formats.parquet import read_parquet
from suffice.dataset.problems import PlaceUnit, Problems


class Read(Protocol):
    """Streams one file of a format."""

    def __call__(
        self, path: Path, *, wanted: Sequence[str] | None, problems: Problems, advance: Callable[[int], None]
    ) -> Generator[Chunk, None, None]:
        """Yields chunks; what cannot be read goes to `problems`."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """One way to write rows to a file."""

    name: str
    """What people call it."""
    endings: tuple[str, ...]
    """Endings of file names, lower case, with their dot."""
    unit: PlaceUnit
    """What the places of its rows count."""
    read: Read
    """Streams a file."""


FORMATS = (
    Format(name="Parquet", endings=(".parquet",), unit="row", read=read_parquet),
    Format(name="CSV", endings=(".csv",), unit="line", read=read_csv),
    Format(name="TSV", endings=(".tsv", ".tab"), unit="line", read=read_tsv),
    Format(name="JSON Lines", endings=(".jsonl", ".ndjson"), unit="line", read=read_json_lines),
    Format(name="JSON", endings=(".json",), unit="line", read=read_json_array),
)
"""In the order in which a hub repository that holds several is read: typed columns before text."""


def format_of(name: str) -> Format | None:
    """The format that a file's name promises, or None."""
    ending = Path(name).suffix.lower()
    return next((format_ for format_ in FORMATS if ending in format_.endings), None)
