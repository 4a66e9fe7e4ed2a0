"""The `suffice` command as another program starts it, and the same code in this process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from suffice.cli import main
from suffice.records.next_cells import INTERVENTIONS

OFFLINE = {"HF_HUB_OFFLINE": "1", "PIP_NO_INDEX": "1"}
"""Neither a hub nor a package index is asked for a base model."""
SUFFICE = Path(sys.executable).with_name("suffice")
RUNGS_ALONE = ("--all-rungs", *(f"--skip={one}" for one in INTERVENTIONS))
"""Of a fit that runs every rung and looks into no cause: what tests do that want its bundles and runs."""


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A finished `suffice fit --json`; tests read it and change copies only."""

    task: Path
    """The task file."""
    out: Path
    """Its output folder."""
    home: Path
    """SUFFICE_HOME of the command: where the ledger lies."""
    ran: subprocess.CompletedProcess[str]
    """The command."""

    @property
    def document(self) -> dict[str, Any]:
        """What it printed."""
        document: dict[str, Any] = json.loads(self.ran.stdout)
        return document

    def bundle(self, rung: str) -> Path:
        """A rung's bundle."""
        return self.out / "bundles" / rung

    def runs(self, beginning: str = "") -> list[Path]:
        """Run folders whose names begin so."""
        return sorted((self.out / "runs").glob(f"{beginning}*"))


def environment(home: Path) -> dict[str, str]:
    """Folders of its own, no hub, and one thread: two processes that spin for two cores take ten times as long."""
    own = {"SUFFICE_HOME": str(home), "HF_HOME": str(home / "hf"), "COLUMNS": "80"} | OFFLINE
    return os.environ | own | {"OMP_NUM_THREADS": "1"}


def start_suffice(*arguments: object, home: Path, **options: Any) -> subprocess.Popen[str]:
    """Starts the command with pipes on its three streams."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    command = [str(SUFFICE), *map(str, arguments)]
    return subprocess.Popen(command, env=environment(home), text=True, encoding="utf-8", **(pipes | options))


def run_suffice(*arguments: object, home: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the command to its end."""
    command = [str(SUFFICE), *map(str, arguments)]
    return subprocess.run(
        command, env=environment(home), input=given, capture_output=True, text=True, encoding="utf-8", check=False
    )


def run_here(*arguments: object, home: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the command to its end in this process, without the seconds that a process takes to start.

    For what it does; for what a process has of its own, signals and what it imports, there is `run_suffice`.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)  # Nobody reads yet: more than a pipe holds is an error, not a wait for ever.
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryFile("w+", encoding="utf-8") as out,
        tempfile.TemporaryFile("w+", encoding="utf-8") as err,
        os.fdopen(reading, encoding="utf-8") as stdin,
    ):
        with os.fdopen(writing, "w", encoding="utf-8") as stream:
            stream.write(given)
        for name, value in environment(home).items():
            patch.setenv(name, value)
        for name, stream in (("stdin", stdin), ("stdout", out), ("stderr", err)):
            patch.setattr(sys, name, stream)
        command = ["suffice", *map(str, arguments)]
        patch.setattr(sys, "argv", command)
        time_few(patch)
        with pytest.raises(SystemExit) as ended:
            main()
        for file in (out, err):
            file.seek(0)
        return subprocess.CompletedProcess(command, ended.value.code, out.read(), err.read())


def time_few(patch: pytest.MonkeyPatch) -> None:
    """Few messages are timed in this process where it would be two hundred for each rung, and twenty for a probe."""
    patch.setattr("suffice.pipeline.cells.judge.N_TIMED", 3)
    patch.setattr("suffice.pipeline.cells.judge.N_TIMED_OF_PROBE", 3)


def fit_json(
    task: Path,
    *arguments: object,
    out: Path,
    home: Path,
    run: Callable[..., subprocess.CompletedProcess[str]] = run_here,
) -> Fitted:
    """Runs `suffice fit --json`, in this process where nothing else is said."""
    return Fitted(task=task, out=out, home=home, ran=run("fit", task, "--out", out, "--json", *arguments, home=home))
