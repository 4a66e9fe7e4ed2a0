"""Figures of training reach a tracker, and only where one is asked for."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from messages import QUICK, split_rows, write_task
from suffice.errors import TaskError
from suffice.pipeline.cells.tracking import tracked
from suffice.pipeline.single import train_rung
from suffice.records.progress import SILENT
from suffice.store.task_file import load_task


def curves(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """What TensorBoard itself reads from a folder."""
    events = EventAccumulator(str(folder)).Reload()
    return {tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


def trained(folder: Path, rung: str, **more: Any) -> Path:
    task = write_task(folder, split_rows(), train=QUICK, **more)
    manifest = train_rung(load_task(task), rung, folder=folder, out=folder / "out", seed=0, progress=SILENT)
    return folder / "out" / "runs" / manifest.name


def test_tensorboard_reads_the_losses_of_every_step(tmp_path: Path, tiny_llama: Path) -> None:
    run = trained(tmp_path, str(tiny_llama), report_to="tensorboard")
    found = curves(run)
    # So few rows that the number of epochs is chosen in two folds; their curves stand apart.
    for part in ("", "fold-1/", "fold-2/"):
        steps = [step for step, _ in found[f"{part}train/loss"]]
        assert steps == list(range(1, len(steps) + 1))
        assert {f"{part}train/{name}" for name in ("learning_rate", "gradient_norm", "epoch_loss")} <= set(found)
        assert (f"{part}tune/accuracy" in found) is (part != "")


def test_a_tracker_does_not_change_the_run(tmp_path: Path, tiny_llama: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with_it = trained(tmp_path / "a", str(tiny_llama), report_to="tensorboard")
    without = trained(tmp_path / "b", str(tiny_llama))
    assert with_it.name == without.name
    first, second = (next(run.rglob("adapter_model.safetensors")).read_bytes() for run in (with_it, without))
    assert first == second


@pytest.mark.parametrize("more", [{}, {"report_to": "tensorboard"}])
def test_a_rung_without_a_network_has_nothing_to_report(tmp_path: Path, more: dict[str, str]) -> None:
    assert not list(trained(tmp_path, "tfidf", **more).glob("events*"))


@pytest.mark.parametrize("tracker", ["mlflow", "wandb", "trackio"])
def test_a_tracker_that_is_not_installed_is_an_error_with_its_install_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tracker: Any
) -> None:
    monkeypatch.setitem(sys.modules, tracker, None)
    with (
        pytest.raises(TaskError, match=rf"report_to: {tracker} must be installed\n.*\n  fix: pip install {tracker}"),
        tracked(SILENT, tracker, run="r", folder=tmp_path, settings={}),
    ):
        pass


def test_without_accelerate_no_tracker_is_reached_and_the_error_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "accelerate", None)
    with (
        pytest.raises(
            TaskError, match=r"accelerate must be installed\n.*\n  fix: pip install accelerate; or set report"
        ),
        tracked(SILENT, "tensorboard", run="r", folder=tmp_path, settings={}),
    ):
        pass


class Heard:
    """A progress that keeps figures."""

    def __init__(self) -> None:
        self.figures: list[tuple[int, Mapping[str, float]]] = []

    def measured(self, figures: Mapping[str, float], *, step: int) -> None:
        self.figures.append((step, figures))


def test_the_progress_behind_a_tracker_is_told_as_well_and_the_tracker_is_closed_after_an_error(tmp_path: Path) -> None:
    heard: Any = Heard()

    def cut_off() -> None:
        with tracked(heard, "tensorboard", run="r", folder=tmp_path, settings={"seed": 0}) as progress:
            progress.measured({"train/loss": 0.5}, step=3)
            raise KeyError

    with pytest.raises(KeyError):
        cut_off()
    assert heard.figures == [(3, {"train/loss": 0.5})]
    assert curves(tmp_path / "r") == {"train/loss": [(3, 0.5)]}
