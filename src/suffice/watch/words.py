"""How many words of a message nobody has trained on: misspellings, another language, another trade."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.text.normalise import canonical

UNKNOWN_WORDS = "unknown words"
"""Name of the score."""


def known_words(texts: Iterable[str]) -> frozenset[str]:
    """All words of some messages, in their canonical form.

    Args:
        texts: messages.
    """
    return frozenset(word for text in texts for word in canonical(text).split())


def unknown_shares(texts: Sequence[str], known: frozenset[str]) -> NDArray[np.float64]:
    """Share of each message's words that are not known, shape [N]; 0 for a message without words.

    Args:
        texts: messages, length N.
        known: words.
    """
    words = (canonical(text).split() for text in texts)
    return np.array([sum(word not in known for word in mine) / max(len(mine), 1) for mine in words], dtype=np.float64)
