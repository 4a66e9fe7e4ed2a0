"""A fit with a real language model, killed at ten random moments, ends in the figures of one that was left alone."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from person import environment

pytestmark = pytest.mark.real

SUFFICE = Path(sys.executable).with_name("suffice")
N_KILLS = 10
LABELS = 3
N_TRAIN = 60


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[str]]:
    """The fit, for an output folder of that name: TF-IDF and a tuned language model on three labels of Banking77."""
    folder = tmp_path_factory.mktemp("killed")
    data = Path(os.environ["SUFFICE_DATA"]) / "banking77" / "banking77.jsonl"
    rows = [json.loads(line) for line in data.read_text(encoding="utf-8").splitlines()]
    kept = sorted({row["label"] for row in rows})[:LABELS]
    lines = [json.dumps(row) + "\n" for row in rows if row["label"] in kept]
    (folder / "rows.jsonl").write_text("".join(lines), encoding="utf-8")
    task = {"name": "killed", "data": {"path": "rows.jsonl"}, "target": {"at_least": 0.95}}
    task["train"] = {"n_train_causal": N_TRAIN, "epochs": 2, "label_output": "tokens"}
    (folder / "task.yaml").write_text(json.dumps(task), encoding="utf-8")

    def for_folder(out: str) -> list[str]:
        arguments = ["fit", folder / "task.yaml", "--rungs", "tfidf,smollm2-135m", "--out", folder / out, "--json"]
        return [str(part) for part in (SUFFICE, *arguments)]

    return for_folder


def _apart_from_times(printed: str) -> tuple[Any, ...]:
    document = json.loads(printed)
    keys = ("rung", "n", "accuracy", "interval", "macro_f1", "log_loss", "ece", "size_bytes")
    return document["verdict"], [[rung[key] for key in keys] for rung in document["rungs"]]


def _adapter(command: list[str]) -> bytes:
    out = Path(command[command.index("--out") + 1])
    return (out / "bundles" / "smollm2-135m" / "model" / "adapter_model.safetensors").read_bytes()


def test_ten_kills_at_random_moments_change_no_figure(command: Callable[[str], list[str]], tmp_path: Path) -> None:
    draw, own = random.Random(0), environment(tmp_path)
    began = time.monotonic()
    alone = subprocess.run(command("alone"), env=own, capture_output=True, text=True, check=True)
    length = time.monotonic() - began
    n_kills = n_finished = 0
    while n_kills < N_KILLS or not n_finished:
        # A fit that was not killed in time is compared, and the next one begins in a folder of its own.
        again = command(f"killed-{n_finished}")
        process = subprocess.Popen(again, env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            printed, said = process.communicate(timeout=draw.uniform(0, length) if n_kills < N_KILLS else None)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            n_kills += 1
            continue
        assert process.returncode == 0, said[-2000:]
        assert _apart_from_times(printed) == _apart_from_times(alone.stdout)
        assert _adapter(again) == _adapter(command("alone"))
        n_finished += 1
    ledger = (tmp_path / "openings.jsonl").read_text(encoding="utf-8")
    assert len(ledger.splitlines()) == 1, "one hypothesis on one test is one opening, however often it was killed"
