"""How much memory training and classifying take, as the operating system counts it over whole commands.

`suffice train` and `suffice classify` in processes of their own on Banking77, with the defaults but for one epoch and
the labels' tokens alone: the rung of 135 million parameters on as many rows as bring the largest default step, and the
rung of 1.5 billion on a few. Between them `suffice fit` makes the bundle of the run that is there; it is not counted,
and the test rows that it opens are written down in a home of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from cells import Measured, measure, options, print_json
from ratios import machine
from tasks import SHORT, Banking77, here

from suffice.records.next_cells import INTERVENTIONS

MINUTES = 10
"""On two cores."""
LARGE = "qwen2.5-1.5b"
ROWS = {"smollm2-135m": 3_000, LARGE: 64}
"""Training rows; from 2,000 a step takes 32."""
N_READ = {"smollm2-135m": 4_000, LARGE: 600}
"""Rows from which these and validation are drawn."""
N_TEST = 100
"""Test rows, which nothing here asks about."""
RUNG_ALONE = tuple(f"--skip={one}" for one in INTERVENTIONS)
"""The bundle is wanted, and no cause of what its rung gets wrong."""
N_MESSAGES = {"smollm2-135m": 1_000, LARGE: 128}
MOST_BYTES = {
    "smollm2-135m, train": 2.5e9,
    "smollm2-135m, classify": 1.0e9,
    f"{LARGE}, train": 16e9,
    f"{LARGE}, classify": 16e9,
}
"""What was asked for."""


def cell(name: str, data: Path) -> Measured:
    """Peak of training a rung and of classifying with it."""
    if name == "machine":
        return machine()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        task = folder / "task.yaml"
        rows = folder / "rows.jsonl"
        rows.write_text(_some_rows(data, n=N_READ[name]), encoding="utf-8")
        task.write_text(
            json.dumps(
                {
                    "name": "memory",
                    "instruction": SHORT,
                    "data": {"path": str(rows)},
                    "target": {"at_least": 0.01},
                    "audit": {"allow": ["rare_label"]},
                    "train": {"label_output": "tokens", "epochs": 1, "n_train": ROWS[name]},
                }
            )
        )
        rung, to, home = here(name) or name, ["--out", str(folder / "out"), "--json"], _home(folder / "home")
        _, trained = _peak(["train", str(task), "--rung", rung, *to], home)
        fitted, _ = _peak(["fit", str(task), "--rungs", rung, *RUNG_ALONE, *to], home)
        (bundle,) = (one["bundle"] for one in json.loads(fitted)["rungs"])
        messages = folder / "messages.txt"
        texts = Banking77.read(data, "test").texts[: N_MESSAGES[name]]
        messages.write_text("".join(" ".join(text.split()) + "\n" for text in texts))
        _, classified = _peak(["classify", bundle, str(messages)], home)
    return {"train_bytes": trained, "classify_bytes": classified}


def _some_rows(data: Path, *, n: int) -> str:
    """Rows of Banking77 as lines of JSON, each with its split."""
    lines: list[str] = []
    for split, most in (("train", n), ("test", N_TEST)):
        bank = Banking77.read(data, split)
        some = np.random.default_rng(0).permutation(len(bank.texts))[:most].tolist()
        rows = [{"text": bank.texts[i], "label": bank.labels.names[bank.y[i]], "split": split} for i in some]
        lines += [json.dumps(row) + "\n" for row in rows]
    return "".join(lines)


def _home(folder: Path) -> dict[str, str]:
    """An environment whose SUFFICE_HOME is this folder, with the models of the person's own."""
    models = Path(os.environ.get("SUFFICE_HOME") or "~/.suffice").expanduser() / "models"
    folder.mkdir()
    if models.exists():
        (folder / "models").symlink_to(models)
    return os.environ | {"SUFFICE_HOME": str(folder)}


def _peak(arguments: list[str], environment: dict[str, str]) -> tuple[str, int]:
    """What a command of suffice printed, and the most memory that its process held, in bytes."""
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(
            [str(Path(sys.executable).parent / "suffice"), *arguments],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment,
        ) as process,
    ):
        assert process.stdout is not None
        out = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            raise SystemExit(f"suffice {' '.join(arguments)} failed:\n{errors.read()}")
    return out, used.ru_maxrss * 1024  # Linux counts in kilobytes.


def summary(cells: dict[str, Measured], rungs: Iterable[str]) -> dict[str, Any]:
    """Peaks beside what was asked for."""
    found = {
        f"{rung}, {command}": cells[rung][f"{command}_bytes"] for rung in rungs for command in ("train", "classify")
    }
    return {
        "machine": cells["machine"],
        "settings": {
            rung: f"{ROWS[rung]} rows in one epoch, {N_MESSAGES[rung]} messages, labels' tokens alone; "
            "the defaults otherwise"
            for rung in rungs
        },
        "peak": {
            name: {"bytes": peak, "at_most": MOST_BYTES[name], "within": peak <= MOST_BYTES[name]}
            for name, peak in found.items()
        },
        "not_run": [{"name": rung, "why": "the model is not on this machine"} for rung in ROWS if rung not in rungs],
    }


def main() -> None:
    """Measures the cells that are missing and prints all; base models are not fetched for it."""
    given = options(__doc__ or "").parse_args()
    rungs = [rung for rung in ROWS if here(rung) is not None]
    print_json(summary(measure(["machine", *rungs], lambda name: cell(name, given.data), kept=given.cells), rungs))


if __name__ == "__main__":
    main()
