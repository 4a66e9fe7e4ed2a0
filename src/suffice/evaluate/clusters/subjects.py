"""Subjects: places where failures lie close together, by what was asked and by what went wrong."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import HDBSCAN
from sklearn.decomposition import PCA

from suffice.evaluate.clusters.traits import traits_of
from suffice.records.clusters import ClusterRows

MIN_CLUSTER, MIN_SAMPLES, N_AXES, ERROR_WEIGHT = 5, 2, 5, 0.3
"""Failures of a place, the neighbours that make it dense, the main axes of meaning it is looked for in, and what one
difference in what went wrong weighs there. Chosen on planted slices: docs/decisions/0039."""
MAX_FAILURES = 2_000
"""Failures that are looked at; of more, as many are drawn: the time grows with their square."""


def subjects(rows: ClusterRows, failed: NDArray[np.int64], *, seed: int) -> NDArray[np.bool_]:
    """Whether each row lies in each of the places where failures are dense, shape [N, C].

    A place is the cone around the mean of its failures that holds all of them: of any row, failed or not, it can be
    said whether it lies there.

    Args:
        rows: all N rows.
        failed: positions of the failures that may be looked at.
        seed: of the draw among very many.

    Source: Campello, Moulavi and Sander (2013), Density-Based Clustering Based on Hierarchical Density Estimates,
        PAKDD, LNCS 7819, 160-172; the leaves of the tree are taken.
    """
    if len(failed) > MAX_FAILURES:
        failed = np.sort(np.random.default_rng(seed).choice(failed, size=MAX_FAILURES, replace=False))
    vectors = rows.vectors[failed]
    if len(failed) < 2 * MIN_CLUSTER or np.ptp(vectors, axis=0).max(initial=0.0) == 0.0:
        return np.zeros((len(rows.ids), 0), dtype=np.bool_)
    axes = PCA(min(N_AXES, *vectors.shape), svd_solver="full").fit_transform(vectors)
    errors = {name: [values[row] for row in failed] for name, values in rows.errors.items()}
    wrong = traits_of([""] * len(failed), errors, at_least=MIN_CLUSTER).has.toarray()
    clustered = HDBSCAN(
        min_cluster_size=MIN_CLUSTER, min_samples=MIN_SAMPLES, cluster_selection_method="leaf", copy=True
    ).fit(np.hstack([axes, ERROR_WEIGHT * wrong]))
    places = [_cone(rows.vectors, failed[clustered.labels_ == k]) for k in range(int(clustered.labels_.max()) + 1)]
    return np.stack(places, axis=1) if places else np.zeros((len(rows.ids), 0), dtype=np.bool_)


def _cone(vectors: NDArray[np.float32], core: NDArray[np.int64]) -> NDArray[np.bool_]:
    nearness = vectors @ vectors[core].mean(axis=0)
    return np.asarray(nearness >= nearness[core].min())
