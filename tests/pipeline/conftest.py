"""Fits in this process, with a few timed messages where there would be two hundred."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from commands import time_few
from suffice.pipeline.cells.executors import Where
from suffice.pipeline.fit import FitOptions, fit
from suffice.records.next_cells import Intervention
from suffice.records.progress import SILENT, Progress
from suffice.records.verdict import FitOutcome
from suffice.store.task_file import load_task


@pytest.fixture(autouse=True)
def _few_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    time_few(monkeypatch)


@pytest.fixture
def fit_task() -> Callable[..., FitOutcome]:
    """Fits a task file: overrides as on the command line, options by name."""

    def run(
        task: Path,
        *overrides: str,
        rungs: tuple[str, ...] | None = None,
        all_rungs: bool = False,
        seed: int = 0,
        max_minutes: float | None = None,
        on: Where = "here",
        skip: tuple[Intervention, ...] = (),
        out: Path | None = None,
        progress: Progress = SILENT,
    ) -> FitOutcome:
        options = FitOptions(rungs=rungs, all_rungs=all_rungs, seed=seed, max_minutes=max_minutes, on=on, skip=skip)
        loaded = load_task(task, overrides=overrides)
        return fit(loaded, options, folder=task.parent, out=out or task.parent / "out", progress=progress)

    return run
