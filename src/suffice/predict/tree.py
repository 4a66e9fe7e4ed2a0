"""Tokens that branch off behind a message: what may follow it, shared beginnings once.

Source: Miao et al. 2024, SpecInfer, section 4: one pass over a tree of tokens, each of which attends to its ancestors.

Shape suffixes: T tokens of the tree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suffice.predict.scorer import Tokens


@dataclass(frozen=True, kw_only=True, slots=True)
class Tree:
    """The same tokens behind every message of a batch; every token sees the message and what leads to itself."""

    ids: Tokens
    """Token ids, length T; a token stands behind the one that it follows."""
    parents: tuple[int, ...]
    """Place of the token that each one follows, length T; -1 for the message's last token."""

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def depths(self) -> NDArray[np.int64]:
        """How far each token lies behind the message's last one, from 1, shape [T]."""
        depths: list[int] = []
        for parent in self.parents:
            depths.append(1 if parent < 0 else depths[parent] + 1)
        return np.array(depths, dtype=np.int64)

    @property
    def sees(self) -> NDArray[np.bool_]:
        """Whether a token sees another one of the tree: itself, and those that lead to it; shape [T, T]."""
        seen = np.eye(len(self), dtype=np.bool_)
        for at, parent in enumerate(self.parents):
            if parent >= 0:
                seen[at] |= seen[parent]
        return seen


NO_TREE = Tree(ids=(), parents=())
"""Nothing behind any message."""
