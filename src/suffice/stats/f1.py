"""Precision, recall and F1 of each label, their mean, and its bootstrap draws.

An answer that is no label of the set (`INVENTED`) was given no label: it lowers its row's recall and no precision.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from suffice.records.evaluation import LabelScore
from suffice.records.labels import INVENTED, LabelSet
from suffice.stats.groups import codes_or_rows
from suffice.stats.resampling import N_DRAWS, group_draws
from suffice.stats.scored import require_rows


def confusion_counts(y_true: NDArray[np.int64], y_pred: NDArray[np.int64], *, n_labels: int) -> NDArray[np.int64]:
    """How many rows of each label (first index) were given each label (second index), shape [K, K].

    Args:
        y_true: positions of the rows' labels, shape [N].
        y_pred: positions of the labels given, shape [N]; rows with an invented answer are in no cell.
        n_labels: K.

    Raises:
        DataError: nothing was scored.
    """
    require_rows(len(y_true))
    assert len(y_true) == len(y_pred), "one answer for each row"
    inside = y_pred != INVENTED
    cells = y_true[inside] * n_labels + y_pred[inside]
    return np.bincount(cells, minlength=n_labels**2).reshape(n_labels, n_labels)


def invented_counts(y_true: NDArray[np.int64], y_pred: NDArray[np.int64], *, n_labels: int) -> NDArray[np.int64]:
    """How many rows of each label were answered with no label of the set, shape [K].

    Args:
        y_true: positions of the rows' labels, shape [N].
        y_pred: positions of the labels given, shape [N].
        n_labels: K.
    """
    return np.bincount(y_true[y_pred == INVENTED], minlength=n_labels)


def label_scores(
    counts: NDArray[np.int64], labels: LabelSet, *, invented: NDArray[np.int64] | None = None
) -> tuple[LabelScore, ...]:
    """Precision, recall, F1 and support of every label; None where there is nothing to divide by.

    Args:
        counts: from `confusion_counts`, shape [K, K].
        labels: the K labels, in the order of `counts`.
        invented: from `invented_counts`, shape [K]; None where no answer can be invented.

    Source: van Rijsbergen (1979), Information Retrieval, 2nd ed., chapter 7; F1 is his F with equal weights.
    """
    right, support, given = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    support = support if invented is None else support + invented
    return tuple(
        LabelScore(
            label=name,
            precision=_ratio(right[k], given[k]),
            recall=_ratio(right[k], support[k]),
            f1=_ratio(2 * right[k], support[k] + given[k]) if support[k] else None,
            support=int(support[k]),
        )
        for k, name in enumerate(labels.names)
    )


def f1_of_labels(y_pred: NDArray[np.int64], y_true: NDArray[np.int64], *, n_labels: int) -> NDArray[np.float64]:
    """F1 of each label, shape [K]; NaN for a label without rows.

    Args:
        y_pred: positions of the labels given, shape [N]; rows below `INVENTED` were not asked, and do not count.
        y_true: positions of the rows' labels, shape [N].
        n_labels: K.

    Source: as `label_scores`.
    """
    asked = y_pred >= INVENTED
    given, has = y_pred[asked], y_true[asked]
    right = np.bincount(has[given == has], minlength=n_labels)
    support = np.bincount(has, minlength=n_labels)
    both = support + np.bincount(given[given != INVENTED], minlength=n_labels)
    return np.where(support > 0, 2.0 * right / np.maximum(both, 1), np.nan)


def macro_f1(y_true: NDArray[np.int64], y_pred: NDArray[np.int64], *, n_labels: int) -> float:
    """The unweighted mean of F1 over the labels that the rows have.

    A label without rows has no recall and is left out of the mean; giving it to rows of other labels costs those.

    Args:
        y_true: positions of the rows' labels, shape [N].
        y_pred: positions of the labels given, shape [N].
        n_labels: K.

    Raises:
        DataError: nothing was scored.

    Source: Opitz and Burst (2019), Macro F1 and Macro F1, arXiv:1911.03347: the mean of F1, not the F1 of means.
    """
    counts = confusion_counts(y_true, y_pred, n_labels=n_labels)
    support = np.bincount(y_true, minlength=n_labels)
    return float(_mean_f1(counts.diagonal(), support, counts.sum(axis=0)))


def macro_f1_draws(
    y_true: NDArray[np.int64],
    y_pred: NDArray[np.int64],
    *,
    n_labels: int,
    groups: NDArray[np.int64] | None,
    seed: int,
    n_draws: int = N_DRAWS,
) -> NDArray[np.float64]:
    """Macro-F1 in each of many resamples of whole groups; a draw's mean is over the labels that it has.

    What each group adds to right, present and given rows of each label is counted once, so that a draw is one row of
    a product of matrices.

    Args:
        y_true: positions of the rows' labels, shape [N].
        y_pred: positions of the labels given, shape [N].
        n_labels: K.
        groups: group of each row as a number, shape [N]; None where every row is its own.
        seed: of the resampling.
        n_draws: B.

    Returns:
        Shape [B].

    Raises:
        DataError: nothing was scored.

    Source: Davison and Hinkley (1997), Bootstrap Methods and their Application, section 3.8: whole groups are drawn.
    """
    require_rows(len(y_true))
    codes, n_groups = codes_or_rows(len(y_true), groups)
    right, inside = y_true == y_pred, y_pred != INVENTED
    columns = np.concatenate([y_true[right], n_labels + y_true, 2 * n_labels + y_pred[inside]])
    rows = np.concatenate([codes[right], codes, codes[inside]])
    per_group = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(n_groups, 3 * n_labels))
    draws = []
    for times in group_draws(n_groups, n_draws=n_draws, seed=seed):
        sums = cast("NDArray[np.float64]", times @ per_group).reshape(len(times), 3, n_labels)
        draws.append(_mean_f1(sums[:, 0], sums[:, 1], sums[:, 2]))
    return np.concatenate(draws)


def _mean_f1(right: NDArray[np.number], support: NDArray[np.number], given: NDArray[np.number]) -> NDArray[np.float64]:
    """Mean over labels with support of `2 right / (support + given)`; label counts, shape [..., K], to shape [...]."""
    present = support > 0
    f1 = np.divide(2.0 * right, support + given, out=np.zeros(right.shape), where=present)
    return np.asarray(f1.sum(axis=-1) / present.sum(axis=-1), dtype=np.float64)


def _ratio(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None
