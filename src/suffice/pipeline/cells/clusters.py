"""Clusters of a system's failures: what the questions mean is read here, since `evaluate` loads no model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD

from suffice.evaluate.clusters import failure_clusters, too_little
from suffice.evaluate.completions import Judged, cluster_rows
from suffice.records.clusters import FailureClusters
from suffice.records.evaluation import NotMeasured
from suffice.records.progress import Progress

ENCODER = "minilm-l6"
WORDS = "words (TF-IDF)"
"""What vectors are made of where the encoder is not on this machine."""
CONTEXT_TOKENS = 256
"""Tokens of a question that the encoder was trained to read. Source: the model card of all-MiniLM-L6-v2."""
N_AXES = 50
"""Numbers of a vector made of words."""


def clusters_of(
    systems: Sequence[Judged], *, seed: int, progress: Progress
) -> tuple[FailureClusters | NotMeasured, ...]:
    """Kinds of questions on which each system fails more often; nothing is embedded where too few rows failed.

    Args:
        systems: the completions of each for the same rows, at least one system.
        seed: of the halves.
        progress: told of embedding.
    """
    reasons = [too_little(~one.verified, one.groups) for one in systems]
    if None not in reasons:
        return tuple(why for why in reasons if why is not None)
    vectors, made_by = vectors_of([row.asked for row in systems[0].rows], seed=seed, progress=progress)
    rows = [cluster_rows(one, vectors, vectors_of=made_by) for one in systems]
    return tuple(failure_clusters(one, seed=seed) for one in rows)


def vectors_of(texts: Sequence[str], *, seed: int, progress: Progress) -> tuple[NDArray[np.float32], str]:
    """Vectors of unit length, shape [N, D], and what made them: the encoder if it is here, and words otherwise.

    Nothing is fetched: a file of completions can be scored on a machine without network.

    Args:
        texts: length N.
        seed: of the random vectors that the axes of words are found with.
        progress: told of every batch.
    """
    from suffice.base_models import find_here  # noqa: PLC0415 (where too few rows failed, the room is not loaded)

    files = find_here(ENCODER)
    if files is None:
        return _by_words(texts, seed=seed), WORDS
    from suffice.rungs.embed import Embedder  # noqa: PLC0415 (loads torch, which only embedding needs)

    embedder = Embedder(files, context_tokens=CONTEXT_TOKENS, too_long="head")
    return embedder.remembered(embedder.tokenise(texts), progress=progress), ENCODER


def _by_words(texts: Sequence[str], *, seed: int) -> NDArray[np.float32]:
    from suffice.rungs import tfidf  # noqa: PLC0415 (as above: the room of rungs is not loaded for nothing)

    weighted = tfidf.features(texts)
    n_axes = min(N_AXES, min(weighted.shape) - 1)
    if n_axes < 1 or (weighted.max(axis=0) - weighted.min(axis=0)).nnz == 0:
        return np.zeros((len(texts), 1), dtype=np.float32)
    axes = TruncatedSVD(n_axes, random_state=seed).fit_transform(weighted)
    lengths = np.linalg.norm(axes, axis=1, keepdims=True)
    return np.asarray(np.divide(axes, lengths, out=np.zeros_like(axes), where=lengths > 0.0), dtype=np.float32)
