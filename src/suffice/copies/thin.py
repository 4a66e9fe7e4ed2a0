"""Near-copies to those that stay: a chain of small changes is one component, and its ends may have little in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.copies.sketches import spans
from suffice.text.shingles import shingle_sets


def stay_for(texts: Sequence[str], *, threshold: float) -> NDArray[np.int64]:
    """Position of the text that stays in each one's place: the first near one that stays, or itself; shape [N].

    Each text in turn stays unless it is near one that stays already. Its similarity to those behind it is taken for all
    of them at once, so that memory grows with the characters, and not with the square of the texts.

    Args:
        texts: canonical texts, those first that should rather stay, length N.
        threshold: least Jaccard similarity of the character 5-grams of near-copies.
    """
    parts = [shingle_sets(texts[part]) for part in spans(np.array([len(text) for text in texts], dtype=np.int64))]
    sizes = np.concatenate([part.sizes for part in parts])
    starts = np.cumsum(sizes) - sizes
    distinct, shingles = np.unique(np.concatenate([part.hashes for part in parts]), return_inverse=True)
    stays, is_own = np.full(len(texts), -1), np.zeros(len(distinct), dtype=np.int64)
    for row, start in enumerate(starts.tolist()):
        if stays[row] < 0:
            own = shingles[start : start + sizes[row]]
            is_own[own] = 1
            shared = np.add.reduceat(is_own[shingles[start:]], starts[row:] - start)
            is_own[own] = 0
            near = shared / (sizes[row] + sizes[row:] - shared) >= threshold
            stays[row:][near & (stays[row:] < 0)] = row
    return stays.astype(np.int64)
