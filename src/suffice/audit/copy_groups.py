"""Groups of rows that are copies of one another."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

CLEAN = "run `suffice clean`, which keeps one of them in train and leaves the other splits as they are"
"""What to do about copies."""


def copy_groups(codes: NDArray[np.int64], *, told: NDArray[np.int64] | None = None) -> Iterator[NDArray[np.int64]]:
    """Positions of the rows of each group of two or more, ascending; groups in the order of their first rows.

    Args:
        codes: code of each row, the same for copies, shape [N].
        told: codes of a stricter level, shape [N]; a group that is one group there too has been told.
    """
    order = np.argsort(codes, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    for rows in sorted((rows for rows in groups if len(rows) > 1), key=lambda rows: int(rows[0])):
        if told is None or (told[rows] != told[rows[0]]).any():
            yield rows
