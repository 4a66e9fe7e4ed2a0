"""Data versions: immutable Parquet with a manifest; the first is `raw`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa
import pyarrow.parquet as pq

from suffice.errors import DataError, Problem
from suffice.records.dataset import SCHEMA, Dataset
from suffice.store import strict_json
from suffice.store.files import replacing, storage_errors, write_text

_FIRST_LATER = SCHEMA.get_field_index("annotations")
MIN_DIGITS = 4
"""Least digits of a hash by which a version is known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionManifest:
    """What a data version is and where it came from."""

    name: str
    """`raw-` or `clean-` and the first twelve digits of the hash: the folder's name."""
    sha256: str
    """Hash of all rows in order."""
    parent: str | None
    """The version that it was made from; None for `raw`."""
    change: str
    """What changed, for a person."""
    n_rows: int
    """Rows."""
    sources: tuple[tuple[str, str], ...]
    """File name and SHA-256 of each source file."""
    text: tuple[str, ...]
    """Columns of the sources that a message is made of, joined by a blank line."""
    context: str | None = None
    """Column of what its question is to be answered from; None where there is none."""


def write_version(
    folder: Path,
    batches: Iterable[pa.RecordBatch],
    *,
    parent: str | None,
    change: str,
    sources: Iterable[tuple[str, str]],
    text: Iterable[str],
    context: str | None = None,
    beside: Mapping[str, str] = MappingProxyType({}),
) -> VersionManifest:
    """Streams rows into a new data version; an error while they are read leaves nothing behind.

    Rows that are there already are not written again; they become the newest of their kind all the same.

    Args:
        folder: where data versions lie.
        batches: rows in `SCHEMA`.
        parent: version that it was made from.
        change: what changed, for a person.
        sources: file name and SHA-256 of each source.
        text: columns of the sources that a message is made of.
        context: column of what its question is to be answered from.
        beside: further files of the version, name to content.

    Raises:
        DataError: from the batches.
        StorageError: the folder cannot be written.
    """
    incoming = folder / ".incoming"
    with storage_errors(folder):
        shutil.rmtree(incoming, ignore_errors=True)
        incoming.mkdir(parents=True)
        try:
            sha, n_rows = _stream(incoming / "rows.parquet", batches)
            name = f"{'raw' if parent is None else 'clean'}-{sha[:12]}"
            manifest = VersionManifest(
                name=name,
                sha256=sha,
                parent=parent,
                change=change,
                n_rows=n_rows,
                sources=tuple(sources),
                text=tuple(text),
                context=context,
            )
            for file, content in beside.items():
                write_text(incoming / file, content)
            strict_json.write(incoming / "manifest.json", manifest)
            if not (folder / name).exists():
                incoming.rename(folder / name)
            elif parent is not None:
                for file in (*beside, "manifest.json"):
                    (incoming / file).replace(folder / name / file)
            else:
                os.utime(folder / name / "manifest.json")
        finally:
            shutil.rmtree(incoming, ignore_errors=True)
    return manifest


def open_version(folder: Path, name: str) -> Dataset:
    """Opens a data version memory-mapped, through an Arrow file that is derived from the Parquet once.

    Args:
        folder: where data versions lie.
        name: the version's name, or what else it is known by.

    Raises:
        DataError: there is no such version, or several.
    """
    place = folder / find_version(folder, name).name
    mapped = place / "rows.arrow"
    if not mapped.exists():
        parquet = pq.ParquetFile(place / "rows.parquet")
        with replacing(mapped) as part, pa.OSFile(str(part), "wb") as sink, pa.ipc.new_file(sink, SCHEMA) as writer:
            for batch in parquet.iter_batches():
                writer.write_table(_whole(pa.Table.from_batches([batch])))
    table = pa.ipc.open_file(pa.memory_map(str(mapped))).read_all()
    return Dataset(table=_whole(table), name=place.name)


def list_versions(folder: Path) -> list[VersionManifest]:
    """All data versions of a folder, oldest first.

    Args:
        folder: where data versions lie.
    """
    manifests = sorted(folder.glob("[!.]*/manifest.json"), key=lambda path: (path.stat().st_mtime_ns, path))
    return [strict_json.read(path, VersionManifest) for path in manifests]


def find_version(folder: Path, name: str) -> VersionManifest:
    """The version that a name means: see `resolve_version`.

    Args:
        folder: where data versions lie.
        name: what a person or a manifest calls it.

    Raises:
        DataError: there is no such version, or several.
    """
    return strict_json.read(resolve_version([folder], name, where="data.version") / "manifest.json", VersionManifest)


def resolve_version(folders: Sequence[Path], name: str, *, where: str) -> Path:
    """Folder of the version that a name means.

    `raw` is the version that was read last, `latest` the last that was made of it, or else that itself. Otherwise the
    version of that name; or the one whose name begins so, or whose hash does (four digits or more). Versions of one
    name have the same rows, wherever they lie.

    Args:
        folders: where data versions lie.
        name: what a person or a manifest calls it.
        where: the setting or argument that named it.

    Raises:
        DataError: there is no such version, or several.
    """
    known = {folder: list_versions(folder) for folder in folders}
    if name in {"raw", "latest"}:
        newest = {folder: _newest(versions, as_read=name == "raw") for folder, versions in known.items()}
        named = {meant: folder / meant for folder, meant in newest.items() if meant is not None}
    else:
        named = {
            one.name: folder / one.name for folder, versions in known.items() for one in versions if _begins(one, name)
        }
        named = {name: named[name]} if name in named else named
    if len(named) == 1:
        return next(iter(named.values()))
    there_are = ", ".join(str(folder / one.name) for folder, versions in known.items() for one in versions)
    none = f"there are: {there_are}" if there_are else "there is none here; name the output folder with --out"
    raise DataError(
        Problem(
            where=where,
            rule="must be `raw`, `latest`, or the beginning of one version's name or hash",
            got=f"{name!r}, which {'several have' if named else 'none has'}",
            fix=f"say which: {', '.join(map(str, named.values()))}" if named else none,
        )
    )


def _begins(version: VersionManifest, name: str) -> bool:
    by_hash = len(name) >= MIN_DIGITS and version.sha256.startswith(name)
    return bool(name) and (by_hash or version.name.startswith(name))


def _newest(versions: Sequence[VersionManifest], *, as_read: bool) -> str | None:
    """The version that was read last, or the last that was made of it."""
    raw = next((version.name for version in reversed(versions) if version.parent is None), None)
    made = [] if as_read else [version.name for version in versions if version.parent == raw]
    return made[-1] if made else raw


def _whole(table: pa.Table) -> pa.Table:
    """The rows in `SCHEMA`: versions from before there were annotations or further columns have none of them."""
    missing = [field for field in SCHEMA if field.name not in table.column_names]
    for field in missing:
        table = table.append_column(field, pa.nulls(len(table), field.type))
    return table.select(SCHEMA.names).cast(SCHEMA)


def _stream(path: Path, batches: Iterable[pa.RecordBatch]) -> tuple[str, int]:
    digest, n_rows = sha256(), 0
    with pq.ParquetWriter(path, SCHEMA) as writer:
        for batch in batches:
            writer.write_batch(batch)
            n_rows += batch.num_rows
            rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
            # Annotations and further columns came later: rows without them keep their hash, and a version its name.
            hashed = (row[: _last_given(row) + 1] for row in rows)
            digest.update("".join(f"{row!r}\n" for row in hashed).encode("utf-8", errors="backslashreplace"))
    return digest.hexdigest(), n_rows


def _last_given(row: Sequence[object]) -> int:
    """Position of the last value that counts for a row's hash: of those that came later, the last that is there."""
    return next((k for k in range(len(row) - 1, _FIRST_LATER - 1, -1) if row[k] is not None), _FIRST_LATER - 1)
