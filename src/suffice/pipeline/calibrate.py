"""A bundle and its calibration rows to a promise about the answers that it gives by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from suffice.bundles import Classifier, load_bundle
from suffice.bundles.folder import add_promise, verify
from suffice.bundles.record import BundleRecord
from suffice.errors import BundleError, Problem
from suffice.pipeline.answered import Answered
from suffice.pipeline.decided import DECISIONS
from suffice.pipeline.finished import answered, prepared_for
from suffice.pipeline.looked import looked_at
from suffice.pipeline.measured import compared_rows
from suffice.pipeline.prepare import Material, Prepared
from suffice.pipeline.workspace import Workspace, read_run
from suffice.records.progress import Progress
from suffice.records.promise import Promise
from suffice.stats.abstention import Said, promise, rows_for_a_promise, thresholds_of
from suffice.stats.binomial import lower_bound

ALPHA = 0.05
"""Level of the bound on wrong labels among confident rows."""


def calibrate(
    bundle: Path, *, out: Path | None, decisions: Path | None, max_error: float, confidence: float, progress: Progress
) -> Promise:
    """Finds the threshold above which a bundle's answers may be given, and writes it into the bundle.

    Where nothing can be promised the bundle is left as it is, and says why.

    Args:
        bundle: a folder that fit wrote.
        out: output folder of the fit that made it; None where the bundle lies in it.
        decisions: what people decided about rows; None for `decisions.jsonl` two folders up, where the task file of a
            fit lies that wrote to `suffice-out/NAME`.
        max_error: the most that may be wrong of the answers given, between 0 and 1.
        confidence: that it holds, between 0 and 1.
        progress: told of every step.

    Raises:
        BundleError: no bundle, or the rows or the run that it came from are gone.
    """
    record = verify(bundle)
    workspace = fit_of(bundle, out)
    prepared = prepared_for(record.run, workspace.runs / record.run.name)
    compared = _compared(record, prepared.material, workspace)
    cuts = thresholds_of(_confidence(compared))
    said = asked_for_calibration(load_bundle(bundle), prepared.material, progress)
    found = promise(said, cuts, max_error=max_error, confidence=confidence, labels=prepared.labels.names)
    if found.threshold is None:
        known = _said(compared)
        needed = rows_for_a_promise(known, cuts, max_error=max_error, confidence=confidence)
        return replace(found, rows_needed=needed)
    why = _wrong_labels(found, compared, prepared, decisions or workspace.out.resolve().parent.parent / DECISIONS)
    if why is not None:
        return replace(found, threshold=None, n_answered=0, n_wrong=0, labels=(), why=why)
    add_promise(bundle, found)
    return found


def fit_of(bundle: Path, out: Path | None) -> Workspace:
    """The output folder that a bundle lies in, unless another one is named.

    Args:
        bundle: a folder that fit wrote.
        out: the one that is named; None for none.

    Raises:
        BundleError: no fit wrote there.
    """
    found = out or bundle.resolve().parent.parent
    if not (found / "runs").is_dir():
        rule = "the rows of a bundle lie in the output folder of its fit"
        fix = "name that folder with --out"
        raise BundleError(Problem(where=str(bundle), rule=rule, got=f"no runs in {found}", fix=fix))
    return Workspace(out=found)


def _compared(record: BundleRecord, material: Material, workspace: Workspace) -> Answered:
    """What the run that was compared says of rows that it was not fitted on: a refit has seen the validation rows."""
    assert record.validation is not None, "what ships was compared"
    folder = workspace.runs / record.validation.run
    return answered(read_run(folder), material, out=folder)


def _confidence(one: Answered) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    assert one.predictions.probs is not None, "what ships states probabilities"
    return np.asarray(one.predictions.probs.max(axis=1))


def _said(one: Answered) -> Said:
    return Said(confidence=_confidence(one), y_pred=one.predictions.y_pred, y_true=one.y_true, groups=one.groups)


def asked_for_calibration(classifier: Classifier, material: Material, progress: Progress) -> Said:
    """Answers on the calibration rows without a copy or group mate among those that were fitted or chosen on.

    Args:
        classifier: a bundle.
        material: the rows that its fit might see.
        progress: told of every step.
    """
    rows, seen = material.rows("calibration"), material.rows("train", "validation")
    rows = rows[~np.isin(material.groups[rows], material.groups[seen])]
    texts = [material.data.texts[row] for row in rows]
    with progress.step("calibration rows", total=len(rows)) as done:
        predictions = classifier.predict(texts, [str(row) for row in rows], done=done)
    assert predictions.probs is not None
    confidence = predictions.probs.max(axis=1) if len(rows) else np.empty(0)
    return Said(confidence=confidence, y_pred=predictions.y_pred, y_true=material.y[rows], groups=material.groups[rows])


def _wrong_labels(found: Promise, compared: Answered, prepared: Prepared, decisions: Path) -> str | None:
    """Why no such promise can be kept: more labels are wrong among confident rows than answers may be."""
    reviewed = looked_at(prepared, decisions).reviewed
    if reviewed is None or found.threshold is None:
        return None
    position = {row_id: i for i, row_id in enumerate(compared.predictions.ids)}
    ids = prepared.material.data.take(compared_rows(prepared)).ids
    confidence = _confidence(compared)
    at = [(position[ids[row]], y) for row, y in zip(reviewed.rows, reviewed.y, strict=True) if ids[row] in position]
    confident = [(i, y) for i, y in at if confidence[i] >= found.threshold]
    wrong = sum(int(compared.y_true[i]) != int(y) for i, y in confident)
    if not confident or lower_bound(wrong, len(confident), alpha=ALPHA) <= found.max_error:
        return None
    return (
        f"{wrong:,} of {len(confident):,} reviewed labels are wrong among rows that the model is sure of: answers "
        f"cannot be shown to be right more often than the labels that they are held against"
    )
