"""What models say of the rows of a data version, kept on disk so that checks and review need no model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Suspicion:
    """Every row that may be reviewed, with how likely its label is wrong."""

    rows: NDArray[np.int64]
    """Positions in the data version, ascending, shape [M]: train and validation, other splits where asked for."""
    score: NDArray[np.float64]
    """In [0, 1], shape [M]; higher is more suspect. An order, not a probability."""
    suggested: NDArray[np.int64]
    """Label code that the models would give, shape [M]; the given one where they agree with it."""
    margin: NDArray[np.float64]
    """Mean probability of the suggested label less that of the given one, shape [M]."""
    disputed: NDArray[np.float64]
    """In [0, 1], shape [M]; higher where two labels would both do: a lead to ambiguity, apart from error."""
    neighbours: NDArray[np.int64]
    """Positions of the nearest other reviewable rows by embedding, nearest first, shape [M, k]; k is 0 without one."""
    similarities: NDArray[np.float64]
    """Cosine similarity of each neighbour, shape [M, k]."""
