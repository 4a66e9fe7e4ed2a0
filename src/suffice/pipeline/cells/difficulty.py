"""How hard each training row is, for networks that are to see easy rows first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.errors import Problem, TaskError
from suffice.pipeline.cells.asking import TFIDF_STRENGTH
from suffice.pipeline.rows.prepare import Material
from suffice.records.progress import Progress
from suffice.records.run import Cell
from suffice.rungs import tfidf
from suffice.rungs.logistic import fit_one_vs_rest
from suffice.rungs.out_of_fold import N_FOLDS, out_of_fold_log_probs
from suffice.split import folds
from suffice.store.arrays import read_arrays, write_arrays
from suffice.store.strict_json import digest

LOSS_FORMAT = 1
"""Raised when the same rows would have other losses."""


def difficulty_of(
    cell: Cell, material: Material, rows: NDArray[np.int64], *, beside: Path, progress: Progress
) -> NDArray[np.float64] | None:
    """How hard each row is, larger is harder, shape [N]; None where the cell's order is by chance.

    Characters stand for length: tokens would order the rows of every base model otherwise, and words need blanks.

    Args:
        cell: what to run.
        material: the rows that may be seen.
        rows: positions of the N rows that the cell is fitted on.
        beside: folder of the runs, where losses are kept for the other cells on the same rows.
        progress: told of every step.

    Raises:
        TaskError: rows without a loss, since none is left that could teach a model of them.
    """
    if cell.train.curriculum == "random":
        return None
    match cell.train.difficulty:
        case "length":
            return np.array([len(text) for text in material.data.take(rows).texts], dtype=np.float64)
        case "loss":
            return _kept_losses(cell, material, rows, beside=beside, progress=progress)


def _kept_losses(
    cell: Cell, material: Material, rows: NDArray[np.int64], *, beside: Path, progress: Progress
) -> NDArray[np.float64]:
    """From disk where a cell has asked before: half a minute for ten thousand rows of 77 labels."""
    decides = [LOSS_FORMAT, cell.data_sha256, cell.split_sha256, cell.split_seed, *cell.labels, *rows.tolist()]
    path = beside / f"losses-{digest([str(part) for part in decides])[:12]}.npz"
    kept = read_arrays(path)
    if kept is None:
        fold_of = folds(rows, material.strata, n_folds=N_FOLDS, seed=cell.split_seed)
        texts, y = material.data.take(rows).texts, material.y[rows]
        losses = out_of_fold_losses(texts, y, n_labels=len(material.labels), fold_of=fold_of, progress=progress)
        kept = {"loss": losses}
        write_arrays(path, kept)
    return np.asarray(kept["loss"], dtype=np.float64)


def out_of_fold_losses(
    texts: Sequence[str], y: NDArray[np.int64], *, n_labels: int, fold_of: NDArray[np.int64], progress: Progress
) -> NDArray[np.float64]:
    """Loss of each row, in nats, under an n-gram model that was fitted on the other folds; shape [N].

    What the audit has asked is not used here: its models learn from validation rows too, whose labels no training may
    see. Tune rows do teach here, as they do where a cheap rung is fitted: of them comes an order, no answer. The
    strength is given, as in the audit: an order of rows hardly minds.

    Args:
        texts: messages of training rows, length N.
        y: their label codes, shape [N].
        n_labels: K.
        fold_of: fold of each row, shape [N].
        progress: told of every step.

    Raises:
        TaskError: all rows are in one fold, so that no model of others can be had.
    """
    if len(np.unique(fold_of)) < 2:
        rule = "loss must be that of a model which has learned from other rows"
        got = f"{len(y):,} training rows that are all of one group of copies, customer or thread"
        fix = "set train.difficulty=length, or train.curriculum=random"
        raise TaskError(Problem(where="train.difficulty", rule=rule, got=got, fix=fix))
    x = tfidf.features(texts)
    with progress.step("how hard each row is, out of fold", total=len(y)) as done:
        log_probs = out_of_fold_log_probs(
            x, y, n_labels=n_labels, fold_of=fold_of, fit=fit_one_vs_rest, c=TFIDF_STRENGTH, done=done
        )
    return np.asarray(-log_probs[np.arange(len(y)), y], dtype=np.float64)
