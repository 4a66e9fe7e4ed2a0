"""A task file to rows that may be seen, rows that are sealed, and what the audit says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.audit import audit, stop_on
from suffice.copies import group_rows
from suffice.dataset import Source, open_source
from suffice.errors import MAX_SHOWN, DataError, Problem
from suffice.pipeline.sealed import SealedTest
from suffice.pipeline.workspace import Workspace
from suffice.records.dataset import Dataset
from suffice.records.finding import Audit
from suffice.records.labels import LabelSet
from suffice.records.progress import Progress
from suffice.records.splits import SPLIT_NAMES, SplitName, Splits
from suffice.records.task import Task
from suffice.records.verdict import DataSummary
from suffice.split import Strata, assign_splits
from suffice.store.versions import VersionManifest, find_version, list_versions, open_version, write_version


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

    def rows(self, *names: SplitName) -> NDArray[np.int64]:
        """Positions of the rows of these splits."""
        return np.flatnonzero(np.isin(self.codes, [SPLIT_NAMES.index(name) for name in names])).astype(np.int64)

    @property
    def strata(self) -> Strata:
        """What a division of the rows must respect."""
        return Strata(y=self.y, groups=self.groups, keys=self.keys)


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A task whose data has been read, divided and audited."""

    task: Task
    version: VersionManifest
    splits: Splits
    labels: LabelSet
    audit: Audit
    material: Material
    test: SealedTest
    summary: DataSummary
    source: Source | None
    """The files that the rows came from; None for rows that were read from a data version alone."""


def prepare(task: Task, workspace: Workspace, *, folder: Path, progress: Progress) -> Prepared:
    """Reads, divides and audits the rows of a task.

    Args:
        task: the task.
        workspace: where data versions lie.
        folder: the task file's folder, which its paths are relative to.
        progress: told of every step.

    Raises:
        DataError: rows that cannot be read, all at once.
        AuditStop: rows from which nothing sound can be trained, until a person decides.
    """
    source = open_source(task.data, folder=folder, progress=progress)
    version = _version(task, workspace, source, progress=progress)
    data = open_version(workspace.versions, version.name)
    labels = LabelSet(names=task.labels) if task.labels else LabelSet.of(data.labels)
    splits = assign_splits(data, group_rows(data.texts, data.groups), seed=task.split.seed)
    audited = audit(data, splits, labels, allow=task.audit.allow)
    stop_on(audited, allow=task.audit.allow, where=lambda ids: _places(ids, data, source))
    return divided(task, version, data, splits=splits, labels=labels, audited=audited, source=source)


def divided(
    task: Task,
    version: VersionManifest,
    data: Dataset,
    *,
    splits: Splits,
    labels: LabelSet,
    audited: Audit,
    source: Source | None,
) -> Prepared:
    """Puts the rows on their sides of the seal; rows whose label is not in the set are left out and counted.

    Args:
        task: the task.
        version: the data version's manifest.
        data: its rows.
        splits: where each row stands.
        labels: the K labels.
        audited: what the audit found.
        source: the files that the rows came from.
    """
    known = np.array([label in set(labels.names) for label in data.labels])
    open_rows = np.flatnonzero(known & (splits.codes != SPLIT_NAMES.index("test")))
    test_rows = np.flatnonzero(known & (splits.codes == SPLIT_NAMES.index("test")))
    visible = data.take(open_rows)
    material = Material(
        data=visible,
        y=labels.encode(visible.labels),
        groups=splits.groups[open_rows],
        keys=splits.keys,
        codes=splits.codes[open_rows],
        labels=labels,
        text=version.text,
    )
    _must_have_rows(material, data.name)
    return Prepared(
        task=task,
        version=version,
        splits=splits,
        labels=labels,
        audit=audited,
        material=material,
        test=SealedTest(
            data.take(test_rows), labels=labels, groups=splits.groups[test_rows], sha256=splits.test_sha256
        ),
        summary=_summary(version, data, splits),
        source=source,
    )


def _places(ids: Sequence[str], data: Dataset, source: Source) -> str:
    """Where the first of these rows stand in their files, as many as a person reads."""
    wanted = set(ids)
    rows = [(row.source, row.row) for row in data if row.id in wanted] if wanted else []
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
    if task.data.version == "raw":
        return raw
    if task.data.version != "latest":
        return find_version(workspace.versions, task.data.version)
    later = [v for v in list_versions(workspace.versions) if v.parent is not None and v.sources == raw.sources]
    version = later[-1] if later else raw
    progress.say(f"data version {version.name}: {version.n_rows:,} rows, {version.change}")
    return version


def _must_have_rows(material: Material, version: str) -> None:
    needed: tuple[SplitName, ...] = ("train", "validation")
    for name in needed:
        if len(material.rows(name)) == 0:
            rule = "train and validation must each have rows"
            got = f"no {name} rows among {len(material.data):,}"
            fix = "label more messages, or name the split of each row in a `split` column"
            raise DataError(Problem(where=version, rule=rule, got=got, fix=fix))


def _summary(version: VersionManifest, data: Dataset, splits: Splits) -> DataSummary:
    words = np.array([len(text.split()) for text in data.texts])
    present = np.unique(splits.groups)
    return DataSummary(
        version=version.name,
        sources=version.sources,
        n_rows=len(data),
        split_counts={name: int((splits.codes == k).sum()) for k, name in enumerate(SPLIT_NAMES)},
        brought=splits.brought,
        label_counts=dict(sorted(Counter(data.labels).items())),
        n_groups=len(present),
        n_copies=len(data) - len(present),
        n_leaked=splits.n_leaked,
        words_p50=float(np.median(words)),
        words_p95=float(np.quantile(words, 0.95)),
    )
