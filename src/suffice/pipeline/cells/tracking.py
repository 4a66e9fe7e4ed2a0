"""Figures of a run under way to an experiment tracker, for those who draw curves. Nothing is sent unless asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from suffice.errors import Problem, TaskError
from suffice.records.progress import Progress, Rerouted
from suffice.records.task import ReportTo

PROJECT = "suffice"
"""Under this name trackers that know projects keep the runs."""


@contextmanager
def tracked(
    progress: Progress, report_to: ReportTo, *, run: str, folder: Path, settings: Mapping[str, str | int | float]
) -> Iterator[Progress]:
    """A progress that also reports to a tracker for as long as the block runs.

    Args:
        progress: told of everything.
        report_to: which tracker; `none` gives the progress as it is.
        run: the run's name.
        folder: where trackers that write files write them, one folder per run.
        settings: what the run is, as names and plain values.

    Raises:
        TaskError: the tracker is not installed, or accelerate, which speaks to it.
    """
    if report_to == "none":
        yield progress
        return
    tracker = _started(report_to, run=run, folder=folder)
    tracker.store_init_configuration(dict(settings))

    def told(figures: Mapping[str, float], step: int) -> None:
        progress.measured(figures, step=step)
        tracker.log(dict(figures), step=step)

    try:
        yield Rerouted(progress, told)
    finally:
        tracker.finish()


def _started(report_to: ReportTo, *, run: str, folder: Path) -> Any:
    with _needed("accelerate"):
        from accelerate import PartialState  # noqa: PLC0415 (loads torch, which takes seconds)
        from accelerate.tracking import (  # noqa: PLC0415
            MLflowTracker,
            TensorBoardTracker,
            TrackioTracker,
            WandBTracker,
        )

    PartialState()  # Accelerate's trackers ask it which process is the main one.
    makers: dict[str, Callable[[], Any]] = {
        "tensorboard": lambda: TensorBoardTracker(run, folder),
        "mlflow": lambda: MLflowTracker(experiment_name=PROJECT, logging_dir=folder, run_name=run),
        "wandb": lambda: WandBTracker(PROJECT, name=run),
        "trackio": lambda: TrackioTracker(PROJECT, name=run),
    }
    with _needed(report_to):
        tracker = makers[report_to]()
        tracker.start()
    return tracker


@contextmanager
def _needed(package: str) -> Iterator[None]:
    """Tells a person what to install where the block imports what is not there."""
    try:
        yield
    except ImportError as error:
        raise TaskError(
            Problem(
                where="report_to",
                rule=f"{package} must be installed",
                got=str(error),
                fix=f"pip install {package}; or set report_to=none",
            )
        ) from error
