"""A task's rows, read as an audit reads them, and what models say of them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from suffice.pipeline.labels.evidence import gathered
from suffice.pipeline.rows.prepare import ReadRows, read_rows
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.evidence import Evidence, NoEvidence
from suffice.records.progress import SILENT
from suffice.records.task import Task
from suffice.store.task_file import load_task


class Reading(NamedTuple):
    """A task with its rows."""

    task: Task
    workspace: Workspace
    read: ReadRows

    def ask(self, *, also_test: bool = False) -> Evidence | NoEvidence:
        """What models say, asked or kept."""
        return gathered(
            self.task,
            self.workspace,
            self.read.placed.data,
            splits=self.read.placed.splits,
            labels=self.read.labels,
            also_test=also_test,
            progress=SILENT,
        )

    @property
    def kept(self) -> list[Path]:
        """Files in which answers are kept."""
        return sorted((self.workspace.out / "audit").glob("*"))


def reading(path: Path, *overrides: str) -> Reading:
    """Reads a task file's rows into the folder `out` beside it."""
    task, workspace = load_task(path, overrides=overrides), Workspace(out=path.parent / "out")
    return Reading(task, workspace, read_rows(task, workspace, folder=path.parent, progress=SILENT))
