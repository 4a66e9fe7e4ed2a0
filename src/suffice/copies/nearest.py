"""Nearest rows by the cosine of their embeddings, and rows so near that they may say the same in other words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

BLOCK_BYTES = 100_000_000
"""Of similarities held at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Nearest:
    """The nearest rows of other groups."""

    neighbours: NDArray[np.int64]
    """Positions, nearest first, shape [N, k]; -1 where there are fewer than k rows of other groups."""
    similarities: NDArray[np.float64]
    """Cosine similarity of each, shape [N, k]; -1.0 where there is none."""


def nearest_rows(
    x: NDArray[np.float32], groups: NDArray[np.int64], *, k: int, done: Callable[[int], None] = lambda n: None
) -> Nearest:
    """The k nearest rows of each row among all others that are not of its group, exactly, block by block.

    Copies are left out: a copy with the same wrong label would vouch for it.

    Args:
        x: embeddings of unit length, shape [N, D], at least one.
        groups: group codes, shape [N].
        k: neighbours wanted, at least 1; no more than N are given.
        done: called with rows done since.
    """
    n = len(x)
    k = min(k, n)
    neighbours, similarities = np.empty((n, k), dtype=np.int64), np.empty((n, k))
    step = max(1, BLOCK_BYTES // (4 * n))
    for start in range(0, n, step):
        rows = slice(start, min(start + step, n))
        cosine = x[rows] @ x.T
        cosine[groups[rows, None] == groups[None, :]] = -np.inf
        best = np.argpartition(-cosine, k - 1, axis=1)[:, :k]
        of_best = np.take_along_axis(cosine, best, axis=1)
        order = np.argsort(-of_best, axis=1, kind="stable")
        best, of_best = np.take_along_axis(best, order, axis=1), np.take_along_axis(of_best, order, axis=1)
        neighbours[rows] = np.where(np.isfinite(of_best), best, -1)
        similarities[rows] = np.maximum(of_best, -1.0)
        done(rows.stop - rows.start)
    return Nearest(neighbours=neighbours, similarities=similarities)


def paraphrase_groups(
    x: NDArray[np.float32], *, threshold: float, done: Callable[[int], None] = lambda n: None
) -> NDArray[np.int64]:
    """Components of rows whose embeddings are within the threshold, shape [N]; every pair is looked at.

    Args:
        x: embeddings of unit length, shape [N, D].
        threshold: least cosine similarity.
        done: called with rows done since.
    """
    n = len(x)
    component = np.arange(n, dtype=np.int64)
    step = max(1, BLOCK_BYTES // (4 * n))
    for start in range(0, n, step):
        rows, others = np.nonzero(x[start : start + step] @ x[start:].T >= threshold)
        pairs = np.unique(np.stack([component[start + rows], component[start + others]]), axis=1)
        graph = coo_array((np.ones(pairs.shape[1], dtype=np.int8), tuple(pairs)), shape=(n, n))
        component = connected_components(graph, directed=False)[1].astype(np.int64)[component]
        done(min(step, n - start))
    return component
