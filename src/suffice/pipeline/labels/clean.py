"""`suffice clean`: decisions and safe rules to a new data version, with what went and why beside its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from suffice.errors import DataError, Problem
from suffice.pipeline.labels.decided import read_decisions_file
from suffice.pipeline.rows.prepare import ReadRows, read_rows
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.dataset import Dataset
from suffice.records.progress import Progress
from suffice.records.task import Task
from suffice.review.clean import Cleaned, clean_rows
from suffice.review.read import Recorded
from suffice.review.settle import Places, Settled, settle
from suffice.split import inherit_splits
from suffice.store import strict_json
from suffice.store.openings import is_spent, spend_test
from suffice.store.versions import VersionManifest, list_versions, open_version, write_version
from suffice.text.counted import counted


@dataclass(frozen=True, kw_only=True, slots=True)
class CleanOutcome:
    """What cleaning came to."""

    raw: str
    """The data version that was cleaned: the sources as they are."""
    n_rows: int
    """Its rows."""
    version: VersionManifest | None
    """The cleaned version; None where there is nothing to change."""
    is_new: bool
    """Whether it was not the newest version already."""
    cleaned: Cleaned
    """Its rows, and what went or changed."""
    n_decided: int
    """Rows that decisions stand for."""
    problems: tuple[Problem, ...]
    """Lines of the decisions file that do not apply, and why."""
    left_over: str | None
    """A cleaned version that `latest` still means, where there is nothing to change any more."""


def clean(task: Task, *, decisions: Path, also_test: bool, folder: Path, out: Path, progress: Progress) -> CleanOutcome:
    """Writes the version that decisions and rules make of the sources as they are.

    It is always made anew of the version as read, so that the same decisions give the same version however often
    they are applied, and taking a decision back gives the earlier one.

    Args:
        task: the task.
        decisions: the decisions file; none where it is not there.
        also_test: whether decisions about held-out rows apply.
        folder: the task file's folder, which its paths are relative to.
        out: where data versions lie.
        progress: told of every step.

    Raises:
        SufficeError: whatever the person can fix.
    """
    workspace = Workspace(out=out)
    with workspace.held():
        as_read = task.model_copy(update={"data": task.data.model_copy(update={"version": "raw"})})
        read = read_rows(as_read, workspace, folder=folder, progress=progress)
        recorded = read_decisions_file(decisions, read.labels)
        data = read.placed.data
        settled = settle(recorded.lines, Places(data))
        _must_apply(recorded, settled, decisions)
        cleaned = clean_rows(data, read.placed.splits, read.placed.copies, settled, also_test=also_test)
        _must_leave_rows(cleaned, read)
        before = _newest(workspace, read)
        collected = _collected(before, read, workspace)
        version = _written(cleaned, collected, read, workspace) if cleaned.changes or len(collected) else None
    return CleanOutcome(
        raw=read.version.name,
        n_rows=len(data),
        version=version,
        is_new=version is not None and version.name != before,
        cleaned=cleaned,
        n_decided=len(settled.outcomes),
        problems=(*recorded.problems, *settled.problems),
        left_over=before if version is None else None,
    )


def _must_apply(recorded: Recorded, settled: Settled, decisions: Path) -> None:
    """Refuses the decisions of other rows, which would make a version without this task's own."""
    if settled.problems and not settled.by:  # What was taken back is no problem.
        rule, got = (
            "decisions must be about rows of this task",
            f"{len(recorded.lines):,}, and none of their rows is here",
        )
        fix = "name the file of this task with --decisions; or move this one away, to clean by the rules alone"
        raise DataError(Problem(where=str(decisions), rule=rule, got=got, fix=fix))


def _must_leave_rows(cleaned: Cleaned, read: ReadRows) -> None:
    """Refuses a version that nothing can be learned from."""
    if not np.isin(cleaned.rows, read.placed.splits.rows("train")).any():
        rule, got = "a training row must be left", f"none of {len(read.placed.splits.rows('train')):,} is"
        fix = "settle which label is right of messages that stand under two (suffice review), or correct the source"
        raise DataError(Problem(where=read.version.name, rule=rule, got=got, fix=fix))


def reasons(cleaned: Cleaned) -> dict[tuple[str, str], int]:
    """Rows by what became of them and why, most first.

    Args:
        cleaned: the rows of the next version.
    """
    return dict(Counter((change.what, change.why) for change in cleaned.changes).most_common())


def _newest(workspace: Workspace, read: ReadRows) -> str | None:
    """The cleaned version that `latest` means; None where that is the version as read."""
    made = [version.name for version in list_versions(workspace.versions) if version.parent == read.version.name]
    return made[-1] if made else None


def _collected(before: str | None, read: ReadRows, workspace: Workspace) -> pa.Table:
    """Rows that were collected from the ledger since the sources were read: cleaning leaves them as they are."""
    data = read.placed.data if before is None else open_version(workspace.versions, before)
    known = set(read.placed.data.ids)
    return data.take([row for row, row_id in enumerate(data.ids) if row_id not in known]).table


def _written(cleaned: Cleaned, collected: pa.Table, read: ReadRows, workspace: Workspace) -> VersionManifest:
    table = _table(read.placed.data, cleaned)
    _keep_spent(table, cleaned, read)
    return write_version(
        workspace.versions,
        pa.concat_tables([table, collected]).to_batches(),
        parent=read.version.name,
        change=_in_words(cleaned) + (f"; {counted(len(collected), 'row')} collected" if len(collected) else ""),
        sources=read.version.sources,
        text=read.version.text,
        beside={"changes.jsonl": _lines(cleaned.changes)},
    )


def _table(data: Dataset, cleaned: Cleaned) -> pa.Table:
    table = data.take(cleaned.rows).table
    column = table.schema.get_field_index("label")
    return table.set_column(column, table.schema.field(column), pa.array(cleaned.labels, pa.string()))


def _keep_spent(table: pa.Table, cleaned: Cleaned, read: ReadRows) -> None:
    """Test rows that a person changed were seen: with other labels they are no fresh test."""
    splits = read.placed.splits
    after = inherit_splits(Dataset(table=table, name="cleaned"), splits, cleaned.rows)
    if after.test_sha256 != splits.test_sha256 or is_spent(splits.test_sha256):
        spend_test(splits.test_sha256)
        spend_test(after.test_sha256)


def _in_words(cleaned: Cleaned) -> str:
    n = Counter(change.what for change in cleaned.changes)
    return f"cleaned: {counted(n['dropped'], 'row')} dropped, {n['relabelled']:,} relabelled"


def _lines(changes: Sequence[object]) -> str:
    return "".join(f"{strict_json.dumps(change, indent=None)}\n" for change in changes)
