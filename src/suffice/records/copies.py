"""Which rows of a data version are copies of one another, and how closely."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class CutComponent:
    """Near-copies that chained one another into a part of the data too large for one group."""

    n_rows: int
    """Rows that hung together at the threshold of all others."""
    threshold: float
    """The similarity at which it fell apart far enough."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Copies:
    """Copies of a data version at three levels, each containing the one before it."""

    exact: NDArray[np.int64]
    """Code of each row's text, shape [N]: the same for the same text."""
    normalised: NDArray[np.int64]
    """Code of each row's canonical text, shape [N]."""
    near: NDArray[np.int64]
    """Component of rows that near-copies join, shape [N]."""
    threshold: float
    """Least Jaccard similarity of the character 5-grams of two near-copies."""
    method: Literal["exact", "minhash"]
    """Whether every pair was looked for, or those that MinHash signatures propose; both are verified exactly."""
    miss_rate: float
    """Chance that a pair right at the threshold was not proposed; 0.0 for the exact join."""
    cut: tuple[CutComponent, ...]
    """Components that held over a twentieth of the rows."""

    def take(self, rows: NDArray[np.int64]) -> Copies:
        """The rows at these positions, with the codes that they have among all."""
        return replace(self, exact=self.exact[rows], normalised=self.normalised[rows], near=self.near[rows])
