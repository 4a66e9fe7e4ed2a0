"""The rows of a task, as one Arrow table on disk or in memory, and the view of one row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("group", pa.string()),
        pa.field("time", pa.string()),
        pa.field("split", pa.string()),
        pa.field("annotations", pa.list_(pa.string())),
        pa.field("columns", pa.map_(pa.string(), pa.string())),
    ]
)
"""Columns of every data version. `source` is the file's name; `row` is 0-based in the source; `time` is ISO 8601;
`split` is what the data itself brought (`train`, `validation`, `calibration`, `test`) or null; `annotations` are the
labels that several people gave the row, or null where nobody's are known; `columns` are the cells of further columns
of the source that slices are made by, or null where none is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A view of one row."""

    id: str
    """Unique in the data version: the row's own id, or one made of source, row and text hash."""
    source: str
    """Name of the file that the row came from."""
    row: int
    """0-based position in the source."""
    text: str
    """The message; subject and body joined by a blank line where the task names several columns."""
    label: str
    """The label as the data gives it."""
    group: str | None
    """One customer or thread: never spans splits."""
    time: str | None
    """ISO 8601."""
    split: str | None
    """The split that the data itself brought."""
    annotations: list[str] | None
    """Labels that several people gave the row, one each; None where nobody's are known."""
    columns: list[tuple[str, str | None]] | None = None
    """Name and cell of each further column that was kept, empty cells as None; None where none was kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dataset:
    """Rows of one data version, in their order; memory-mapped when read from disk."""

    table: pa.Table
    """Rows in the columns of `SCHEMA`."""
    name: str
    """The data version: `raw-1f3a...`."""

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __iter__(self) -> Iterator[Example]:
        for batch in self.table.to_batches():
            for row in batch.to_pylist():
                yield Example(**row)

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> Dataset:
        """The rows at these positions, in this order."""
        return Dataset(table=self.table.take(pa.array(np.asarray(rows, dtype=np.int64))), name=self.name)

    @property
    def ids(self) -> list[str]:
        """Row ids, length N."""
        return cast("list[str]", self.table["id"].to_pylist())

    @property
    def texts(self) -> list[str]:
        """Messages, length N."""
        return cast("list[str]", self.table["text"].to_pylist())

    @property
    def labels(self) -> list[str]:
        """Labels, length N."""
        return cast("list[str]", self.table["label"].to_pylist())

    @property
    def groups(self) -> list[str | None]:
        """Customer or thread of each row, length N."""
        return cast("list[str | None]", self.table["group"].to_pylist())

    @property
    def times(self) -> list[str | None]:
        """ISO 8601 time of each row, length N."""
        return cast("list[str | None]", self.table["time"].to_pylist())

    @property
    def splits(self) -> list[str | None]:
        """The split that the data brought, length N."""
        return cast("list[str | None]", self.table["split"].to_pylist())

    @property
    def annotations(self) -> list[list[str] | None]:
        """Labels that several people gave each row, length N."""
        return cast("list[list[str] | None]", self.table["annotations"].to_pylist())

    @property
    def kept_columns(self) -> tuple[str, ...]:
        """Names of the further columns of the source that every row has kept its cell of."""
        first = self.table["columns"][0].as_py() if len(self) else None
        return tuple(name for name, _ in first or ())

    def cells(self, column: str) -> list[str | None]:
        """Each row's cell of a column that was kept, length N; None where it is empty.

        Args:
            column: one of `kept_columns`.
        """
        assert column in self.kept_columns, "cells are asked of columns that were kept"
        kept = cast("list[list[tuple[str, str | None]]]", self.table["columns"].to_pylist())
        return [dict(row)[column] for row in kept]
