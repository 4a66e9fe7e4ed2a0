"""Real processes, really killed: the same command again ends as if nothing had happened."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from commands import RUNGS_ALONE, fit_json, run_suffice, start_suffice

PATIENCE_SECONDS = 120.0
"""For a process to come to a certain point on a busy machine."""


def _stopped_at(task: Path, pattern: str, by: signal.Signals, *, out: Path, home: Path) -> tuple[int, str]:
    """Starts a fit and stops it as soon as a file that matches is there."""
    process = start_suffice("fit", task, *RUNGS_ALONE, "--json", "--out", out, home=home)
    end = time.monotonic() + PATIENCE_SECONDS
    while not any(out.glob(pattern)) and process.poll() is None and time.monotonic() < end:
        time.sleep(0.002)
    process.send_signal(by)
    printed, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert printed == "", f"it was finished before it was stopped: {said}"
    return process.returncode, said


def _apart_from_times(document):
    """What two fits in two folders must have in common."""
    rungs = [
        {key: value for key, value in rung.items() if key not in {"latency_ms", "train_seconds", "bundle"}}
        for rung in document["rungs"]
    ]
    return document["verdict"], rungs


@pytest.fixture(scope="module")
def resumed(fitted_causal, tmp_path_factory):
    """The fit of `fitted_causal` in another folder, stopped three times on its way."""
    folder = tmp_path_factory.mktemp("resumed")
    out, home = folder / "out", folder / "home"
    task = fitted_causal.task
    stops = [
        _stopped_at(task, "runs/*/checkpoints/**/now.safetensors", signal.SIGKILL, out=out, home=home),
        _stopped_at(task, "runs/*lora*/fitted/fit.json", signal.SIGINT, out=out, home=home),
        _stopped_at(task, "proposal.json", signal.SIGKILL, out=out, home=home),
    ]
    return stops, fit_json(task, *RUNGS_ALONE, out=out, home=home, run=run_suffice)


def test_a_fit_killed_while_it_trains_judges_and_confirms_ends_in_the_same_verdict(resumed, fitted_causal):
    stops, fitted = resumed
    assert [code for code, _ in stops] == [-signal.SIGKILL, 130, -signal.SIGKILL]
    assert _apart_from_times(fitted.document) == _apart_from_times(fitted_causal.document)


def test_its_adapter_is_the_same_byte_for_byte_as_that_of_an_uninterrupted_fit(resumed, fitted_causal):
    _, fitted = resumed
    kept = [[run for run in one.runs("tiny-llama") if (run / "fitted").exists()] for one in (fitted_causal, fitted)]
    assert kept[0]
    for one, other in zip(*kept, strict=True):
        assert one.name == other.name
        assert "-lora16-" in one.name
        models = [run / "fitted" / "model" for run in (one, other)]
        files = sorted(path.relative_to(models[0]) for path in models[0].rglob("*") if path.is_file())
        assert any(path.suffix == ".safetensors" for path in files)
        for path in files:
            assert (models[0] / path).read_bytes() == (models[1] / path).read_bytes()


def test_nothing_is_left_over_of_the_interruptions(resumed, fitted_causal):
    _, fitted = resumed
    held = [{path.relative_to(one.out) for path in one.out.rglob("*")} for one in (fitted, fitted_causal)]
    assert held[0] == held[1]


def test_the_test_was_opened_once(resumed):
    _, fitted = resumed
    assert len((fitted.home / "openings.jsonl").read_text().splitlines()) == 1


def test_control_c_says_how_to_go_on_and_shows_no_traceback(resumed):
    stops, _ = resumed
    _, said = stops[1]
    assert said.endswith("interrupted; the same command again goes on where this one was cut off\n")
    assert "Traceback" not in said
