"""How many tokens the rows of a data version have to each base model of the ladder."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenLengths:
    """What one base model makes of the rows."""

    base: str
    """Name of the base model."""
    rungs: tuple[str, ...]
    """Rungs that read with it."""
    limit: int
    """The most tokens that are read of a row; longer rows are shortened."""
    most: int
    """The most that would be read however large `context_tokens` is."""
    n_tokens: NDArray[np.int64]
    """Tokens of each row, counted as `limit` counts them, shape [N]."""

    @property
    def longer(self) -> NDArray[np.bool_]:
        """Whether each row is longer than what is read, shape [N]."""
        return np.asarray(self.n_tokens > self.limit, dtype=np.bool_)


@dataclass(frozen=True, kw_only=True, slots=True)
class NotCounted:
    """A base model to which no tokens could be counted."""

    base: str
    """Name of the base model."""
    why: str
    """What kept it, in words that end a sentence."""
    fix: str
    """What to do about it: an imperative without a full stop."""
