"""`suffice advise`: what to expect of a task before anything is trained, and what finished runs say since."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from suffice.diagnose.advice import advise
from suffice.pipeline.cells.estimate import TOKENS_PER_WORD, estimated_minutes
from suffice.pipeline.cells.rung_names import ordered_rungs
from suffice.pipeline.rows.prepare import Prepared, divided, read_rows
from suffice.pipeline.rows.provable import provable
from suffice.pipeline.rows.workspace import Workspace, finished_runs
from suffice.records.advice import Advice, MeasuredRun, RungToTry, TaskFacts
from suffice.records.progress import Progress
from suffice.records.run import RunManifest
from suffice.records.task import Task


def advise_task(task: Task, *, folder: Path, out: Path, progress: Progress) -> Advice:
    """Reads and divides the rows, and trains nothing; the test stays sealed.

    Args:
        task: the task, overrides applied.
        folder: the task file's folder, which its paths are relative to.
        out: where the data version is written, and finished runs are looked for.
        progress: told of every step.

    Raises:
        SufficeError: rows that cannot be read, rungs that there are not.
    """
    workspace = Workspace(out=out)
    rungs = ordered_rungs(task.ladder, where="ladder", hosted=task.hosted)
    with workspace.held():
        read = read_rows(task, workspace, folder=folder, progress=progress)
        prepared = divided(task, read.version, read.placed, labels=read.labels, source=read.source)
    return advise(
        _facts(prepared),
        task.target,
        [RungToTry(rung=rung, minutes=estimated_minutes(rung, prepared)) for rung in rungs],
        measured=measured_runs(prepared, workspace),
        plan=provable(prepared, opening=prepared.test.openings() + 1),
        task=task.name,
    )


def measured_runs(prepared: Prepared, workspace: Workspace) -> dict[str, MeasuredRun]:
    """Of each rung that was run on these rows, the run on the most rows; of several, the most accurate.

    Args:
        prepared: the task and its rows.
        workspace: where runs lie.
    """
    found: dict[str, RunManifest] = {}
    for run in finished_runs(workspace):
        best = found.get(run.cell.rung)
        if _is_of(prepared, run) and (best is None or _standing(run) > _standing(best)):
            found[run.cell.rung] = run
    return {rung: _measured(run) for rung, run in found.items()}


def _is_of(prepared: Prepared, run: RunManifest) -> bool:
    cell = run.cell
    rows = (cell.data_sha256, cell.split_sha256, cell.labels)
    return run.evaluation is not None and rows == (
        prepared.version.sha256,
        prepared.splits.sha256,
        prepared.labels.names,
    )


def _standing(run: RunManifest) -> tuple[int, float]:
    assert run.evaluation is not None, "only judged runs stand for a rung"
    return run.n_train, run.evaluation.accuracy.accuracy


def _measured(run: RunManifest) -> MeasuredRun:
    assert run.evaluation is not None, "only judged runs stand for a rung"
    accuracy = run.evaluation.accuracy
    return MeasuredRun(
        rung=run.cell.rung,
        accuracy=accuracy.accuracy,
        low=accuracy.interval.low,
        high=accuracy.interval.high,
        n_train=run.n_train,
        latency_p50_ms=run.cost.latency_p50_ms,
    )


def _facts(prepared: Prepared) -> TaskFacts:
    material, summary, names = prepared.material, prepared.summary, prepared.labels.names
    rows = Counter(material.y[material.rows("train")].tolist())
    return TaskFacts(
        n_rows=summary.n_rows,
        n_train=rows.total(),
        n_validation=len(material.rows("validation")),
        n_test=len(prepared.test),
        label_rows={name: rows[k] for k, name in enumerate(names)},
        words_p50=summary.words_p50,
        words_p95=summary.words_p95,
        n_copies=summary.n_rows - summary.n_groups,
        context_words=prepared.task.context_tokens / TOKENS_PER_WORD,
    )
