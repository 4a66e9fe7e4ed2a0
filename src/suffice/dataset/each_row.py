"""Every row of a task's files to a record of its kind, or what is wrong with it at its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from suffice.dataset import cells
from suffice.dataset.cells import Fault
from suffice.dataset.chunk import Chunk
from suffice.dataset.columns import Column
from suffice.dataset.files import SourceFile, locate
from suffice.dataset.problems import Problems, for_each, raise_any
from suffice.dataset.rows import made_ids
from suffice.errors import DataError, Problem
from suffice.records.progress import Progress
from suffice.records.task import DataSpec

Cell = TypeVar("Cell")
Value = TypeVar("Value")


class Found(Protocol):
    """What the columns of a file mean, as far as every kind needs to know."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what was seen and not used."""
        ...

    @property
    def wanted(self) -> tuple[str, ...]:
        """The columns to read, each once."""
        ...


class Made(Protocol):
    """A row that was read."""

    @property
    def id(self) -> str:
        """Unique among the rows."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a row stands."""

    source: str
    """Name of the file."""
    number: int
    """0-based position in it."""
    where: str
    """How errors name the row: `calls.jsonl:18`."""
    split: str | None
    """The split that the file is; None where it is none."""

    def made_id(self, text: str) -> str:
        """The id of a row that brings none.

        Args:
            text: of the row.
        """
        return made_ids(self.source, [self.number], [text])[0]


Columns = TypeVar("Columns", bound=Found)
Row = TypeVar("Row", bound=Made)


def read_each_row(
    data: DataSpec,
    *,
    folder: Path,
    columns_of: Callable[[SourceFile], Columns],
    read: Callable[[Mapping[str, object], Columns, Place], Row],
    form: str,
    progress: Progress,
) -> tuple[Row, ...]:
    """Reads the rows of all files of a task.

    Args:
        data: what the task file says.
        folder: the task file's folder, which relative paths start from.
        columns_of: what the columns of a file mean.
        read: the cells of a row to its record; raises `Fault` or `DataError` where that cannot be.
        form: what a row looks like as JSON.
        progress: told of long steps.

    Raises:
        DataError: everything that is wrong with the files, or with rows of them, by line.
    """
    files = locate(data, folder=folder, progress=progress)
    columns = for_each(files, columns_of)
    rows, met, places = list[Row](), list[Problems](), dict[str, str]()
    for file, found in zip(files, columns, strict=True):
        for note in found.notes:
            progress.say(f"{file.name}: {note}")
        problems = Problems(file.name, unit=file.format.unit, row=form)
        met.append(problems)
        with progress.step(f"reading {file.name}", total=file.path.stat().st_size) as advance:
            for chunk in file.format.read(file.path, wanted=found.wanted, problems=problems, advance=advance):
                for at, place in enumerate(chunk.places):
                    where = problems.where(place)
                    here = Place(source=file.name, number=chunk.first_row + at, where=where, split=file.split)
                    try:
                        row = read({name: chunk.columns[name][at] for name in found.wanted}, found, here)
                        _check_once(row.id, where, places=places)
                    except Fault as fault:
                        problems.add(place, fault.rule, got=fault.got, fix=fault.fix)
                    except DataError as error:
                        for problem in error.problems:
                            problems.keep(place, problem)
                    else:
                        rows.append(row)
    raise_any(met)
    return tuple(rows)


def first_chunk(file: SourceFile, *, form: str) -> Chunk:
    """The first rows of a file, with all columns.

    Args:
        file: of a task.
        form: what a row looks like as JSON.

    Raises:
        DataError: there is no row, or none can be read.
    """
    problems = Problems(file.name, unit=file.format.unit, row=form)
    with closing(file.format.read(file.path, wanted=None, problems=problems, advance=lambda _: None)) as chunks:
        chunk = next(chunks, None)
    if chunk is None:
        raise_any([problems])
        fix = "give a file with rows in it; the export may have failed"
        raise DataError(Problem(where=file.name, rule="the file must have rows", got="no row", fix=fix))
    return chunk


def cell_of(row: Mapping[str, object], column: Column | None) -> object:
    """The cell of a column of one name; None where there is no such column.

    Args:
        row: cells by column.
        column: where it is read from.
    """
    return None if column is None else row[column.names[0]]


def told(role: str, read: Callable[[Cell], Value], cell: Cell) -> Value:
    """What is read of a cell; a fault is told with what it is about.

    Args:
        role: what the cell holds: `group`.
        read: a cell to its value.
        cell: of a row.

    Raises:
        Fault: it cannot be read.
    """
    try:
        return read(cell)
    except Fault as fault:
        raise Fault(f"{role} {fault.rule}", got=fault.got, fix=fault.fix) from None


def id_of(row: Mapping[str, object], column: Column | None, *, place: Place, text: str) -> str:
    """The row's own id, or one made of its place and text.

    Args:
        row: cells by column.
        column: of ids; None where there is none.
        place: of the row.
        text: of the row.

    Raises:
        Fault: the cell holds no id.
    """
    return place.made_id(text) if column is None else told("id", cells.id_of, cell_of(row, column))


def group_of(row: Mapping[str, object], column: Column | None) -> str | None:
    """The row's group; None where it has none.

    Args:
        row: cells by column.
        column: of groups; None where there is none.

    Raises:
        Fault: the cell holds no name of a group.
    """
    return told("group", cells.group_of, cell_of(row, column))


def links_of(row: Mapping[str, object], column: Column | None) -> tuple[str, ...]:
    """Gold links of a row: what its cell names, one thing, a list of them, or nothing.

    Args:
        row: cells by name.
        column: of the links; None where there is none.

    Raises:
        Fault: something else than text.
    """
    return told("the gold links", _links, cell_of(row, column))


def split_of(row: Mapping[str, object], column: Column | None, *, place: Place) -> str | None:
    """The split that the data brings for the row, by a column or by its file.

    Args:
        row: cells by column.
        column: of splits; None where there is none.
        place: of the row.

    Raises:
        Fault: the cell names no split.
    """
    return place.split if column is None else told("split", cells.split_name_of, cell_of(row, column))


def _links(value: object) -> tuple[str, ...]:
    """What a cell names: one thing, a list of them, or nothing.

    Raises:
        Fault: something else than text.
    """
    listed = cells.listed_of(value)
    several = listed if isinstance(listed, list) else [value]
    named = [str(one) if type(one) is int else cells.text_of(one) for one in several if one is not None]
    return tuple(dict.fromkeys(line.strip() for one in named for line in one.splitlines() if line.strip()))


def _check_once(id_: str, where: str, *, places: dict[str, str]) -> None:
    """Refuses an id that an earlier row has.

    Raises:
        Fault: one has.
    """
    first = places.setdefault(id_, where)
    if first != where:
        fix = "correct it, or name another column with data.id"
        raise Fault("id must be there once", got=f"{id_!r}, the id of {first} too", fix=fix)
