"""The `suffice` command as another program starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suffice.records.next_cells import INTERVENTIONS

OFFLINE = {"HF_HUB_OFFLINE": "1", "PIP_NO_INDEX": "1"}
"""Neither a hub nor a package index is asked for a base model."""
SUFFICE = Path(sys.executable).with_name("suffice")
RUNGS_ALONE = ("--all-rungs", *(f"--skip={one}" for one in INTERVENTIONS))
"""Of a fit that runs every rung and looks into no cause: what tests do that want its bundles and runs."""


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A finished `suffice fit --json`."""

    task: Path
    """The task file."""
    out: Path
    """Its output folder."""
    home: Path
    """SUFFICE_HOME of the process: where the ledger lies."""
    ran: subprocess.CompletedProcess[str]
    """The process."""

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


def fit_json(task: Path, *arguments: object, out: Path, home: Path) -> Fitted:
    """Runs `suffice fit --json`."""
    ran = run_suffice("fit", task, "--out", out, "--json", *arguments, home=home)
    return Fitted(task=task, out=out, home=home, ran=ran)
