"""Which rows repeat an earlier one."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def repeats(keys: Iterable[str]) -> NDArray[np.bool_]:
    """Whether an earlier key is the same, shape [N].

    Args:
        keys: what is compared of each row, length N.
    """
    first: dict[str, int] = {}
    return np.array([first.setdefault(key, row) != row for row, key in enumerate(keys)], dtype=np.bool_)
