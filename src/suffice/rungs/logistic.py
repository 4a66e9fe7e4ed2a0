"""Logistic regression over fixed features, its strength chosen on tune rows or by cross-validation."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from joblib import parallel_config
from numpy.typing import NDArray
from scipy.special import log_softmax, logsumexp
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from threadpoolctl import threadpool_limits

from suffice.rungs.interface import TrainingData
from suffice.stats.temperature import fit_temperature

Linear: TypeAlias = LogisticRegression | DummyClassifier
"""Logistic regression, or the label shares where the rows have one label only."""
Fit: TypeAlias = Callable[..., Linear]
"""`fit_softmax` or `fit_one_vs_rest`."""

_MANY_CLASSES = "The number of unique classes"
"""How scikit-learn doubts that few rows of many labels are labelled rows."""
FEW_ROWS_TIMES_LABELS = 50_000
"""Up to here one-against-rest models are fitted one after the other."""
ABSENT_LOGIT = float(np.log(1e-6))
"""Score of a label that the training rows lack: about one in a million."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Division:
    """One way to hold rows back: fit on some, judge on others."""

    fit: NDArray[np.int64]
    judge: NDArray[np.int64]


def divisions(data: TrainingData) -> list[Division]:
    """The tune rows against the rest, or each fold against the others; none where that leaves nothing on one side.

    Args:
        data: rows to fit and to choose on.
    """
    if data.tune is not None:
        held_back = [np.isin(np.arange(len(data.y)), data.tune)]
    else:
        assert data.folds is not None, "training data has tune rows or folds"
        held_back = [data.folds == k for k in np.unique(data.folds)]
    return [
        Division(fit=np.flatnonzero(~held), judge=np.flatnonzero(held))
        for held in held_back
        if held.any() and not held.all()
    ]


def choose_strength(
    features: Callable[[Division], tuple[Any, Any]],
    data: TrainingData,
    *,
    fit: Fit,
    grid: Sequence[float],
    given: float | None,
    done: Callable[[int], None],
) -> float:
    """The strength with the lowest log-loss over all divisions, each strength's scores at their own best temperature.

    Not by rows right: on the some hundred rows that are kept for it that is noise of a point, while the log-loss reads
    more from each row. At one temperature for all it would only ask how sure a strength is (docs/LOG.md, 2026-11-25).

    Args:
        features: matrices for the rows to fit on and the rows to judge on; whatever it learns about features it
            learns from the rows to fit on.
        data: rows to fit and to choose on.
        fit: how a model is fitted.
        grid: inverse strengths of regularisation (`C` in scikit-learn).
        given: what the task asks for, which nothing is held against; None where it is to be chosen.
        done: called once for each fit.
    """
    if given is not None:
        return given
    judged: dict[float, list[NDArray[np.float64]]] = {c: [] for c in grid}
    held_back = divisions(data)
    for division in held_back:
        x_fit, x_judge = features(division)
        for c in grid:
            model = fit(x_fit, data.y[division.fit], c=c)
            judged[c].append(logits_of(model, x_judge, n_labels=len(data.labels)))
            done(1)
    if not held_back:
        return grid[0]
    y = np.concatenate([data.y[division.judge] for division in held_back])
    return min(grid, key=lambda c: _calibrated_loss(np.concatenate(judged[c]), y))


def fit_softmax(x: Any, y: NDArray[np.int64], *, c: float) -> Linear:
    """One model for all labels, by the softmax over them: for few, dense features.

    Args:
        x: features, shape [N, F], dense or sparse.
        y: label codes, shape [N]; where there is one label only, its share is all there is to learn.
        c: inverse strength of regularisation.
    """
    if len(np.unique(y)) == 1:
        return DummyClassifier(strategy="prior").fit(x, y)
    # One thread: on a busy machine, threads that wait for one another over small products take five times as long.
    with warnings.catch_warnings(), threadpool_limits(limits=1):
        warnings.simplefilter("ignore", ConvergenceWarning)  # 1,000 iterations are past any change of a label.
        warnings.filterwarnings("ignore", _MANY_CLASSES)
        return LogisticRegression(C=c, max_iter=1_000, tol=1e-4).fit(x, y)


def fit_one_vs_rest(x: Any, y: NDArray[np.int64], *, c: float) -> Linear:
    """A model for each label against all others, side by side: for many, sparse features.

    On n-grams it is right more often than one softmax and hardly minds the strength (docs/LOG.md, 2026-11-25). The
    scores of the labels are then read as one softmax's, whose temperature is fitted afterwards.

    Args:
        x: features, shape [N, F], sparse rows; brought into canonical order in place.
        y: label codes, shape [N]; one or two labels are what `fit_softmax` makes of them.
        c: inverse strength of regularisation.

    Source: Rifkin and Klautau (2004), In Defense of One-Vs-All Classification, JMLR 5; the solver: Fan et al. (2008),
        LIBLINEAR, JMLR 9.
    """
    if len(np.unique(y)) <= 2:
        return fit_softmax(x, y, c=c)
    # Otherwise scikit-learn does this in place to what the threads share.
    x.sum_duplicates()
    # As above: its products are too small to share. Its labels are shared instead; the solver lets go of the lock.
    # Of few rows one after the other: handing out a fit takes ten milliseconds, about what it lasts.
    many = x.shape[0] * len(np.unique(y)) > FEW_ROWS_TIMES_LABELS
    threads = parallel_config(backend="threading", n_jobs=-1 if many else 1)
    with warnings.catch_warnings(), threadpool_limits(limits=1), threads:
        warnings.filterwarnings("ignore", _MANY_CLASSES)
        each = OneVsRestClassifier(LogisticRegression(C=c, solver="liblinear", tol=1e-3)).fit(x, y)
    # As one model, whose scores are one product of matrices instead of one for every label.
    joined = LogisticRegression(C=c)
    joined.classes_ = each.classes_
    joined.coef_ = np.concatenate([one.coef_ for one in each.estimators_])
    joined.intercept_ = np.concatenate([one.intercept_ for one in each.estimators_])
    joined.n_features_in_ = x.shape[1]
    return joined


def logits_of(model: Linear, x: Any, *, n_labels: int) -> NDArray[np.float64]:
    """Scores in the order of the label set, shape [N, K]: log probabilities up to a number for each row.

    That number is kept, since it tells how much speaks for any label at all; a label that the model lacks has a
    probability of about one in a million.

    Args:
        model: fitted on label codes.
        x: features, shape [N, F].
        n_labels: K.
    """
    if isinstance(model, DummyClassifier):
        known = np.maximum(model.predict_log_proba(x), -700.0)
    else:
        known = model.decision_function(x)
        if known.ndim == 1:  # Of two labels scikit-learn states by how much the second one leads.
            known = np.stack([-known / 2.0, known / 2.0], axis=1)
    logits = np.repeat(logsumexp(known, axis=1)[:, None] + ABSENT_LOGIT, n_labels, axis=1)
    logits[:, model.classes_] = known
    return logits


def strength_of(model: Linear) -> float:
    """Inverse strength of regularisation; 1 where there was nothing to regularise.

    Args:
        model: fitted on label codes.
    """
    return 1.0 if isinstance(model, DummyClassifier) else float(model.C)


def size_of(model: Linear) -> int:
    """Bytes of the weights.

    Args:
        model: fitted on label codes.
    """
    return 0 if isinstance(model, DummyClassifier) else int(model.coef_.nbytes)


def _calibrated_loss(logits: NDArray[np.float64], y: NDArray[np.int64]) -> float:
    """Mean log-loss in nats at the temperature that suits the scores best."""
    scaled = logits / fit_temperature(logits, y)
    return float(-log_softmax(scaled, axis=1)[np.arange(len(y)), y].mean())
