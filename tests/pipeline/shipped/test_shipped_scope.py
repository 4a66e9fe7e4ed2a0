"""Which rows of a fit a scope is found by, and that a rung which is fitted again is fitted as it was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import suffice
from suffice.pipeline.cells.finished import prepared_for
from suffice.pipeline.rows.workspace import read_run
from suffice.pipeline.shipped.scope import scope_of
from suffice.records.progress import SILENT
from suffice.records.splits import SPLIT_NAMES


@pytest.fixture
def finished(fitted):
    """The bundle's classifier, the cell that it is a refit of, the refit, and the rows of both."""
    runs = [read_run(folder) for folder in fitted.runs("tfidf")]
    (plain,) = [run for run in runs if not run.cell.refit and run.evaluation is not None and run.cell.n is None]
    (refit,) = [run for run in runs if run.cell.refit]
    prepared = prepared_for(refit, fitted.out / "runs" / refit.name)
    return suffice.load(fitted.bundle("tfidf")), plain.cell, refit.cell, prepared


def test_validation_rows_are_unseen_where_the_rung_was_not_fitted_on_them(finished):
    classifier, plain, refit, prepared = finished
    material = prepared.material
    of_refit = scope_of(classifier, refit, prepared, max_refused=0.05, progress=SILENT)
    of_plain = scope_of(classifier, plain, prepared, max_refused=0.05, progress=SILENT)
    assert of_refit.record.n_inside == len(material.rows("calibration"))
    without_copies = len(material.rows("calibration")) + len(material.fresh_validation)
    assert of_plain.record.n_inside == without_copies < len(material.rows("calibration", "validation"))
    assert of_refit.record.threshold is None
    assert of_plain.record.threshold is not None


def test_the_same_rows_give_the_same_scope(finished):
    classifier, plain, _, prepared = finished
    first, second = (scope_of(classifier, plain, prepared, max_refused=0.1, progress=SILENT) for _ in range(2))
    assert first.record == second.record
    assert first.record.n_outside == first.record.n_inside  # Every label is held out once.


def test_messages_of_the_sealed_test_set_no_threshold(finished):
    classifier, plain, _, prepared = finished
    placed, data = prepared.placed, prepared.placed.data
    one = next(iter(prepared.labels.names))
    task = prepared.task.model_copy(update={"data": prepared.task.data.model_copy(update={"out_of_scope": one})})
    called = replace(prepared, task=task)
    record = scope_of(classifier, plain, called, max_refused=0.1, progress=SILENT).record
    in_test = placed.splits.codes == SPLIT_NAMES.index("test")
    open_ones = np.array([label == one for label in data.labels]) & ~in_test
    assert (record.outside_by, record.n_outside) == ("out_of_scope", int(open_ones.sum()))


def test_a_rung_that_answers_alike_has_none(finished):
    classifier, plain, _, prepared = finished
    assert scope_of(classifier, replace(plain, rung="majority"), prepared, max_refused=0.1, progress=SILENT) is None
