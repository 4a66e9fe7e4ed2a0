"""Finished runs, read with the rows that they stand on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from suffice.errors import BundleError, Problem, quoted
from suffice.pipeline.cells.answered import Answered, read_predictions
from suffice.pipeline.cells.rows import judged_rows
from suffice.pipeline.rows.placed import placed
from suffice.pipeline.rows.prepare import Material, Prepared, divided
from suffice.pipeline.rows.slices import as_frozen
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.labels import LabelSet
from suffice.records.progress import SILENT
from suffice.records.run import RunManifest
from suffice.store.task_file import FITTED, load_task
from suffice.store.versions import find_version


def answered(manifest: RunManifest, material: Material, *, out: Path) -> Answered:
    """A finished run's answers on the rows that compare rungs, as they were saved.

    Args:
        manifest: the run.
        material: the rows that may be seen.
        out: the run's folder.
    """
    rows, _ = judged_rows(manifest.cell, material)
    n_truncated = 0 if manifest.evaluation is None else manifest.evaluation.form.n_truncated
    predictions = read_predictions(out / "predictions.parquet", material.labels, n_truncated=n_truncated)
    return Answered(
        manifest=manifest,
        predictions=predictions,
        y_true=material.y[rows],
        groups=material.groups[rows],
        aspects=material.aspects.take(rows),
    )


def answered_run(manifest: RunManifest, folder: Path) -> Answered:
    """A finished run's answers on the rows that compare rungs.

    Args:
        manifest: the run.
        folder: its folder.

    Raises:
        BundleError: it was refitted on those rows, or the rows have changed.
    """
    must_not_have_seen(manifest, folder)
    return answered(manifest, prepared_for(manifest, folder).material, out=folder)


def must_not_have_seen(manifest: RunManifest, folder: Path) -> None:
    """Refuses a run that was fitted on the rows that it is to be scored on.

    Args:
        manifest: the run.
        folder: its folder.

    Raises:
        BundleError: it was.
    """
    if manifest.cell.refit:
        rule, got = "a run is scored on rows that it has not seen", f"{manifest.name}, refitted on the validation rows"
        fix = "name the run that it was refitted from: the same rung with another hash"
        raise BundleError(Problem(where=str(folder), rule=rule, got=got, fix=fix))


def must_share_rows(manifests: Sequence[RunManifest]) -> None:
    """Refuses runs on different labels, data versions or splits.

    Args:
        manifests: at least one.

    Raises:
        BundleError: two that differ, by name.
    """
    first = manifests[0]
    for other in manifests[1:]:
        if other.cell.labels != first.cell.labels:
            raise BundleError(
                Problem(
                    where=f"{first.name} and {other.name}",
                    rule="runs are compared on one list of labels, in one order",
                    got=f"{quoted(', '.join(first.cell.labels))} and {quoted(', '.join(other.cell.labels))}",
                    fix="name runs of one list, or fit into another output folder",
                )
            )
        if (other.cell.data_sha256, other.cell.split_sha256) != (first.cell.data_sha256, first.cell.split_sha256):
            raise BundleError(
                Problem(
                    where=f"{first.name} and {other.name}",
                    rule="runs are compared on one data version and one split",
                    got=f"data {first.cell.data_sha256[:12]} and {other.cell.data_sha256[:12]}, "
                    f"split {first.cell.split_sha256[:12]} and {other.cell.split_sha256[:12]}",
                    fix="fit both from one task file, in one output folder",
                )
            )


def prepared_for(manifest: RunManifest, run_folder: Path) -> Prepared:
    """The rows as they were divided when the run was made, read from its output folder.

    Args:
        manifest: the run.
        run_folder: its folder.

    Raises:
        BundleError: data or split are others now.
    """
    workspace = Workspace(out=run_folder.resolve().parent.parent)
    cell = manifest.cell
    version = find_version(workspace.versions, cell.data_sha256)
    rows = placed(version, workspace.versions, seed=cell.split_seed, progress=SILENT)
    splits = rows.splits
    if splits.sha256 != cell.split_sha256:
        rule, got = f"the split must be the one of the run, {cell.split_sha256[:12]}", splits.sha256[:12]
        fix = "the data version or the code that divides it has changed: fit again"
        raise BundleError(Problem(where=str(run_folder), rule=rule, got=got, fix=fix))
    labels = LabelSet(names=cell.labels)
    task = load_task(workspace.task, kinds=FITTED)
    task = task.model_copy(update={"slices": as_frozen(task.slices, workspace, cell.data_sha256)})
    return divided(task, version, rows, labels=labels, source=None)
