"""Cells of a model that was asked some of the rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from suffice.records.grid import NOT_JUDGED, Measured


def asked_cell(
    rung: str, n: int, *, right: Iterable[int], asked: Iterable[int], change: str | None, **more: Any
) -> Measured:
    """A cell over `n` rows that was asked some of them, and is right on some of these."""
    y_pred = np.full(n, NOT_JUDGED, dtype=np.int64)
    y_pred[list(asked)] = 0
    y_pred[list(right)] = 1
    stated = {"seconds": 0.0, "latency_ms": 10.0, "train_accuracy": None, "asked": None} | more
    return Measured(
        run=f"{rung}-{change}",
        rung=rung,
        n=100,
        subset_seed=0,
        seed=0,
        change=change,
        y_pred=y_pred,
        confidence=np.zeros(n, dtype=np.float32),
        **stated,
    )
