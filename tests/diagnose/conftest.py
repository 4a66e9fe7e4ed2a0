"""Rungs that are right and wrong by count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from suffice.diagnose import Judged
from suffice.records.diagnosis import Diagnosis, LabelCeiling
from suffice.records.grid import Grid, Measured, RungFacts
from suffice.records.labels import LabelSet
from suffice.records.task import CostSpec, TargetSpec

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


NOTHING_IN_THE_WAY = Diagnosis(
    gap=None,
    curves=(),
    forecast=(),
    rows_needed=(),
    gains=(),
    label_ceiling=LabelCeiling(low=0.5, high=None, n_reviewed=0, why="not identified: review 300 validation rows"),
    plans=(),
    flip=None,
    drawn={},
    chances={},
    not_learnable=False,
    not_run=(),
    notes=(),
)


@pytest.fixture
def diagnosis() -> Diagnosis:
    """Nothing was looked at."""
    return NOTHING_IN_THE_WAY


@pytest.fixture
def cell() -> Callable[..., Measured]:
    """A finished cell that is right on a share of `n_rows` rows: which ones, a seed decides; the surest are right."""

    def made(rung: str, *, n: int, right: float, n_rows: int = 1_000, seed: int = 0, **given: Any) -> Measured:
        y_true = np.arange(n_rows, dtype=np.int64) % 4
        wrong = np.random.default_rng(seed).permutation(n_rows)[: round((1.0 - right) * n_rows)]
        y_pred = y_true.copy()
        y_pred[wrong] = (y_pred[wrong] + 1) % 4
        confidence = np.where(y_pred == y_true, 0.9, 0.4).astype(np.float32)
        stated: dict[str, Any] = {
            "run": f"{rung}-n{n}-s{seed}",
            "subset_seed": seed,
            "seed": 0,
            "change": None,
            "confidence": confidence,
            "train_accuracy": 0.99,
            "seconds": 1.0,
            "latency_ms": 1.0,
            "asked": None,
        }
        return Measured(rung=rung, n=n, y_pred=y_pred, **(stated | given))

    return made


@pytest.fixture
def grid() -> Callable[..., Grid]:
    """Cells on 1,000 rows of four labels, with 800 training rows and a test of 500."""

    def made(cells: Sequence[Measured], *, at_least: float = 0.9, n_rows: int = 1_000, **given: Any) -> Grid:
        rungs = dict.fromkeys(one.rung for one in cells)
        stated: dict[str, Any] = {
            "labels": ("a", "b", "c", "d"),
            "y_true": np.arange(n_rows, dtype=np.int64) % 4,
            "groups": np.arange(n_rows, dtype=np.int64),
            "n_train": 800,
            "n_validation": n_rows,
            "n_test": 500,
            "target": TargetSpec(at_least=at_least),
            "prices": CostSpec(),
            "n_flagged": 100,
            "rungs": tuple(
                RungFacts(name=rung, cheap=True, trains=True, sweep=(), in_ladder=True, seconds_per_row=1e-3)
                for rung in rungs
            ),
        }
        return Grid(cells=tuple(cells), **(stated | given))

    return made
