"""A whole verdict on Banking77: 77 labels, from the commonest label to a language model of 135M parameters.

    python benchmarks/verdict_banking77.py --cells bench-out/verdict_banking77.jsonl --data DATA

Needs the MiniLM encoder and `smollm2-135m`. Asked: 45 minutes on two cores, and the same verdict where the fit was
killed and run again.

One fit is run to its end. While a language model trains it is held for as long as its folder takes to copy: the copy is
what a kill at that moment leaves behind. The same command then goes on in the copy, with a ledger of its own, and what
both say is compared: all of `--json` but what is timed, or made of times.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import yaml
from cells import Measured, measure, options, print_json

from suffice.store.home import home

LADDER = ("majority", "tfidf", "embed", "encoder", "smollm2-135m")
TARGET = 0.95
"""Above what these rungs come to, so that every one of them is looked at."""
MINUTES_GIVEN = 38
"""For cells, finished ones included; what is left of the 45 is for judging, the sealed test and the report."""
HELD_WHERE = "runs/smollm2-135m*/checkpoints/**/now.safetensors"
"""The fit is held once the language model, on however many rows, has written that."""
TIMED = {
    *("seconds", "train_seconds", "minutes", "money", "latency_ms", "latency_p50_ms", "latency_p95_ms", "path", "out"),
    *("cost_per_thousand", "once", "saves", "break_even", "peak_bytes", "examples_per_second", "time", "flip"),
}
"""Keys of what a clock, or a price for its minutes, decides."""


def cell(data: Path) -> Measured:
    """A fit, and the fit that goes on from a copy of its folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_task(folder, data)
        held: dict[str, float] = {}
        began = perf_counter()
        process = _fit(folder, "whole")
        watcher = threading.Thread(target=_hold, args=(process, folder, began, held), daemon=True)
        watcher.start()
        whole, _ = process.communicate()
        seconds = perf_counter() - began - held.get("copied_in", 0.0)
        began = perf_counter()
        resumed, _ = _fit(folder, "killed").communicate()
        after = perf_counter() - began
        one, other = json.loads(whole), json.loads(resumed)
    return {
        "minutes": round(seconds / 60.0, 1),
        "held_after_minutes": round(held["after"] / 60.0, 1),
        "minutes_after_the_kill": round(after / 60.0, 1),
        "cores": len(os.sched_getaffinity(0)),
        "verdict": one["verdict"],
        "differences": list(differences(one, other)),
        "rungs": one["rungs"],
    }


def _write_task(folder: Path, data: Path) -> None:
    task = {
        "name": "banking77",
        "data": {
            "path": str(data / "banking77" / "banking77.jsonl"),
            "text": "text",
            "label": "label",
            "split": "split",
        },
        "target": {"at_least": TARGET},
        "ladder": list(LADDER),
    }
    (folder / "task.yaml").write_text(yaml.safe_dump(task), encoding="utf-8")


def _fit(folder: Path, out: str) -> subprocess.Popen[str]:
    """`suffice fit` in a process group of its own, with a ledger of its own and the person's models."""
    own = folder / f"home-{out}"
    own.mkdir()
    if (home() / "models").exists():
        (own / "models").symlink_to(home() / "models")
    command = [str(Path(sys.executable).with_name("suffice")), "fit", "task.yaml", "--out", out, "--json"]
    command += ["--max-minutes", str(MINUTES_GIVEN)]
    return subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | {"SUFFICE_HOME": str(own)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _hold(process: subprocess.Popen[str], folder: Path, began: float, held: dict[str, float]) -> None:
    """Copies what a kill would leave, once the language model trains."""
    while process.poll() is None:
        sleep(1.0)
        if any((folder / "whole").glob(HELD_WHERE)):
            break
    else:
        return
    held["after"] = perf_counter() - began
    os.killpg(process.pid, signal.SIGSTOP)
    start = perf_counter()
    shutil.copytree(folder / "whole", folder / "killed")
    held["copied_in"] = perf_counter() - start
    os.killpg(process.pid, signal.SIGCONT)


def differences(one: Any, other: Any, *, at: str = "") -> list[str]:
    """Where two answers differ, but for what is timed.

    Args:
        one: as `--json` has it.
        other: likewise.
        at: where in them.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted((one.keys() | other.keys()) - TIMED)
        return [line for key in keys for line in differences(one.get(key), other.get(key), at=f"{at}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [line for place, pair in pairs for line in differences(*pair, at=f"{at}[{place}]")]
    return [] if one == other else [f"{at}: {one!r} and {other!r}"]


def main() -> None:
    """Runs both fits and prints what they come to."""
    given = options(__doc__ or "").parse_args()
    print_json(measure(["banking77"], lambda name: cell(Path(given.data)), kept=given.cells))


if __name__ == "__main__":
    main()
