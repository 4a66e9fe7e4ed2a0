"""A task file to rows that may be seen, rows that are sealed, and what the audit says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.audit import Audited, stop_on
from suffice.dataset import Source, open_source
from suffice.errors import MAX_SHOWN, DataError, Problem
from suffice.pipeline.rows.knowledge import Known, Readings, known_to
from suffice.pipeline.rows.placed import Placed, placed
from suffice.pipeline.rows.questions import question_version
from suffice.pipeline.rows.sealed import SealedTest
from suffice.pipeline.rows.slices import freeze, frozen_with, require_slices, slices_of
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.dataset import Dataset
from suffice.records.labels import LabelSet
from suffice.records.progress import Progress
from suffice.records.slices import Aspects
from suffice.records.splits import SPLIT_NAMES, SplitCertificate, SplitName, Splits
from suffice.records.task import Kind, Task
from suffice.records.verdict import DataSummary
from suffice.split import Strata, certify
from suffice.store.versions import VersionManifest, find_version, write_version


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """The rows that choosing and fitting may see: everything but the test split."""

    data: Dataset
    """Rows of train, validation and calibration."""
    y: NDArray[np.int64]
    """Label codes, shape [N]."""
    groups: NDArray[np.int64]
    """Group codes, shape [N]."""
    keys: tuple[str, ...]
    """Name of each group."""
    codes: NDArray[np.int64]
    """Position of each row's split in `SPLIT_NAMES`, shape [N]."""
    labels: LabelSet
    """The K labels."""
    text: tuple[str, ...]
    """Columns that the messages were made of."""
    context: str | None
    """Column of what their questions are to be answered from; None where there is none."""
    aspects: Aspects
    """Slices and times of the rows."""
    repaired: NDArray[np.int64] | None = None
    """Label codes under a change of labels, shape [N]; None until asked for."""
    reviewed: NDArray[np.int64] | None = None
    """Positions of training rows that a person has looked at, drawn at random, ascending; None until asked for."""
    readings: Readings | None = None
    """What of the knowledge stands before the questions of rows; None where the task has none, or none was read."""

    def rows(self, *names: SplitName) -> NDArray[np.int64]:
        """Positions of the rows of these splits."""
        return np.flatnonzero(np.isin(self.codes, [SPLIT_NAMES.index(name) for name in names])).astype(np.int64)

    @property
    def fresh_validation(self) -> NDArray[np.int64]:
        """Validation rows without a copy or group mate among the training rows; all where none is without.

        Only splits that the data brings have others: those tell how well a rung remembers.
        """
        rows = self.rows("validation")
        fresh = rows[~np.isin(self.groups[rows], self.groups[self.rows("train")])]
        return fresh if len(fresh) else rows

    @property
    def strata(self) -> Strata:
        """What a division of the rows must respect."""
        return Strata(y=self.y, groups=self.groups, keys=self.keys)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadRows:
    """The rows of a task's data version, which nothing has been held against yet."""

    version: VersionManifest
    """What the data version is, and what it was made of."""
    placed: Placed
    """The rows with their copies and splits."""
    labels: LabelSet
    """The K labels."""
    source: Source | None
    """The files that the rows came from; None where the rows name their own places."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A task whose data has been read and divided, and lets something sound be trained."""

    task: Task
    """What was asked for, overrides applied."""
    version: VersionManifest
    """What the data version is, and what it was made of."""
    placed: Placed
    """All rows with their copies and splits."""
    labels: LabelSet
    """The K labels."""
    material: Material
    """The rows that choosing and fitting may see."""
    test: SealedTest
    """The rows that they may not."""
    summary: DataSummary
    """The data at a glance."""
    certificate: SplitCertificate
    """How the rows were divided."""
    source: Source | None
    """The files that the rows came from; None for rows that were read from a data version alone, and for questions."""
    known: Known | None = None
    """The knowledge of the task; None where it has none, or none was read."""

    @property
    def n_test(self) -> int:
        """Test rows that goals are held against: those without a copy or group mate among the rows that may be seen."""
        return self.test.n_fresh(self.material.groups)

    @property
    def splits(self) -> Splits:
        """Where each row stands."""
        return self.placed.splits

    @property
    def read(self) -> ReadRows:
        """All rows as they were read from files."""
        return ReadRows(version=self.version, placed=self.placed, labels=self.labels, source=self.source)


def prepare(task: Task, workspace: Workspace, *, folder: Path, progress: Progress) -> Prepared:
    """Reads and divides the rows of a task, unless nothing sound can be trained from them.

    Args:
        task: the task.
        workspace: where data versions lie.
        folder: the task file's folder, which its paths are relative to.
        progress: told of every step.

    Raises:
        DataError: rows that cannot be read, all at once; or knowledge of which nothing can be read.
        TaskError: slices that nothing can be measured on, or that held other rows before.
        AuditStop: rows from which nothing sound can be trained, until a person decides.
    """
    prepared = read_sound(task, workspace, folder=folder, progress=progress)
    data, version = prepared.placed.data, prepared.version.sha256
    sliced = slices_of(task.slices, data)
    freeze(workspace, sliced, data, version=version, validation=prepared.splits.rows("validation"))
    return with_knowledge(prepared, workspace, folder=folder, progress=progress)


def with_knowledge(prepared: Prepared, workspace: Workspace, *, folder: Path, progress: Progress) -> Prepared:
    """The same with what the task's knowledge says to the rows that may be seen; as it is where the task has none.

    Args:
        prepared: the task and its rows.
        workspace: where the index is kept.
        folder: the task file's folder, which its paths are relative to.
        progress: told of every step.

    Raises:
        DataError: nothing of the knowledge can be read.
        ModelError: the encoder that the task's ranking needs cannot be found.
    """
    task, material = prepared.task, prepared.material
    if task.knowledge is None:
        return prepared
    known = known_to(
        *(task, task.knowledge),
        train=material.data.take(material.rows("train")),
        held_out=material.data.take(material.rows("validation")),
        visible=material.data,
        workspace=workspace,
        folder=folder,
        progress=progress,
    )
    return replace(prepared, known=known, material=replace(material, readings=known.readings))


def read_sound(task: Task, workspace: Workspace, *, folder: Path, progress: Progress) -> Prepared:
    """The same, and slices are held against the rows but not written down: nothing is going to be measured on them.

    Args:
        task: the task.
        workspace: where data versions lie.
        folder: the task file's folder, which its paths are relative to.
        progress: told of every step.

    Raises:
        DataError: rows that cannot be read, all at once.
        TaskError: slices that nothing can be measured on, or that held other rows before.
        AuditStop: rows from which nothing sound can be trained, until a person decides.
    """
    read = read_rows(task, workspace, folder=folder, progress=progress)
    data, splits, labels, source = read.placed.data, read.placed.splits, read.labels, read.source
    audited = Audited.of(
        *(data, splits, labels),
        kind=task.kind,
        copies=read.placed.copies,
        declared=bool(task.labels),
        aside=task.data.out_of_scope,
    )
    stop_on(audited, allow=task.audit.allow, where=lambda ids: _places(ids, data, source))
    prepared = divided(task, read.version, read.placed, labels=labels, source=source)
    _require_slices(prepared, workspace)
    return prepared


def read_rows(task: Task, workspace: Workspace, *, folder: Path, progress: Progress) -> ReadRows:
    """Reads and divides the rows of a task, whatever is wrong with what they say.

    Args:
        task: the task.
        workspace: where data versions lie.
        folder: the task file's folder, which its paths are relative to.
        progress: told of every step.

    Raises:
        DataError: rows that cannot be read, all at once.
    """
    source: Source | None = None
    if task.kind == "classify":
        source = open_source(task.data, folder=folder, progress=progress, keep=task.sliced_columns)
        version = _version(task, workspace, source, progress=progress)
    else:
        version = question_version(task, workspace, folder=folder, progress=progress)
    rows = placed(version, workspace.versions, seed=task.split.seed, progress=progress)
    labels = task.label_set(rows.data.labels)
    return ReadRows(version=version, placed=rows, labels=labels, source=source)


def divided(
    task: Task,
    version: VersionManifest,
    rows: Placed,
    *,
    labels: LabelSet,
    source: Source | None,
) -> Prepared:
    """Puts the rows on their sides of the seal; rows whose label is not in the set are left out and counted.

    Args:
        task: the task.
        version: the data version's manifest.
        rows: its rows, each in its split.
        labels: the K labels.
        source: the files that the rows came from.
    """
    data, splits, known_labels = rows.data, rows.splits, set(labels.names)
    known = np.array([label in known_labels for label in data.labels])
    open_rows = np.flatnonzero(known & (splits.codes != SPLIT_NAMES.index("test")))
    test_rows = np.flatnonzero(known & (splits.codes == SPLIT_NAMES.index("test")))
    visible = data.take(open_rows)
    times = data.times
    aspects = Aspects(slices=slices_of(task.slices, data), times=tuple(times) if any(times) else ())
    material = Material(
        data=visible,
        y=labels.encode(visible.labels),
        groups=splits.groups[open_rows],
        keys=splits.keys,
        codes=splits.codes[open_rows],
        labels=labels,
        text=version.text,
        context=version.context,
        aspects=aspects.take(open_rows),
    )
    _must_have_rows(material, data.name)
    return Prepared(
        task=task,
        version=version,
        placed=rows,
        labels=labels,
        material=material,
        test=SealedTest(
            data.take(test_rows),
            labels=labels,
            groups=splits.groups[test_rows],
            sha256=splits.test_sha256,
            aspects=aspects.take(test_rows),
        ),
        summary=summary_of(version, rows, kind=task.kind),
        certificate=certify(splits, rows.copies),
        source=source,
    )


def _require_slices(prepared: Prepared, workspace: Workspace) -> None:
    """Slices can be measured, and their names mean the rows that they have meant before.

    Raises:
        TaskError: slices that nothing can be measured on, or that held other rows before.
    """
    specs, data, material = prepared.task.slices, prepared.placed.data, prepared.material
    rows = material.rows("validation")
    judged = material.aspects.take(rows)
    require_slices(specs, judged.slices, material.data.take(rows), prepared.labels)
    sliced, rows = slices_of(specs, data), prepared.splits.rows("validation")
    frozen_with(workspace, sliced, data, version=prepared.version.sha256, validation=rows)


def _places(ids: Sequence[str], data: Dataset, source: Source | None) -> str:
    """Where the first of these rows stand in their files, as many as a person reads."""
    wanted = set(ids)
    rows = [(row.source, row.row) for row in data if row.id in wanted] if wanted else []
    if source is None:
        named = [f"{name}: row {row}" for name, row in rows[:MAX_SHOWN]]
    else:
        named = list(source.places(rows[:MAX_SHOWN]).values()) if rows else []
    more = f" and {len(rows) - len(named):,} more" if len(rows) > len(named) else ""
    return ", ".join(named) + more


def _version(task: Task, workspace: Workspace, source: Source, *, progress: Progress) -> VersionManifest:
    """Reads the sources into `raw` (again, so that a changed source is seen) and gives the version asked for."""
    change = "as read: " + "; ".join(source.columns.sentences())
    sources = [(file.name, file.sha256) for file in source.sources]
    raw = write_version(
        workspace.versions,
        source.batches(),
        parent=None,
        change=change,
        sources=sources,
        text=source.columns.text.names,
    )
    version = find_version(workspace.versions, task.data.version)
    if task.data.version == "latest":
        progress.say(f"data version {version.name}: {version.n_rows:,} rows, {version.change}")
    return raw if version.name == raw.name else version


def _must_have_rows(material: Material, version: str) -> None:
    needed: tuple[SplitName, ...] = ("train", "validation")
    for name in needed:
        if len(material.rows(name)) == 0:
            rule = "train and validation must each have rows"
            got = f"no {name} rows among {len(material.data):,}"
            fix = "label more messages, or name the split of each row in a `split` column"
            raise DataError(Problem(where=version, rule=rule, got=got, fix=fix))


def summary_of(version: VersionManifest, rows: Placed, *, kind: Kind = "classify") -> DataSummary:
    """The data at a glance.

    Args:
        version: the data version's manifest.
        rows: its rows, each in its split.
        kind: of the task: where answers are free text there are no labels to count.
    """
    data, splits = rows.data, rows.splits
    words = np.array([len(text.split()) for text in data.texts])
    present = np.unique(splits.groups)
    return DataSummary(
        version=version.name,
        sources=version.sources,
        n_rows=len(data),
        split_counts={name: int((splits.codes == k).sum()) for k, name in enumerate(SPLIT_NAMES)},
        brought=splits.brought,
        label_counts={} if kind != "classify" else dict(sorted(Counter(data.labels).items())),
        n_groups=len(present),
        n_copies=len(data) - len(np.unique(rows.copies.near)),
        n_leaked=splits.n_leaked,
        n_cut=len(rows.copies.cut),
        words_p50=float(np.median(words)),
        words_p95=float(np.quantile(words, 0.95)),
    )
