"""Rungs that are right and wrong by count."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from suffice.diagnose import Judged
from suffice.records.labels import LabelSet

TWO_LABELS = LabelSet(names=("no", "yes"))


@pytest.fixture
def labels() -> LabelSet:
    return TWO_LABELS


@pytest.fixture
def judged() -> Callable[..., Judged]:
    """A rung with `n_wrong` wrong answers on `n` rows, the first ones or those from `start`; labels in turn."""

    def made(rung: str, *, n: int, n_wrong: int, start: int = 0, rows_per_group: int = 1) -> Judged:
        y_true = np.arange(n, dtype=np.int64) % 2
        y_pred = y_true.copy()
        y_pred[start : start + n_wrong] = 1 - y_pred[start : start + n_wrong]
        return Judged(
            rung=rung,
            run=f"{rung}-n100-s0-0000",
            ids=tuple(f"row-{i:04d}" for i in range(n)),
            y_true=y_true,
            y_pred=y_pred,
            groups=np.arange(n, dtype=np.int64) // rows_per_group,
            labels=TWO_LABELS,
        )

    return made
