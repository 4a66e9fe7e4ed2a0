"""CSV and TSV to chunks: quoted cells may span lines, every row has as many cells as the header."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path

from suffice.dataset.blocks import LONGEST_LINE, TextBlocks, lines, too_long
from suffice.dataset.chunk import Chunk, grouped
from suffice.dataset.problems import Problems
from suffice.errors import quoted

DELIMITERS = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "bars"}
Row = tuple[int, list[str]]
"""The physical line on which a row starts, and its cells."""


def read_csv(
    path: Path, *, wanted: Sequence[str] | None, problems: Problems, advance: Callable[[int], None]
) -> Generator[Chunk, None, None]:
    """Rows of a file with commas between cells; see `_read`."""
    return _read(path, delimiter=",", wanted=wanted, problems=problems, advance=advance)


def read_tsv(
    path: Path, *, wanted: Sequence[str] | None, problems: Problems, advance: Callable[[int], None]
) -> Generator[Chunk, None, None]:
    """Rows of a file with tabs between cells; see `_read`."""
    return _read(path, delimiter="\t", wanted=wanted, problems=problems, advance=advance)


def _read(
    path: Path, *, delimiter: str, wanted: Sequence[str] | None, problems: Problems, advance: Callable[[int], None]
) -> Generator[Chunk, None, None]:
    """Streams a delimited file.

    Args:
        path: the file.
        delimiter: what stands between cells.
        wanted: columns to keep, all when None.
        problems: takes rows that are not as the header promises.
        advance: told bytes read.

    Yields:
        Chunks of rows; none when the header is unusable.
    """
    with path.open("rb") as file:
        blocks = TextBlocks(file, problems=problems, advance=advance)
        rows = _rows(lines(blocks, problems=problems), delimiter=delimiter, problems=problems)
        line, header = next(rows, (1, []))
        if not header or not _header_holds(header, line, delimiter=delimiter, problems=problems):
            return
        keep = [(name, header.index(name)) for name in (header if wanted is None else wanted)]
        whole = _whole_rows(rows, width=len(header), problems=problems)
        for first_row, places, group in grouped(whole, n_read=lambda: blocks.n_read):
            cells = list(zip(*group, strict=True))
            yield Chunk(first_row=first_row, places=places, columns={name: cells[at] for name, at in keep})


def _rows(physical: Iterable[str], *, delimiter: str, problems: Problems) -> Iterator[Row]:
    """Rows with the line where each starts; after a broken one the reading goes on at the next line."""
    csv.field_size_limit(LONGEST_LINE)
    reader = csv.reader(physical, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            _broken(problems, line, last_line=reader.line_num, error=str(error))
            continue
        if cells:
            yield line, cells


def _broken(problems: Problems, line: int, *, last_line: int, error: str) -> None:
    """Says in the person's words what the csv module met."""
    if "limit" in error:
        too_long(problems, line, what="cell")
    elif "new-line" in error:
        rule, got = "a line must end with \\n or \\r\\n", "a carriage return (\\r) between cells"
        fix = f"put quotes around the cell, or convert old line ends: tr '\\r' '\\n' < {problems.name}"
        problems.add(line, rule, got=got, fix=fix)
    elif "end of data" in error:
        got = f"a quote opened in the row that starts here and still open at the end of the file, line {last_line:,}"
        fix = 'close the quote; inside a quoted cell write a quote as ""'
        problems.add(line, "every quoted cell must be closed", got=got, fix=fix)
    else:
        got = f"text after a closing quote, on line {last_line:,}"
        fix = 'inside a quoted cell write a quote as "", or close the quote that was left open'
        problems.add(line, "a quoted cell must end at its closing quote", got=got, fix=fix)


def _header_holds(header: Sequence[str], line: int, *, delimiter: str, problems: Problems) -> bool:
    """Whether the columns can be told apart; reports it otherwise."""
    other = next((sign for sign in DELIMITERS if sign != delimiter and len(header) == 1 and sign in header[0]), None)
    if other:
        rule = f"columns must be divided by {DELIMITERS[delimiter]}, as the file's name says"
        fix = f"save it with {DELIMITERS[delimiter]}" + (", or name it .tsv" if other == "\t" else "")
        problems.add(line, rule, got=f"{DELIMITERS[other]} in the header: {quoted(header[0])}", fix=fix)
    repeated = [name for name, n in Counter(header).items() if n > 1 and name]
    if repeated:
        got = f"more than one column named {', '.join(map(repr, repeated))}"
        problems.add(line, "every column must have a name of its own", got=got, fix="rename all but one of them")
    return not other and not repeated


def _whole_rows(rows: Iterable[Row], *, width: int, problems: Problems) -> Iterator[Row]:
    for line, cells in rows:
        if len(cells) == width:
            yield line, cells
            continue
        problems.add(
            line,
            f"a row must have {width} cells, as the header has",
            got=f"{len(cells)} in {quoted(cells)}",
            fix="add the missing cells" if len(cells) < width else "put quotes around a cell that holds the delimiter",
        )
