"""Every row scored by a model that did not see it: the only source of out-of-fold predictions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, logsumexp

from suffice.records.progress import SILENT, Progress
from suffice.rungs.interface import Rung, Scores, Settings, TrainingData
from suffice.rungs.logistic import Fit, logits_of

N_FOLDS = 5
N_REPEATS = 2


def out_of_fold_scores(
    rung: type[Rung],
    texts: list[str],
    *,
    training: Callable[[NDArray[np.int64]], TrainingData],
    folds: list[NDArray[np.int64]],
    settings: Settings,
    base: str,
    progress: Progress,
) -> Scores:
    """Log probabilities of every row, averaged over repeats of grouped folds.

    Whatever a rung chooses while it is fitted, it chooses inside each fold. The mean over two repeats is that of two
    models; a linear model on eight tenths of the rows is so stable that this gains no more than rounding.

    Args:
        rung: a cheap rung.
        texts: messages, length N.
        training: positions to the rows that a rung may see, with tune rows or folds of their own.
        folds: fold of each row, shape [N], once for each repeat. Where there is one fold, since all rows are of one
            group, nothing can be learned of any row from others, and all labels are alike.
        settings: how the rung is fitted.
        base: base model, for rungs that stand on one.
        progress: told of every fold.
    """
    truncated = np.zeros(len(texts), dtype=np.bool_)
    repeats = []
    with progress.step("out-of-fold predictions", total=sum(len(np.unique(fold_of)) for fold_of in folds)) as done:
        for fold_of in folds:
            rows, parts = [], []
            for fold in np.unique(fold_of):
                held, others = np.flatnonzero(fold_of == fold), np.flatnonzero(fold_of != fold)
                rows.append(held)
                if len(others):
                    fitted = rung.fit(training(others), settings, base=base, checkpoints=Path(), progress=SILENT)
                    scores = fitted.scores([texts[i] for i in held])
                    truncated[held] = scores.truncated
                    parts.append(log_softmax(scores.logits, axis=1))
                else:
                    parts.append(np.zeros((len(held), len(training(held).labels))))
                done(1)
            repeats.append(np.concatenate(parts)[np.argsort(np.concatenate(rows))])
    return Scores(logits=logsumexp(np.stack(repeats), axis=0) - np.log(len(repeats)), truncated=truncated)


def out_of_fold_log_probs(
    x: Any,
    y: NDArray[np.int64],
    *,
    n_labels: int,
    fold_of: NDArray[np.int64],
    fit: Fit,
    c: float,
    learn_from: Callable[[NDArray[np.int64]], NDArray[np.int64]] = lambda rows: rows,
    done: Callable[[int], None] = lambda n: None,
) -> NDArray[np.float64]:
    """Log probabilities of every row from features that were made of all rows without their labels; shape [N, K].

    For the audit, which asks several times on the same features: with rows left out that it does not trust, with fewer
    rows. The strength is given, since choosing one in every fold costs more than it brings to an order of rows.

    Args:
        x: features, shape [N, F], dense or sparse.
        y: label codes, shape [N].
        n_labels: K.
        fold_of: fold of each row, shape [N]; where there is one, all labels are alike, as above.
        fit: how a model is fitted.
        c: inverse strength of regularisation.
        learn_from: positions of the rows outside a fold to those that its model is fitted on, at least one.
        done: called after each fold with its number of rows.
    """
    logits = np.zeros((len(y), n_labels))
    for fold in np.unique(fold_of):
        held, others = np.flatnonzero(fold_of == fold), np.flatnonzero(fold_of != fold)
        if len(others):
            rows = learn_from(others)
            logits[held] = logits_of(fit(x[rows], y[rows], c=c), x[held], n_labels=n_labels)
        done(len(held))
    return np.asarray(log_softmax(logits, axis=1))
