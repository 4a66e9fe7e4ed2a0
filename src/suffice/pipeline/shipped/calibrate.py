"""A bundle and its calibration rows to a promise about the answers that it gives, and to what lies outside of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.bundles import Answer, Classifier, load_bundle
from suffice.bundles.chunks import chunks_of
from suffice.bundles.classifier import CHUNK
from suffice.bundles.folder import add_calibration, verify, version_of
from suffice.bundles.record import BundleRecord
from suffice.errors import BundleError, Problem
from suffice.pipeline.cells.answered import Answered
from suffice.pipeline.cells.finished import answered, prepared_for
from suffice.pipeline.grid.looked import looked_at
from suffice.pipeline.grid.measured import compared_rows
from suffice.pipeline.labels.decided import DECISIONS
from suffice.pipeline.rows.prepare import Material, Prepared
from suffice.pipeline.rows.workspace import Workspace, read_run
from suffice.pipeline.shipped.scope import scope_of
from suffice.records.progress import Progress
from suffice.records.promise import Promise
from suffice.records.scope import ScopeRecord
from suffice.stats.abstention import Said, promise, rows_for_a_promise, thresholds_of
from suffice.stats.binomial import lower_bound

ALPHA = 0.05
"""Level of the bound on wrong labels among confident rows."""
NOT_GIVEN = -1.0
"""Confidence of an answer to a message that lies outside: below every threshold, the one that gives all answers too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibrated:
    """What was found on a bundle's calibration rows."""

    promise: Promise
    """Which answers may be given; without a threshold it is not written into the bundle."""
    scope: ScopeRecord | None
    """What lies outside; None of a rung that answers alike whatever the message."""
    in_force: Promise | None
    """What the bundle promises now: what was found, or what it promised before; None for nothing."""
    version_before: str
    version: str
    """Of the bundle; the same where nothing was written."""


def calibrate(
    bundle: Path,
    *,
    out: Path | None,
    decisions: Path | None,
    max_error: float,
    confidence: float,
    max_refused: float,
    progress: Progress,
) -> Calibrated:
    """Finds above which threshold a bundle's answers may be given and beyond which messages are out of scope, and
    writes both into the bundle.

    Where nothing can be promised it is said why, and what was promised before stays in the bundle unless other messages
    are out of scope now: then it was promised of other answers.

    Args:
        bundle: a folder that fit wrote.
        out: output folder of the fit that made it; None where the bundle lies in it.
        decisions: what people decided about rows; None for `decisions.jsonl` two folders up, where the task file of a
            fit lies that wrote to `suffice-out/NAME`.
        max_error: the most that may be wrong of the answers given, between 0 and 1.
        confidence: that it holds, between 0 and 1.
        max_refused: the most messages in scope that may be taken for outside, between 0 and 1.
        progress: told of every step.

    Raises:
        BundleError: no bundle, or the rows or the run that it came from are gone.
    """
    record, version_before = verify(bundle), version_of(bundle)
    workspace = fit_of(bundle, out)
    prepared = prepared_for(record.run, workspace.runs / record.run.name)
    classifier = load_bundle(bundle)
    before, promised_before = classifier.scope, classifier.promise
    scope = scope_of(classifier, record.run.cell, prepared, max_refused=max_refused, progress=progress)
    classifier.scope = scope  # What is promised is promised of answers that are given: to messages inside.
    given = decisions or workspace.out.resolve().parent.parent / DECISIONS
    found = _promised(
        classifier,
        _compared(record, prepared.material, workspace),
        prepared,
        decisions=given,
        max_error=max_error,
        confidence=confidence,
        progress=progress,
    )
    same = (None if before is None else before.record) == (None if scope is None else scope.record)
    kept = found if found.threshold is not None else promised_before if same else None
    if promised_before is not None and kept is None:
        progress.say("what was promised before is taken out: other messages are out of scope now")
    add_calibration(bundle, promise=kept, scope=scope)
    return Calibrated(
        promise=found,
        scope=None if scope is None else scope.record,
        in_force=kept,
        version_before=version_before,
        version=version_of(bundle),
    )


def _promised(
    classifier: Classifier,
    compared: Answered,
    prepared: Prepared,
    *,
    decisions: Path,
    max_error: float,
    confidence: float,
    progress: Progress,
) -> Promise:
    """What can be promised of the answers, or why nothing can."""
    cuts = thresholds_of(_confidence(compared))
    asked, outside = asked_for_calibration(classifier, prepared.material, progress)
    said = replace(asked, confidence=np.where(outside, NOT_GIVEN, asked.confidence))
    found = promise(said, cuts, max_error=max_error, confidence=confidence, labels=prepared.labels.names)
    if found.threshold is None:
        known = _said(compared)
        needed = rows_for_a_promise(known, cuts, max_error=max_error, confidence=confidence)
        return replace(found, rows_needed=needed)
    why = _wrong_labels(found, compared, prepared, decisions)
    return found if why is None else replace(found, threshold=None, n_answered=0, n_wrong=0, labels=(), why=why)


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


def asked_for_calibration(
    classifier: Classifier, material: Material, progress: Progress
) -> tuple[Said, NDArray[np.bool_]]:
    """Answers on the calibration rows without a copy or group mate among those that were fitted or chosen on.

    Args:
        classifier: a bundle.
        material: the rows that its fit might see.
        progress: told of every step.

    Returns:
        What it says of C rows, and which of them it takes for out of scope, shape [C].
    """
    rows, seen = material.rows("calibration"), material.rows("train", "validation")
    rows = rows[~np.isin(material.groups[rows], material.groups[seen])]
    answers: list[Answer] = []
    with progress.step("calibration rows", total=len(rows)) as done:
        for some in chunks_of(iter(material.data.take(rows).texts), size=CHUNK):
            answers += classifier.classify(some)
            done(len(some))
    said = Said(
        confidence=np.array([one.probability for one in answers]),
        y_pred=classifier.labels.encode([one.label for one in answers]),
        y_true=material.y[rows],
        groups=material.groups[rows],
    )
    return said, np.array([bool(one.outside) for one in answers], dtype=np.bool_)


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
