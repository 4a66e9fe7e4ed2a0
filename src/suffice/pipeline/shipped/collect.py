"""`suffice collect`: requests of the ledger to a file for labelling, and the labels back to a new data version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from suffice.copies import find_copies
from suffice.errors import DataError, Problem
from suffice.pipeline.rows.prepare import ReadRows, read_rows
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.dataset import SCHEMA, Dataset
from suffice.records.progress import Progress
from suffice.records.splits import SplitName
from suffice.records.task import Task
from suffice.split.keyed import keyed_fractions
from suffice.store.labelling import NO_LABEL, ToLabel, labelled, read_labelling, write_labelling
from suffice.store.requests import Entry, read_entries
from suffice.store.versions import VersionManifest, write_version
from suffice.text.counted import counted
from suffice.text.normalise import canonical, is_empty
from suffice.watch.draw import is_drawn, wanted

SOURCE = "ledger"
"""What collected rows name as their source; no file of the task is called so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """What was put into the file for labelling."""

    file: Path
    n_requests: int
    """Entries that were looked through."""
    n_new: dict[str, int]
    """Rows that were added, by why they are wanted."""
    n_unlabelled: int
    """Rows of the file without a label."""
    n_labelled: int
    """Rows of the file with one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Collected:
    """What labels came to."""

    version: VersionManifest | None
    """The new data version; None where there was nothing new."""
    base: str
    """The version that rows were added to."""
    n_rows: dict[SplitName, int]
    """Rows that were added, by split."""
    n_there: int
    """Rows that the version has already."""
    n_copies: int
    """Rows left out, since the data has the message or nearly that one."""
    n_beside_random: int
    """Flagged rows left out, since a row drawn by chance has nearly the same message."""
    n_no_label: int
    """Rows of which people say that no label is right."""
    n_unlabelled: int
    """Rows that nobody has labelled yet."""


def gather(ledger: str, *, bundle: str | None, since: float | None, one_in: int, file: Path) -> Gathered:
    """Adds what is wanted to the file for labelling; rows and labels that it has stay as they are.

    Args:
        ledger: as SQLAlchemy has it.
        bundle: the name that it was served under; None where the ledger has one alone.
        since: seconds since 1970; None for all.
        one_in: of how many requests one is drawn by chance.
        file: the file.

    Raises:
        DataError: no request, several bundles, or texts that were not kept.
        StorageError: ledger or file cannot be read or written.
    """
    entries = read_entries(ledger, bundle=bundle, since=since)
    _must_be_one(entries, ledger, bundle)
    rows = read_labelling(file, option="--to") if file.exists() else []
    there = {row.id for row in rows} | {canonical(row.text) for row in rows}
    found = wanted(entries, one_in=one_in)
    new = []
    for one in found:
        text = one.entry.text
        if (
            text is None
            or is_empty(text)
            or one.entry.id in there
            or (one.why != "random" and canonical(text) in there)
        ):
            continue
        there |= {one.entry.id, canonical(text)}
        at = datetime.fromtimestamp(one.entry.at, tz=UTC).isoformat(timespec="seconds")
        new.append(ToLabel(id=one.entry.id, why=one.why, at=at, text=text, label=""))
    _must_have_texts([one.entry for one in found], ledger)
    if new:
        write_labelling(file, [*rows, *new], option="--to")
    n_labelled = sum(bool(row.label) for row in rows)
    return Gathered(
        file=file,
        n_requests=len(entries),
        n_new=dict(Counter(row.why for row in new)),
        n_unlabelled=len(rows) + len(new) - n_labelled,
        n_labelled=n_labelled,
    )


def _must_be_one(entries: Sequence[Entry], ledger: str, bundle: str | None) -> None:
    names = sorted({one.bundle for one in entries})
    if len(names) != 1:
        got = f"answers of {', '.join(names)}" if names else "none" if bundle is None else f"none of {bundle!r}"
        rule, fix = "must have answers of one bundle", "name the ledger with --ledger, and the bundle with --bundle"
        raise DataError(Problem(where=ledger, rule=rule, got=got, fix=fix))


def _must_have_texts(found: Sequence[Entry], ledger: str) -> None:
    """Refuses a ledger of hashes: nobody can label those."""
    if found and all(one.text is None for one in found):
        rule, got = "must hold the messages that are to be labelled", f"{len(found):,} answers without their message"
        fix = "serve with --keep-text from now on; what was not kept cannot be brought back"
        raise DataError(Problem(where=ledger, rule=rule, got=got, fix=fix))


def collect(task: Task, *, labels: Path, one_in: int, folder: Path, out: Path, progress: Progress) -> Collected:
    """Makes a data version of the version at hand and the rows that people have labelled.

    Rows that were flagged go to train. Rows that chance drew go to validation and calibration, half each by the keyed
    hash of their message. The test stays as it is: with other rows it would count as one that nobody has looked at.

    Args:
        task: the task.
        labels: the file for labelling.
        one_in: of how many requests one was drawn by chance.
        folder: the task file's folder, which its paths are relative to.
        out: where data versions lie.
        progress: told of every step.

    Raises:
        SufficeError: whatever the person can fix.
    """
    workspace = Workspace(out=out)
    with workspace.held():
        read = read_rows(task, workspace, folder=folder, progress=progress)
        rows = read_labelling(labels, option="--labels")
        done = labelled(rows, read.labels.names, outside=task.data.out_of_scope, name=labels.name)
        data = read.placed.data
        ids = set(data.ids)
        some = [row for row in done if row.label != NO_LABEL]
        new = [row for row in some if _id(row) not in ids]
        placed = _placed(new, data, one_in=one_in, seed=task.split.seed, progress=progress)
        version = _written(placed.rows, read, workspace) if placed.rows else None
    return Collected(
        version=version,
        base=read.version.name,
        n_rows=dict(Counter(split for _, split in placed.rows)),
        n_there=len(some) - len(new),
        n_copies=placed.n_copies,
        n_beside_random=placed.n_beside_random,
        n_no_label=len(done) - len(some),
        n_unlabelled=len(rows) - len(done),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Placed:
    rows: list[tuple[ToLabel, SplitName]]
    n_copies: int
    n_beside_random: int


def _placed(new: Sequence[ToLabel], data: Dataset, *, one_in: int, seed: int, progress: Progress) -> _Placed:
    """Where new rows go. None goes where the data has a near-copy, and none beside one of another sort: no group of
    copies may span two splits, and what was flagged may not be judged on.
    """
    if not new:
        return _Placed(rows=[], n_copies=0, n_beside_random=0)
    near = find_copies([*data.texts, *(row.text for row in new)], progress=progress).near
    known, groups = set(near[: len(data)].tolist()), near[len(data) :].tolist()
    chosen = is_drawn([row.id for row in new], one_in=one_in)
    # Of two minds about how many are drawn, what was put into the file as flagged stays flagged.
    by_chance = [bool(one) and row.why == "random" for one, row in zip(chosen, new, strict=True)]
    random_groups = {group for group, drawn in zip(groups, by_chance, strict=True) if drawn}
    first = {group: canonical(row.text) for group, row in reversed(list(zip(groups, new, strict=True)))}
    halves = dict(zip(first, keyed_fractions(list(first.values()), seed=seed, purpose="collected"), strict=True))
    rows: list[tuple[ToLabel, SplitName]] = []
    n_copies = n_beside = 0
    for row, group, drawn in zip(new, groups, by_chance, strict=True):
        if group in known:
            n_copies += 1
        elif drawn:
            rows.append((row, "validation" if halves[group] < 0.5 else "calibration"))
        elif group in random_groups:
            n_beside += 1
        else:
            rows.append((row, "train"))
    return _Placed(rows=rows, n_copies=n_copies, n_beside_random=n_beside)


def _id(row: ToLabel) -> str:
    return f"{SOURCE}:{row.id}"


def _written(rows: Sequence[tuple[ToLabel, SplitName]], read: ReadRows, workspace: Workspace) -> VersionManifest:
    data, root = read.placed.data, read.version
    first = sum(source == SOURCE for source in data.table["source"].to_pylist())
    n, one = Counter(split for _, split in rows), "row"
    table = pa.concat_tables([data.table, _table(rows, data, first=first)])
    return write_version(
        workspace.versions,
        table.to_batches(),
        parent=root.parent or root.name,
        change=f"collected: {', '.join(f'{counted(k, one)} to {split}' for split, k in n.items())}; beside {root.name}",
        sources=root.sources,
        text=root.text,
    )


def _table(rows: Sequence[tuple[ToLabel, SplitName]], data: Dataset, *, first: int) -> pa.Table:
    """The rows in `SCHEMA`; of further columns that slices are made by the ledger knows none."""
    nulls: list[None] = [None] * len(rows)
    kept = [[(name, None) for name in data.kept_columns]] * len(rows) if data.kept_columns else nulls
    times = [row.at or None for row, _ in rows] if any(data.times) else nulls
    values = (
        [_id(row) for row, _ in rows],
        [SOURCE] * len(rows),
        range(first, first + len(rows)),
        [row.text for row, _ in rows],
        [row.label for row, _ in rows],
        nulls,
        times,
        [split for _, split in rows],
        nulls,
        kept,
    )
    arrays = [pa.array(value, field.type) for value, field in zip(values, SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)
