"""A bundle and the rows of its fit to what lies outside of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.bundles.classifier import Classifier
from suffice.bundles.scope import Scope, measure_of
from suffice.bundles.scope_fit import Refit, Score, Taught, fit_scope
from suffice.pipeline.cells.judge import evenly
from suffice.pipeline.cells.rows import labels_of, settings_of, training_data, training_rows
from suffice.pipeline.rows.prepare import Material, Prepared
from suffice.records.progress import SILENT, Progress
from suffice.records.run import Cell
from suffice.records.splits import SPLIT_NAMES
from suffice.rungs.interface import HasStrength
from suffice.rungs.ladder import describe
from suffice.text.normalise import is_empty

MOST_TAUGHT, MOST_UNSEEN = 20_000, 5_000
"""Messages that are scored: embedding so many takes about two minutes."""


def scope_of(
    classifier: Classifier, cell: Cell, prepared: Prepared, *, max_refused: float, progress: Progress
) -> Scope | None:
    """What tells messages that are outside, and from where on, by rows that neither fitting nor a choice has seen.

    Args:
        classifier: the bundle.
        cell: what its run was.
        prepared: the rows of its fit.
        max_refused: the most messages in scope that may be taken for outside, between 0 and 1.
        progress: told of every message that is scored.

    Returns:
        None for a rung that answers alike whatever the message.
    """
    measure = measure_of(cell.rung)
    if measure is None:
        return None
    material = prepared.material
    fitted = training_rows(cell, material)
    rows = evenly(_told(fitted, material), most=MOST_TAUGHT)
    unseen = evenly(_told(_unseen(cell, fitted, material), material), most=MOST_UNSEEN)
    taught = Taught(
        texts=material.data.take(rows).texts,
        y=labels_of(cell, material)[rows],
        unseen=material.data.take(unseen).texts,
        y_unseen=material.y[unseen],
        outside=_outside(prepared),
    )
    n_scored = len(taught.unseen) + len(taught.outside) + (len(rows) if measure == "distance" else 0)
    with progress.step("how far messages lie", total=n_scored) as done:
        return fit_scope(
            taught,
            measure=measure,
            score=lambda texts: classifier.scores(texts, done=done),
            refit=_refit(classifier, cell, material, rows),
            max_refused=max_refused,
            seed=cell.seed,
        )


def _told(rows: NDArray[np.int64], material: Material) -> NDArray[np.int64]:
    """Those whose message is not empty."""
    texts = material.data.take(rows).texts
    return rows[np.array([not is_empty(text) for text in texts], dtype=np.bool_)]


def _unseen(cell: Cell, fitted: NDArray[np.int64], material: Material) -> NDArray[np.int64]:
    """Calibration rows, and validation rows where the rung was not fitted on them, without copies or group mates."""
    rows = material.rows("calibration") if cell.refit else material.rows("calibration", "validation")
    return rows[~np.isin(material.groups[rows], material.groups[fitted])]


def _outside(prepared: Prepared) -> list[str]:
    """Messages that the data calls out of scope, those of test apart; each once."""
    label, placed = prepared.task.data.out_of_scope, prepared.placed
    seen = np.flatnonzero(placed.splits.codes != SPLIT_NAMES.index("test"))
    rows = placed.data.take(seen)
    found = [text for text, one in zip(rows.texts, rows.labels, strict=True) if one == label and not is_empty(text)]
    return list(dict.fromkeys(found)) if label is not None else []


def _refit(classifier: Classifier, cell: Cell, material: Material, rows: NDArray[np.int64]) -> Refit | None:
    """A cheap rung at the strength that it has; None where it is not a matter of seconds."""
    rung, kind = classifier.rung, describe(cell.rung)
    if not (kind.cheap and isinstance(rung, HasStrength)):
        return None
    settings = settings_of(cell)
    settings = replace(settings, train=settings.train.model_copy(update={"strength": rung.strength}))

    def refit(kept: NDArray[np.bool_]) -> Score:
        data = training_data(cell, material, rows[kept])
        fitted = kind.load_class().fit(data, settings, base=cell.base or "", checkpoints=Path(), progress=SILENT)
        return Classifier(fitted, classifier.saved).scores

    return refit
