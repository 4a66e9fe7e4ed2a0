"""Rankings from scores, and one ranking from several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

CONSTANT = 60
"""Added to every rank, so that the first places of one ranking do not outweigh the agreement of all.
Source: Cormack, Clarke and Buettcher (2009), Reciprocal Rank Fusion Outperforms Condorcet and Individual Rank Learning
Methods, SIGIR, page 758: fixed in a pilot study and not changed since."""


def ranks_of(scores: NDArray[np.floating[Any]], *, above: float = -np.inf) -> NDArray[np.int64]:
    """Rank of every passage, from 1, shape [N]; 0 where it is not ranked. Equals rank by their place in the knowledge.

    Args:
        scores: higher is better, shape [N].
        above: passages with this score or less are not ranked.
    """
    order = np.argsort(-scores, kind="stable")
    ranked = order[scores[order] > above]
    ranks = np.zeros(len(scores), dtype=np.int64)
    ranks[ranked] = np.arange(1, len(ranked) + 1)
    return ranks


def fused(rankings: Sequence[NDArray[np.int64]]) -> NDArray[np.float64]:
    """Sum of reciprocal ranks, shape [N]; 0 where no ranking has a passage.

    Args:
        rankings: as `ranks_of` gives them, shape [N] each, at least one.

    Source: Cormack, Clarke and Buettcher (2009), as for `CONSTANT`.
    """
    terms = [np.divide(1.0, CONSTANT + ranks, where=ranks > 0, out=np.zeros(len(ranks))) for ranks in rankings]
    return np.asarray(np.sum(terms, axis=0), dtype=np.float64)
