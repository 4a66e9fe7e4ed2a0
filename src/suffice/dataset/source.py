"""The rows of a task as a stream: every row checked, and either all of them or every problem."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pyarrow as pa

from suffice.dataset.blocks import BLOCK_BYTES
from suffice.dataset.chunk import Chunk
from suffice.dataset.columns import Columns
from suffice.dataset.files import SourceFile, locate
from suffice.dataset.find import find_columns
from suffice.dataset.problems import Problems, for_each, raise_any
from suffice.dataset.repeats import SeenIds, first_repeats
from suffice.dataset.rows import rows_of
from suffice.errors import DataError, Problem
from suffice.records.progress import Progress
from suffice.records.task import DataSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class FileDigest:
    """What a source file was when it was read."""

    name: str
    """As rows name their source."""
    size_bytes: int
    """Its size."""
    sha256: str
    """Of its bytes, 64 hexadecimal digits."""


class Source:
    """The checked files of a task, ready to be read as often as needed."""

    def __init__(
        self,
        *,
        files: Sequence[SourceFile],
        columns: Columns,
        sources: Sequence[FileDigest],
        progress: Progress,
    ) -> None:
        self.columns = columns
        """Which column is what, and why."""
        self.sources = tuple(sources)
        """The files with size and hash."""
        self._files = tuple(files)
        self._progress = progress

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Streams the rows in the columns of `records.dataset.SCHEMA`, in memory that does not grow with the files.

        Yields:
            Rows, as long as nothing is wrong.

        Raises:
            DataError: after the last row, when any row of any file was bad; the rows yielded are not to be kept.
        """
        met: list[Problems] = []
        seen = SeenIds() if self.columns.id else None
        for file in self._files:
            met.append(Problems(file.name, unit=file.format.unit))
            for chunk in self._chunks(file, problems=met[-1], wanted=self.columns.wanted):
                batch = rows_of(chunk, columns=self.columns, split=file.split, problems=met[-1])
                if batch is None:
                    continue
                if seen:
                    seen.add(batch.column("id").to_pylist())
                if not any(problems.n for problems in met):
                    yield batch
        raise_any(met)
        if seen:
            self._check_ids(seen)

    def column(self, name: str) -> Iterator[list[object]]:
        """The cells of any one column of the files, a list for each chunk; unreadable rows are passed over."""
        for file in self._files:
            for chunk in self._chunks(file, problems=Problems(file.name), wanted=(name,)):
                yield list(chunk.columns[name])

    def places(self, rows: Collection[tuple[str, int]]) -> dict[tuple[str, int], str]:
        """Where rows stand in their files, as an editor counts: `messages.csv:18`.

        Args:
            rows: source and 0-based position of each.
        """
        wanted, found = set(rows), dict[tuple[str, int], str]()
        for file in self._files:
            problems = Problems(file.name, unit=file.format.unit)
            for chunk in self._chunks(file, problems=problems, wanted=self.columns.text.names):
                for row, place in enumerate(chunk.places, start=chunk.first_row):
                    if (file.name, row) in wanted:
                        found[file.name, row] = problems.where(place)
        return found

    def _chunks(self, file: SourceFile, *, problems: Problems, wanted: Sequence[str]) -> Iterator[Chunk]:
        with self._progress.step(f"reading {file.name}", total=file.path.stat().st_size) as advance:
            yield from file.format.read(file.path, wanted=wanted, problems=problems, advance=advance)

    def _check_ids(self, seen: SeenIds) -> None:
        repeats = seen.repeats()
        named = first_repeats(self._ids(), hashes=repeats.hashes) if repeats.n else []
        rule, fix = "id must be there once", "correct it, or take data.id out of the task file: ids are then made"
        problems = [
            Problem(where=where, rule=rule, got=f"{id_!r}, the id of {first} too", fix=fix)
            for where, id_, first in named
        ]
        if problems:
            raise DataError(problems, n_more=max(0, repeats.n - len(problems)))

    def _ids(self) -> Iterator[tuple[str, str]]:
        assert self.columns.id, "only named ids are checked"
        name = self.columns.id.names[0]
        for file in self._files:
            problems = Problems(file.name, unit=file.format.unit)
            for chunk in self._chunks(file, problems=problems, wanted=(name,)):
                yield from zip(map(problems.where, chunk.places), map(str, chunk.columns[name]), strict=True)


def open_source(data: DataSpec, *, folder: Path, progress: Progress, keep: Sequence[str] = ()) -> Source:
    """Opens the data of a task: finds its files, looks at their beginnings, decides what their columns mean.

    Args:
        data: what the task file says.
        folder: the task file's folder, which relative paths start from.
        progress: told of long steps.
        keep: further columns whose cells are kept with the rows, for slices.

    Raises:
        DataError: a file is missing, unreadable, empty or not what its name says; columns are missing.
    """
    files = locate(data, folder=folder, progress=progress)
    columns = for_each(files, lambda file: _columns_of(file, data, keep=keep))
    for_each(zip(files, columns, strict=True), lambda pair: _same_columns(pair[0], pair[1], columns[0]))
    sources = [digest_of(file, progress=progress) for file in files]
    return Source(files=files, columns=columns[0], sources=sources, progress=progress)


def _columns_of(file: SourceFile, data: DataSpec, *, keep: Sequence[str]) -> Columns:
    """Columns by the first rows of a file; rows that are bad there are told when all are read.

    Raises:
        DataError: there is no row, or no text or label in it.
    """
    problems = Problems(file.name, unit=file.format.unit)
    with closing(file.format.read(file.path, wanted=None, problems=problems, advance=lambda _: None)) as chunks:
        chunk = next(chunks, None)
    if chunk is None:
        raise_any([problems])
        got = "a header only" if file.format.name in ("CSV", "TSV") else "no row"
        fix = "give a file with rows in it; the export may have failed"
        raise DataError(Problem(where=file.name, rule="the file must have rows", got=got, fix=fix))
    return find_columns(data, chunk=chunk, source=file.name, split_by_file=file.split is not None, keep=keep)


def _same_columns(file: SourceFile, columns: Columns, first: Columns) -> None:
    if columns.wanted != first.wanted or columns.shape != first.shape:
        got = f"{list(columns.wanted)} where the first file has {list(first.wanted)}"
        fix = "name the columns alike, or say which to read with data.text and data.label"
        raise DataError(Problem(where=file.name, rule="all files must have the same columns", got=got, fix=fix))


def digest_of(file: SourceFile, *, progress: Progress) -> FileDigest:
    """Name, size and hash of a file.

    Args:
        file: of a task.
        progress: told while it is hashed.
    """
    digest, n_bytes = sha256(), file.path.stat().st_size
    with progress.step(f"hashing {file.name}", total=n_bytes) as advance, file.path.open("rb") as opened:
        while block := opened.read(BLOCK_BYTES):
            digest.update(block)
            advance(len(block))
    return FileDigest(name=file.name, size_bytes=n_bytes, sha256=digest.hexdigest())
