"""What people decided, held against the rows as they were read: cleaning changes neither it nor what it says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from suffice.errors import Problem
from suffice.pipeline.labels.evidence import gathered
from suffice.pipeline.rows.placed import placed
from suffice.pipeline.rows.prepare import ReadRows
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.evidence import Evidence, NoEvidence
from suffice.records.labels import LabelSet
from suffice.records.progress import Progress
from suffice.records.task import Task
from suffice.review.count import count_reviewed, n_put_right
from suffice.review.queue import Order, order_of
from suffice.review.read import Recorded, read_decisions
from suffice.review.settle import Places, settle
from suffice.stats.stratified import CountEstimate
from suffice.store.files import storage_errors
from suffice.store.strict_json import digest
from suffice.store.versions import find_version

DECISIONS = "decisions.jsonl"
"""The decisions file beside a task file, unless another one is named."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reviewed:
    """What a review has told so far."""

    estimate: CountEstimate | None
    """How many training labels of the data as read are wrong; None where too few rows were looked at."""
    n_put_right: int | None
    """Of those found, how many are right in the version at hand, or gone; None where it is the version as read."""
    decided: tuple[int, ...]
    """Positions in the version at hand of the rows about which people agree."""
    problems: tuple[Problem, ...]
    """Lines of the decisions file that do not apply, and why."""


def wrong_in_train(
    task: Task,
    read: ReadRows,
    workspace: Workspace,
    *,
    decisions: Path,
    evidence: Evidence | NoEvidence | None,
    progress: Progress,
) -> Reviewed:
    """How many training labels are wrong, by what people decided.

    Args:
        task: the task.
        read: the rows of the version at hand.
        workspace: where data versions and evidence lie.
        decisions: the decisions file; none where it is not there.
        evidence: what models say of the training and validation rows of that version, where it is known.
        progress: told of every step.
    """
    if not decisions.exists():
        return Reviewed(estimate=None, n_put_right=None, decided=(), problems=())
    raw = as_read(task, read, workspace, progress=progress)
    data = raw.placed.data
    recorded = read_decisions_file(decisions, raw.labels)
    settled = settle(recorded.lines, Places(data))
    problems = (*recorded.problems, *settled.problems)
    ids, position = data.ids, {row_id: row for row, row_id in enumerate(read.placed.data.ids)}
    decided = tuple(position[ids[row]] for row in settled.outcomes if ids[row] in position)
    said = evidence if evidence is not None and raw is read else asked_of(task, raw, workspace, progress=progress)
    if isinstance(said, NoEvidence):
        return Reviewed(estimate=None, n_put_right=None, decided=decided, problems=problems)
    counted = count_reviewed(review_order(task, raw, said, also_test=False), settled, data.labels)
    found = counted.wrong.get("train")
    return Reviewed(
        estimate=counted.estimates.get("train"),
        n_put_right=None if raw is read or found is None else n_put_right(found, settled, data, read.placed.data),
        decided=decided,
        problems=problems,
    )


def as_read(task: Task, read: ReadRows, workspace: Workspace, *, progress: Progress) -> ReadRows:
    """The rows as the sources had them, whatever was made of them since; the same record where nothing was.

    Args:
        task: the task.
        read: rows of any version.
        workspace: where data versions lie.
        progress: told of every step.
    """
    version = read.version
    while version.parent is not None:
        version = find_version(workspace.versions, version.parent)
    if version is read.version:
        return read
    rows = placed(version, workspace.versions, seed=task.split.seed, progress=progress)
    labels = task.label_set(rows.data.labels)
    return ReadRows(version=version, placed=rows, labels=labels, source=read.source)


def asked_of(task: Task, raw: ReadRows, workspace: Workspace, *, progress: Progress) -> Evidence | NoEvidence:
    """What models say of the rows as read: kept since it was first asked.

    Args:
        task: the task.
        raw: the rows as read.
        workspace: where evidence lies.
        progress: told of every step.
    """
    rows = raw.placed
    return gathered(task, workspace, rows.data, splits=rows.splits, labels=raw.labels, progress=progress)


def review_order(task: Task, raw: ReadRows, evidence: Evidence, *, also_test: bool) -> Order:
    """The order of a review, which the split seed, the rows as read and what models say of them decide.

    Args:
        task: the task.
        raw: the rows as read.
        evidence: what models say of them.
        also_test: whether test rows may be shown.
    """
    key = digest([str(task.split.seed), raw.version.sha256])
    return order_of(raw.placed.splits, evidence.suspicion, also_test=also_test, seed=int(key[:16], 16))


def read_decisions_file(path: Path, labels: LabelSet) -> Recorded:
    """Reads the decisions that there are; none where there is no file.

    Args:
        path: the file.
        labels: the labels that a row may be given.

    Raises:
        StorageError: there is something else under that name.
    """
    with storage_errors(path, option="--decisions"):
        text = path.read_bytes().decode("utf-8-sig", errors="replace") if path.exists() else ""
    return read_decisions(text, name=path.name, labels=labels)
