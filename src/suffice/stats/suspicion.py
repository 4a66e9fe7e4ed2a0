"""How likely a row's label is wrong, from log probabilities of models that did not see the row.

Several views of the rows (n-grams, embeddings, nearest neighbours) are made comparable by a temperature each and
averaged in logarithms; the row is judged by how much more probable its best other label is than its own. The mean in
logarithms asks the views to agree, and the margin in probabilities lets rows that are merely hard to place sink, both
of which the margin in logarithms and the self-confidence do not (docs/AUDIT.md has the figures of each).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from suffice.stats.temperature import fit_temperature

NEIGHBOUR_WIDTH = 0.1
"""Cosine similarity over which a neighbour's vote falls to a third."""
SURPRISE_WEIGHT, MAX_SURPRISE = 0.003, 30.0
"""Of the negative logarithm of the own label's probability. Margins near 1 hardly differ, and a label picked by a slip
of the hand is more surprising there than one that is hard to tell (docs/LOG.md, 2026-11-25)."""
UNSEEN_VOTE = 0.02
"""What a label without any vote counts, in votes of a neighbour with the same text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """Rows held against what the views say together."""

    suggested: NDArray[np.int64]
    """The most probable label; the given one where that, or one that cannot be told from it, is; shape [M]."""
    margin: NDArray[np.float64]
    """Probability of the best other label less that of the row's own, in [-1, 1], shape [M]."""
    score: NDArray[np.float64]
    """In [0, 1], shape [M]: the margin, and among rows whose margins hardly differ the surprise at their label."""
    disputed: NDArray[np.float64]
    """Probability that the row lies between its label and those that cannot be told from it, shape [M]."""


def together(
    views: Sequence[NDArray[np.floating]], y: NDArray[np.int64], *, trusted: NDArray[np.bool_] | None = None
) -> NDArray[np.float64]:
    """Probabilities by all views, shape [M, K].

    Args:
        views: log probabilities out of fold, each of shape [M, K], at least one; a row of NaN has no say.
        y: label codes, shape [M].
        trusted: rows that temperatures are fitted on, shape [M]; all that a view speaks of where it is left out, or
            holds none of them.

    Source: the mean in logarithms: Hinton (2002), Training Products of Experts by Minimizing Contrastive Divergence,
        Neural Computation 14.
    """
    tempered = []
    for view in (np.asarray(one, dtype=np.float64) for one in views):
        has_say = np.isfinite(view[:, 0])
        some = has_say & trusted if trusted is not None and (has_say & trusted).any() else has_say
        tempered.append(log_softmax(view / fit_temperature(view[some], y[some]), axis=1))
    return np.asarray(np.exp(log_softmax(np.nanmean(tempered, axis=0), axis=1)))


def judge(probs: NDArray[np.float64], y: NDArray[np.int64], *, same: NDArray[np.bool_] | None = None) -> Judged:
    """Holds each row's label against the probabilities.

    Args:
        probs: out of fold, shape [M, K], K at least 2.
        y: label codes, shape [M].
        same: labels that cannot be told apart, shape [K, K], true on the diagonal: a row is not suspect for having one
            instead of the other, unless no label is left to tell it from.

    Source: the margin: Northcutt, Jiang and Chuang (2021), Confident Learning, JAIR 70, section 4 (normalised margin).
    """
    each = np.eye(probs.shape[1], dtype=np.bool_)
    alike = each if same is None else same
    own_labels = np.where(alike.all(axis=1, keepdims=True), each, alike)[y]
    own = np.where(own_labels, probs, 0.0).sum(axis=1)
    others = np.where(own_labels, -1.0, probs)
    margin = np.maximum(others.max(axis=1) - own, -1.0)
    surprise = np.minimum(-np.log(np.maximum(own, np.finfo(np.float64).tiny)), MAX_SURPRISE)
    between = alike[y]
    return Judged(
        suggested=np.where(margin > 0, others.argmax(axis=1), y),
        margin=margin,
        score=(1.0 + margin + SURPRISE_WEIGHT * surprise) / (2.0 + SURPRISE_WEIGHT * MAX_SURPRISE),
        disputed=np.where(between.sum(axis=1) == 1, 0.0, np.where(between, probs, 0.0).sum(axis=1)),
    )


def neighbour_votes(
    neighbours: NDArray[np.int64],
    similarities: NDArray[np.float64],
    y: NDArray[np.int64],
    *,
    n_labels: int,
    trusted: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Log probabilities by the labels of the nearest other rows, closer ones counting more, shape [M, K].

    Args:
        neighbours: positions among the M rows, shape [M, k]; -1 for none.
        similarities: cosine similarity of each, shape [M, k].
        y: label codes, shape [M].
        n_labels: K, at least 2.
        trusted: rows that have a vote, shape [M]; all where it is left out.

    Source: distance-weighted neighbours: Dudani (1976), IEEE Transactions on Systems, Man, and Cybernetics 6, with an
        exponential weight.
    """
    votes = np.exp((similarities - 1.0) / NEIGHBOUR_WIDTH) * (neighbours >= 0)
    if trusted is not None:
        votes = votes * trusted[neighbours]
    sums = np.full((len(y), n_labels), UNSEEN_VOTE)
    for k in range(neighbours.shape[1]):
        sums[np.arange(len(y)), y[neighbours[:, k]]] += votes[:, k]
    return np.asarray(np.log(sums / sums.sum(axis=1, keepdims=True)))
