"""A cell to its fitted rung, in memory or saved whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.base_models.memory import keep_few_products
from suffice.bundles.classifier import CLASSIFIER_FORMAT, Classifier, SavedClassifier
from suffice.pipeline.cells.difficulty import difficulty_of
from suffice.pipeline.cells.rows import settings_of, training_data
from suffice.pipeline.rows.prepare import Material
from suffice.records.progress import Progress
from suffice.records.run import Cell, Training
from suffice.rungs.ladder import describe
from suffice.store import strict_json
from suffice.store.files import replacing_folder


@dataclass(frozen=True, kw_only=True, slots=True)
class FitRecord:
    """What fitting cost: written beside the fitted rung, before it is judged."""

    train_seconds: float
    """Wall time of fitting."""
    n_train: int
    """Rows fitted on, tune rows included."""
    n_tune: int
    """Rows held back for choices; 0 where they were made by cross-validation."""
    training: Training | None
    """How fast its network was trained; None for rungs that train none."""


def fit_whole(cell: Cell, material: Material, rows: NDArray[np.int64], *, out: Path, progress: Progress) -> None:
    """Fits, and writes the fitted rung whole or not at all; an interrupted fit goes on from its checkpoint.

    Args:
        cell: what to run.
        material: the rows that may be seen.
        rows: positions of the rows to fit on.
        out: the run's folder, where checkpoints are kept.
        progress: told of every step.
    """
    classifier, record = fitted_in_memory(cell, material, rows, out=out, progress=progress)
    with replacing_folder(out / "fitted") as part:
        Classifier.save(part, classifier.rung, classifier.saved)
        strict_json.write(part / "fit.json", record)


def fitted_in_memory(
    cell: Cell, material: Material, rows: NDArray[np.int64], *, out: Path, progress: Progress
) -> tuple[Classifier, FitRecord]:
    """The fitted rung, not calibrated yet, and what fitting it took.

    Args:
        cell: what to run.
        material: the rows that may be seen.
        rows: positions of the rows to fit on.
        out: the run's folder, where checkpoints are kept.
        progress: told of every step.
    """
    keep_few_products()
    difficulty = difficulty_of(cell, material, rows, beside=out.parent, progress=progress)
    data = replace(training_data(cell, material, rows), difficulty=difficulty)
    rung = describe(cell.rung).load_class()
    fitted = rung.fit(data, settings_of(cell), base=cell.base or "", checkpoints=out / "checkpoints", progress=progress)
    counts = np.bincount(data.y, minlength=len(data.labels)) + 1.0
    saved = SavedClassifier(
        format=CLASSIFIER_FORMAT,
        rung=cell.rung,
        labels=material.labels.names,
        temperature=1.0,
        prior=tuple((counts / counts.sum()).tolist()),
        text=material.text,
    )
    record = FitRecord(
        train_seconds=fitted.train_seconds,
        n_train=len(rows),
        n_tune=0 if data.tune is None else len(data.tune),
        training=fitted.training,
    )
    return Classifier(fitted, saved), record
