"""Parquet to chunks: only the columns that are asked for are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from suffice.dataset.chunk import CHUNK_BYTES, CHUNK_ROWS, Chunk
from suffice.dataset.problems import Problems
from suffice.errors import quoted

READ_BYTES = 2**20
"""Read at once from a column."""
READ_ERRORS = (pa.ArrowException, OSError)
"""What Arrow raises for a damaged file."""


def read_parquet(
    path: Path, *, wanted: Sequence[str] | None, problems: Problems, advance: Callable[[int], None]
) -> Generator[Chunk, None, None]:
    """Streams a Parquet file.

    Args:
        path: the file.
        wanted: columns to keep, all when None.
        problems: takes what is damaged.
        advance: told bytes, in proportion to the rows read.

    Yields:
        Chunks of rows; places are row numbers from 0.
    """
    try:
        # Without these two Arrow holds a row group of every column, and a file may be one row group.
        with parquet.ParquetFile(path, buffer_size=READ_BYTES, pre_buffer=False) as file:
            if _names_differ(file.schema_arrow.names, problems=problems):
                yield from _chunks(file, path.stat().st_size, wanted=wanted, problems=problems, advance=advance)
    except READ_ERRORS as error:
        fix = "write it anew, or fetch it again if the download was cut off"
        problems.add(None, "the file must be a whole Parquet file", got=quoted(str(error)), fix=fix)


def _chunks(
    file: parquet.ParquetFile,
    n_bytes: int,
    *,
    wanted: Sequence[str] | None,
    problems: Problems,
    advance: Callable[[int], None],
) -> Generator[Chunk, None, None]:
    n_rows, first_row = file.metadata.num_rows, 0
    for batch in file.iter_batches(batch_size=_batch_rows(file.metadata), columns=wanted):
        columns = {
            name: _values(batch.column(name), first_row=first_row, problems=problems) for name in batch.schema.names
        }
        n_here = batch.num_rows
        yield Chunk(first_row=first_row, places=range(first_row, first_row + n_here), columns=columns)
        first_row += n_here
        advance(n_bytes * first_row // n_rows - n_bytes * (first_row - n_here) // n_rows)


def _names_differ(names: Sequence[str], *, problems: Problems) -> bool:
    repeated = [name for name, n in Counter(names).items() if n > 1]
    if repeated:
        got = f"more than one column named {', '.join(map(repr, repeated))}"
        problems.add(None, "every column must have a name of its own", got=got, fix="rename all but one of them")
    return not repeated


def _batch_rows(metadata: parquet.FileMetaData) -> int:
    """Rows whose uncompressed size is about that of a chunk."""
    n_bytes: int = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
    n_rows: int = metadata.num_rows
    return min(CHUNK_ROWS, max(1, CHUNK_BYTES * n_rows // max(1, n_bytes)))


def _values(column: pa.Array, *, first_row: int, problems: Problems) -> list[object]:
    """Arrow to Python; a string that is not UTF-8 becomes None and a problem at its row."""
    if pa.types.is_timestamp(column.type):
        # Python has no nanoseconds, and they move no row across a split.
        column = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    try:
        return list(column.to_pylist())
    except UnicodeDecodeError:
        return [_value(cell, row, problems=problems) for row, cell in enumerate(column, start=first_row)]


def _value(cell: pa.Scalar, row: int, *, problems: Problems) -> object:
    try:
        return cell.as_py()
    except UnicodeDecodeError as error:
        fix = "write the column anew from UTF-8 text"
        problems.add(row, "text must be UTF-8", got=f"byte 0x{error.object[error.start]:02x}", fix=fix)
        return ""
