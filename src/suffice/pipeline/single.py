"""One run by itself: train it, score it again, hold it against another, write a page about some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.errors import EndpointError, Problem, StorageError, TaskError
from suffice.evaluate import evaluate
from suffice.pipeline.cells.answered import compare_answered
from suffice.pipeline.cells.answers_again import answered_again, without_rows
from suffice.pipeline.cells.finished import answered_run, must_not_have_seen, must_share_rows, prepared_for
from suffice.pipeline.cells.hosted import predictions_of, rows_asked
from suffice.pipeline.cells.rung_names import ordered_rungs, require_endpoints, require_ordered_rows
from suffice.pipeline.cells.whole_rung import run_rung, was_run
from suffice.pipeline.fit import completions_of, shown_texts
from suffice.pipeline.rows.lengths import require_whole_texts
from suffice.pipeline.rows.prepare import Prepared, prepare
from suffice.pipeline.rows.workspace import Workspace, read_run
from suffice.records.completion_evaluation import CompletionEvaluation
from suffice.records.dataset import Dataset
from suffice.records.evaluation import Comparison, Evaluation
from suffice.records.progress import Progress
from suffice.records.run import RunManifest
from suffice.records.slices import Aspects
from suffice.records.task import Task
from suffice.report import write_run_report
from suffice.store.completions import NothingKept
from suffice.store.files import write_text
from suffice.store.strict_json import digest
from suffice.store.task_file import task_yaml
from suffice.text.normalise import is_empty


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A run scored again."""

    evaluation: Evaluation
    opening: int | None
    """Which opening of the test it was; None on validation."""
    answers: CompletionEvaluation | None
    """The layers behind it where answers are free text, of test rows without the rows; None where they are labels."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scored:
    """Rows to score a run on."""

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    data: Dataset
    """The rows themselves."""
    y: NDArray[np.int64]
    """Label codes, shape [N]."""
    groups: NDArray[np.int64]
    """Group codes, shape [N]."""
    opening: int | None
    """Which opening of the test it is; None for validation rows."""
    aspects: Aspects
    """Their slices and times."""


def train_rung(task: Task, rung: str, *, folder: Path, out: Path, seed: int, progress: Progress) -> RunManifest:
    """Fits and judges one rung; the test stays sealed.

    Args:
        task: the task, overrides applied.
        rung: as in `ladder`.
        folder: the task file's folder.
        out: where everything is written.
        seed: initialisation, shuffles and subsets.
        progress: told of every step.

    Raises:
        TaskError: no rung was named.
        SufficeError: whatever else the person can fix.
    """
    if not rung:
        rule, fix = "names the rung to fit", f"one of the task's ladder: {', '.join(task.ladder)}; or any base model"
        raise TaskError(Problem(where="--rung", rule=rule, got="nothing", fix=fix))
    workspace = Workspace(out=out)
    require_ordered_rows(ordered_rungs([rung], where="--rung", hosted=task.hosted, kind=task.kind), task.train)
    with workspace.held():
        require_endpoints([] if was_run(rung, workspace) else [rung], task.hosted)
        prepared = prepare(task, workspace, folder=folder, progress=progress)
        require_whole_texts([rung], prepared, progress=progress)
        write_text(workspace.task, task_yaml(task))
        climbed = run_rung(rung, prepared, workspace, seed=seed, progress=progress)
        return climbed.chosen


def evaluate_run(run_folder: Path, *, test: bool, progress: Progress) -> Measured:
    """Scores a finished run again, on validation, or on the sealed test, which the ledger counts.

    Args:
        run_folder: a finished run.
        test: open the sealed test.
        progress: told of every step.

    Raises:
        BundleError: no finished run, or its data version is gone.
        StorageError: the ledger of openings cannot be written.
        EndpointError: it would take calls to an endpoint, which only commands make that name its rung.
    """
    manifest = read_run(run_folder)
    if not test:
        must_not_have_seen(manifest, run_folder)
    if test and manifest.hosted is not None:
        raise EndpointError(_asked_by_fit(manifest))
    prepared = prepared_for(manifest, run_folder)
    scored = _test_rows(prepared, manifest) if test else _validation_rows(prepared, manifest)
    answers: CompletionEvaluation | None = None
    with progress.step(f"scoring {manifest.name}", total=len(scored.ids)) as done:
        if manifest.cell.kind == "classify":
            fitted = run_folder / "fitted"
            predictions = predictions_of(fitted, scored.texts, scored.ids, send=False, done=done, progress=progress)
        else:
            kept, seed = NothingKept(), manifest.cell.seed
            found = answered_again(
                *(run_folder, scored.data, scored.groups),
                kept=kept,
                send=False,
                seed=seed,
                done=done,
                progress=progress,
            )
            predictions = found.predictions
            answers = without_rows(found.answers) if test else found.answers
    evaluation = evaluate(
        predictions,
        scored.y,
        scored.groups,
        rung=manifest.cell.rung,
        run=manifest.name,
        split="test" if test else "validation",
        n_empty=sum(map(is_empty, scored.texts)),
        seed=manifest.cell.seed,
        aspects=scored.aspects,
    )
    return Measured(evaluation=evaluation, opening=scored.opening, answers=answers)


def compare_folders(first: Path, second: Path) -> Comparison:
    """Two finished runs on the rows that both answered.

    Args:
        first: a finished run.
        second: another.

    Raises:
        BundleError: no finished run, or runs on different data or splits.
    """
    one, two = read_run(first), read_run(second)
    must_share_rows([one, two])
    return compare_answered(answered_run(one, first), answered_run(two, second))


def report_runs(run_folders: Sequence[Path], *, path: Path) -> None:
    """Writes a page about finished runs.

    Args:
        run_folders: finished runs on the same data and split.
        path: the page.

    Raises:
        BundleError: no finished run, or runs on different data or splits.
        StorageError: the page cannot be written.
    """
    _must_not_replace_data(path)
    manifests = [read_run(folder) for folder in run_folders]
    must_share_rows(manifests)
    compared = [
        answered_run(manifest, folder)
        for manifest, folder in zip(manifests, run_folders, strict=True)
        if not manifest.cell.refit
    ]
    comparisons = [compare_answered(compared[i], compared[i - 1]) for i in range(1, len(compared))]
    texts = shown_texts(prepared_for(manifests[0], run_folders[0]))
    write_run_report(
        [one.manifest for one in compared] or manifests,
        comparisons,
        texts,
        completions=completions_of(run_folders),
        path=path,
    )


def _must_not_replace_data(path: Path) -> None:
    """Refuses to put a page in the place of a file that is none, which may be the person's own data."""
    if path.is_file() and not path.read_bytes()[:15].lower().startswith(b"<!doctype html"):
        rule, got = "a report takes the place of a report, not of another file", f"{path.name}, which is no HTML page"
        raise StorageError(Problem(where="--out", rule=rule, got=got, fix="name another file: --out report.html"))


def _test_rows(prepared: Prepared, manifest: RunManifest) -> Scored:
    rows = prepared.test.open(digest([manifest.name, "evaluate --test"]))
    return Scored(
        ids=rows.ids,
        texts=rows.texts,
        data=rows.data,
        y=rows.y,
        groups=rows.groups,
        opening=rows.opening.number,
        aspects=rows.aspects,
    )


def _asked_by_fit(manifest: RunManifest) -> Problem:
    rule = "an endpoint is asked only by commands that name its rung"
    fix = f"ask it: suffice fit task.yaml --rungs {manifest.cell.rung} puts the test's figures into its report"
    return Problem(where=manifest.name, rule=rule, got="evaluate --test", fix=fix)


def _validation_rows(prepared: Prepared, manifest: RunManifest) -> Scored:
    material = prepared.material
    rows = material.rows("validation") if manifest.hosted is None else rows_asked(manifest.cell, material)
    data = material.data.take(rows)
    return Scored(
        ids=tuple(data.ids),
        texts=tuple(data.texts),
        data=data,
        y=material.y[rows],
        groups=material.groups[rows],
        opening=None,
        aspects=material.aspects.take(rows),
    )
