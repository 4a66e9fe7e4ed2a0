"""A hosted rung that asks transformers' own server with a real model of half a billion parameters."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from person import environment

from suffice.base_models import locate
from suffice.records.progress import SILENT

pytestmark = pytest.mark.real

SUFFICE = Path(sys.executable).with_name("suffice")
FILES = Path(os.environ.get("SUFFICE_MODEL_FILES", Path.home() / ".cache" / "suffice-model-files"))
MODEL = "Qwen2.5-Coder-0.5B-Instruct.Q4_K_M.gguf"
PATIENCE_SECONDS = 300.0
N_ASKED = 20
MISSING = [name for name in ("fastapi", "uvicorn", "openai") if find_spec(name) is None]


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, str]]:
    """Address of the server, and the name of the model there."""
    if MISSING:
        pytest.skip(f"`transformers serve` needs {', '.join(MISSING)}")
    folder = str(locate(str(FILES / MODEL), progress=SILENT).folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [Path(sys.executable).with_name("transformers"), "serve", folder, "--host", "127.0.0.1"]
    options = ["--port", str(port), "--device", "cpu"]
    process = subprocess.Popen([*map(str, command), *options], env=os.environ | {"HF_HUB_OFFLINE": "1"})
    try:
        end = time.monotonic() + PATIENCE_SECONDS
        while not _is_up(port):
            assert process.poll() is None, "the server ended before it was asked anything"
            assert time.monotonic() < end, "the server did not come up"
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/v1", folder
    finally:
        process.terminate()
        process.wait()


def _is_up(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_twenty_messages_are_asked_measured_and_not_asked_again(served: tuple[str, str], tmp_path: Path) -> None:
    url, model = served
    data = Path(os.environ["SUFFICE_DATA"]) / "banking77" / "banking77.jsonl"
    rows = [json.loads(line) for line in data.read_text(encoding="utf-8").splitlines()]
    kept = sorted({row["label"] for row in rows})[:4]
    lines = [json.dumps(row) + "\n" for row in rows if row["label"] in kept]
    (tmp_path / "rows.jsonl").write_text("".join(lines), encoding="utf-8")
    local = {
        "base_url": url,
        "model": model,
        "price_per_million": {"input": 1.0, "output": 2.0},
        "max_cost": 1.0,
        "max_rows": N_ASKED,
        "repeats": 2,
        "repeat_rows": 5,
        "concurrency": 1,
    }
    task = {"name": "real", "data": {"path": "rows.jsonl"}, "target": {"at_least": 0.95}, "hosted": {"local": local}}
    (tmp_path / "task.yaml").write_text(json.dumps(task), encoding="utf-8")
    command = [str(SUFFICE), "train", str(tmp_path / "task.yaml"), "--rung", "hosted:local", "--json"]
    ran, again = (
        subprocess.run(command, env=environment(tmp_path / "home"), capture_output=True, text=True, check=False)
        for _ in range(2)
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    run = json.loads(ran.stdout)
    accuracy, figures = run["evaluation"]["accuracy"], run["hosted"]
    assert 10 < accuracy["n"] == figures["n_asked"] <= N_ASKED
    # Four labels: chance is five of twenty. Thirteen were right, and none invented, when this was written.
    assert accuracy["n_correct"] >= 8
    assert run["evaluation"]["form"]["invalid_label_rate"] == figures["n_invented"] / figures["n_asked"] < 0.5
    assert figures["consistency"]["share"] == 1.0, "greedy answers of one machine are the same every time"
    assert figures["latency_p50_ms"] > 0
    # Instruction, four labels and a message of Banking77 are about a hundred tokens; a label is under twenty-five.
    assert 60_000 < figures["input_tokens_per_thousand"] < 200_000
    assert 0 < figures["output_tokens_per_thousand"] <= 60_000
    in_, out = figures["input_tokens_per_thousand"], figures["output_tokens_per_thousand"]
    assert figures["cost_per_thousand"] == pytest.approx((in_ * 1.0 + out * 2.0) / 1e6)
    assert json.loads(again.stdout) == run
