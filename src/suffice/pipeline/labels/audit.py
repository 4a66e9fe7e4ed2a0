"""The audit of a task's rows: what is read of them, what models say of them, and the findings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.audit import Audited, audit
from suffice.errors import DataError, Problem, StorageError
from suffice.pipeline.labels.completion_audit import NO_LABELS, audit_of_free
from suffice.pipeline.labels.decided import wrong_in_train
from suffice.pipeline.labels.evidence import bring_encoder, gathered
from suffice.pipeline.labels.leads import leads_of
from suffice.pipeline.rows.free_rows import free_rows
from suffice.pipeline.rows.lengths import token_lengths
from suffice.pipeline.rows.prepare import ReadRows, read_rows, summary_of
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.evidence import Evidence, NoEvidence
from suffice.records.finding import Audit
from suffice.records.knowledge import Passage
from suffice.records.progress import Progress
from suffice.records.task import Task
from suffice.records.verdict import DataSummary
from suffice.report import write_audit_report
from suffice.store.files import require_writable, write_text
from suffice.store.openings import spend_test


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditOutcome:
    """An audit and what it was held on."""

    read: ReadRows
    """The rows."""
    evidence: Evidence | NoEvidence
    """What models say of them."""
    audit: Audit
    """What was found."""
    data: DataSummary
    """The rows at a glance."""
    commands: tuple[str, ...]
    """What to type next, one after the other."""
    problems: tuple[Problem, ...]
    """Lines of the decisions file that do not apply, and why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditedRows:
    """What the checks found, and what they read beside the rows."""

    evidence: Evidence | NoEvidence
    """What models say of the rows."""
    audit: Audit
    """What was found."""
    decided: NDArray[np.int64]
    """Positions of rows about which a person has decided, ascending."""
    problems: tuple[Problem, ...]
    """Lines of the decisions file that do not apply, and why."""


def audit_task(
    task: Task,
    *,
    commands: Mapping[str, str],
    decisions: Path,
    folder: Path,
    out: Path,
    also_test: bool,
    progress: Progress,
) -> AuditOutcome:
    """Audits a task's rows, whatever is wrong with them, and writes the page.

    Args:
        task: the task.
        commands: what a person may type next, by the name of the step.
        decisions: the decisions file; none where it is not there.
        folder: the task file's folder, which its paths are relative to.
        out: where data versions and evidence lie.
        also_test: rank calibration and test rows too, with suggestions, which spends the test.
        progress: told of every step.

    Raises:
        DataError: rows that cannot be read, all at once.
        StorageError: the folder cannot be written.
    """
    workspace = Workspace(out=out)
    with workspace.held():
        read = read_rows(task, workspace, folder=folder, progress=progress)
        bring_encoder(task, progress=progress)
        if also_test:
            spend_test(read.placed.splits.test_sha256)
            progress.say("the test is spent from here on: its rows are ranked (--also-test), and it proves nothing")
        found = audit_rows(
            task, read, workspace, rungs=task.ladder, decisions=decisions, also_test=also_test, progress=progress
        )
        summary = summary_of(read.version, read.placed, kind=task.kind)
        leads = leads_of(found.evidence, read.placed, read.labels, decided=found.decided)
        # Without evidence there is no order to review in.
        skipped = "review" if isinstance(found.evidence, NoEvidence) else None
        named = tuple(command for step, command in commands.items() if step != skipped)
        write_audit_report(task.name, summary, found.audit, leads, commands=named, path=out / "audit.html")
    return AuditOutcome(
        read=read,
        evidence=found.evidence,
        audit=found.audit,
        data=summary,
        commands=named,
        problems=found.problems,
    )


def require_ranking_place(path: Path) -> None:
    """Refuses, before anything is computed, a place that holds something else than a ranking, or cannot be written.

    Args:
        path: where a ranking is to be written.

    Raises:
        StorageError: the place cannot be taken.
    """
    if path.exists() and not path.is_file():
        got, fix = "a folder" if path.is_dir() else "a device or pipe", "name a file"
    elif path.is_file() and path.stat().st_size and not path.read_bytes().startswith(b'{"source": '):
        got, fix = "a file that is no ranking", "name another file: this one would be lost"
    else:
        require_writable(path.absolute().parent, option="--ranking")
        return
    raise StorageError(Problem(where=str(path), rule="--ranking writes a file of its own", got=got, fix=fix))


def write_ranking(outcome: AuditOutcome, path: Path) -> None:
    """Writes every row that was ranked, the most suspect first.

    Args:
        outcome: of an audit.
        path: a JSON Lines file.

    Raises:
        DataError: nothing was ranked.
        StorageError: the file cannot be written.
    """
    evidence, data, names = outcome.evidence, outcome.read.placed.data, outcome.read.labels.names
    if isinstance(evidence, NoEvidence):
        rule, fix = "rows must be enough to be ranked", "label more rows, or leave the option out"
        raise DataError(Problem(where="--ranking", rule=rule, got=evidence.why, fix=fix))
    suspicion = evidence.suspicion
    order = np.argsort(-suspicion.score, kind="stable")
    lines = [
        {
            "source": row.source,
            "row": row.row,
            "id": row.id,
            "label": row.label,
            "suggested": names[suspicion.suggested[place]],
            "score": float(suspicion.score[place]),
        }
        for place, row in zip(order, data.take(suspicion.rows[order]), strict=True)
    ]
    # Where it is a link, what it leads to is written.
    write_text(
        path.resolve(), "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), option="--ranking"
    )


def audit_rows(
    task: Task,
    read: ReadRows,
    workspace: Workspace,
    *,
    rungs: Sequence[str],
    decisions: Path,
    also_test: bool = False,
    passages: Sequence[Passage] = (),
    progress: Progress,
) -> AuditedRows:
    """Asks what models say of the rows, unless that is kept, and holds them against every check.

    Args:
        task: the task.
        read: the rows.
        workspace: where evidence lies.
        rungs: those whose base models' tokens are counted; the task's ladder says which models are asked, so that the
            answers, and the order of a review, are the same whatever rungs a fit climbs.
        decisions: the decisions file; none where it is not there.
        also_test: ask about calibration and test rows too.
        passages: of the task's knowledge, which answers may stand in.
        progress: told of every step.
    """
    rows, labels = read.placed, read.labels
    if task.free is not None:
        shown = free_rows(rows.data.take(rows.splits.rows("train", "validation", "calibration")), task.free)
        found = audit_of_free(task, rows, shown, passages=passages, progress=progress)
        return AuditedRows(evidence=NO_LABELS, audit=found, decided=np.array([], dtype=np.int64), problems=())
    evidence = gathered(
        task, workspace, rows.data, splits=rows.splits, labels=labels, also_test=also_test, progress=progress
    )
    reviewed = wrong_in_train(
        task, read, workspace, decisions=decisions, evidence=None if also_test else evidence, progress=progress
    )
    audited = Audited.of(
        rows.data,
        rows.splits,
        labels,
        copies=rows.copies,
        declared=bool(task.labels),
        aside=task.data.out_of_scope,
        lengths=token_lengths(rungs, rows.data.texts, task=task, labels=labels, progress=progress),
        evidence=evidence,
        reviewed=reviewed.estimate,
        decided=reviewed.decided,
        n_put_right=reviewed.n_put_right,
    )
    found = audit(audited, allow=task.audit.allow)
    return AuditedRows(evidence=evidence, audit=found, decided=audited.decided, problems=reviewed.problems)
