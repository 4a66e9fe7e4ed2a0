"""One cell: fit, save, load, judge, time. A function of its inputs, so that another executor can run it elsewhere."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.base_models.memory import give_back_freed_memory
from suffice.bundles.classifier import Classifier
from suffice.errors import BundleError, Problem
from suffice.pipeline.cells.answered import slices_of_answers
from suffice.pipeline.cells.answers import run_answers
from suffice.pipeline.cells.asked_again import asked_again
from suffice.pipeline.cells.finished import answered
from suffice.pipeline.cells.fit import FitRecord, fit_whole, fitted_in_memory
from suffice.pipeline.cells.hosted import run_hosted
from suffice.pipeline.cells.judge import judge
from suffice.pipeline.cells.rows import training_rows
from suffice.pipeline.cells.tracking import tracked
from suffice.pipeline.rows.prepare import Material
from suffice.pipeline.rows.workspace import read_run
from suffice.records.progress import Progress
from suffice.records.run import Cell, RunManifest
from suffice.records.task import ReportTo
from suffice.rungs.ladder import describe
from suffice.store import strict_json


def run_cell(
    cell: Cell,
    material: Material,
    *,
    name: str,
    out: Path,
    report_to: ReportTo,
    progress: Progress,
    planned_memory_bytes: int | None = None,
    fitted: Path | None = None,
) -> RunManifest:
    """Runs a cell, or what is left of it, or nothing where it is finished.

    Args:
        cell: what to run.
        material: the rows that may be seen.
        name: the run's name.
        out: the run's folder.
        report_to: the tracker that gets figures of a network while it is trained.
        progress: told of every step.
        planned_memory_bytes: what it is expected to need, for its manifest.
        fitted: the tuned rung that is asked another way, as its run saved it; None for every other cell.

    Raises:
        SufficeError: what the person can fix.
    """
    if is_finished(cell, out=out):
        finished = read_run(out)
        _must_be_same(cell, finished.cell, out=out)
        return _on_slices_of_now(finished, material, out=out)
    _begin(cell, out=out)
    reported = report_to if describe(cell.rung).trains and not cell.asked_again else "none"
    if cell.kind != "classify":
        with tracked(progress, reported, run=name, folder=out.parent, settings=_settings(cell, material)) as told:
            found = run_answers(
                *(cell, material),
                name=name,
                out=out,
                fitted=fitted,
                planned_memory_bytes=planned_memory_bytes,
                progress=told,
            )
        give_back_freed_memory()
        return found
    if cell.hosted is not None:
        return run_hosted(cell, material, name=name, out=out, progress=progress)
    rows = training_rows(cell, material)
    if cell.probe:
        return _probe(cell, material, rows, name=name, out=out, fitted=fitted, progress=progress)
    if not (out / "fitted" / "fit.json").exists():
        with tracked(progress, reported, run=name, folder=out.parent, settings=_settings(cell, material)) as told:
            fit_whole(cell, material, rows, out=out, progress=told)
    else:
        progress.say(f"{name}: fitted before; it is still to be judged")
    shutil.rmtree(out / "checkpoints", ignore_errors=True)
    give_back_freed_memory()  # What training took is not needed a second time beside what is loaded.
    # What was saved is loaded, so that what is measured is what ships.
    classifier, record = Classifier.load(out / "fitted"), strict_json.read(out / "fitted" / "fit.json", FitRecord)
    judged = judge(cell, material, rows, classifier, record, name=name, out=out, progress=progress)
    strict_json.write(out / "fitted" / "classifier.json", classifier.saved)
    manifest = replace(judged, planned_memory_bytes=planned_memory_bytes)
    strict_json.write(out / "manifest.json", manifest)
    return manifest


def _settings(cell: Cell, material: Material) -> dict[str, str | int | float]:
    """What a tracker is told of a run."""
    n_train, base = len(training_rows(cell, material)), cell.base or "none"
    return {"rung": cell.rung, "seed": cell.seed, "n_train": n_train, "base": base}


def _on_slices_of_now(finished: RunManifest, material: Material, *, out: Path) -> RunManifest:
    """Slices are no part of a cell: a run that was judged on others is judged on those of now, by its answers."""
    if finished.evaluation is None:
        return finished
    found = slices_of_answers(answered(finished, material, out=out))
    if found == finished.evaluation.slices:
        return finished
    judged = replace(finished, evaluation=replace(finished.evaluation, slices=found))
    strict_json.write(out / "manifest.json", judged)
    return judged


def is_finished(cell: Cell, *, out: Path) -> bool:
    """Whether a run has all that is read of it; one that lost its predictions is judged again.

    Args:
        cell: what was to be run.
        out: the run's folder.
    """
    return (out / "manifest.json").exists() and (cell.refit or (out / "predictions.parquet").exists())


def _begin(cell: Cell, *, out: Path) -> None:
    """Writes down what the run is to be, or holds what an interrupted start wrote against it."""
    require_same_cell(cell, out=out)
    if not (out / "cell.json").exists():
        strict_json.write(out / "cell.json", cell)


def require_same_cell(cell: Cell, *, out: Path) -> None:
    """Refuses a folder in which another cell was begun.

    Args:
        cell: what is to be run.
        out: the run's folder.

    Raises:
        BundleError: it was.
    """
    path = out / "cell.json"
    if path.exists():
        _must_be_same(cell, strict_json.read(path, Cell), out=out)


def _must_be_same(cell: Cell, found: Cell, *, out: Path) -> None:
    """A run's name has four digits of its cell's hash: two cells may share it."""
    if found != cell:
        rule, got = "a run folder must be of the run that is asked for", "one of other settings under the same name"
        fix = f"remove it: suffice runs rm {out.parent.parent} {out.name}; or write elsewhere with --out"
        raise BundleError(Problem(where=str(out), rule=rule, got=got, fix=fix))


def _probe(
    cell: Cell,
    material: Material,
    rows: NDArray[np.int64],
    *,
    name: str,
    out: Path,
    fitted: Path | None,
    progress: Progress,
) -> RunManifest:
    """Fits and judges in memory: nothing ships of it, and writing a model takes longer than fitting a cheap one."""
    if cell.asked_again:
        classifier, record = asked_again(cell, material, rows, fitted=fitted, out=out, progress=progress)
    else:
        classifier, record = fitted_in_memory(cell, material, rows, out=out, progress=progress)
    shutil.rmtree(out / "checkpoints", ignore_errors=True)
    manifest = judge(cell, material, rows, classifier, record, name=name, out=out, progress=progress)
    strict_json.write(out / "manifest.json", manifest)
    return manifest
