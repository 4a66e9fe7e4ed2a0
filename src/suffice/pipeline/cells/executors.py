"""Where cells are run: in this process one after the other, or wherever else a job can be sent to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from suffice.pipeline.cells.run import run_cell
from suffice.pipeline.rows.prepare import Material
from suffice.records.progress import Progress
from suffice.records.run import Cell, RunManifest
from suffice.records.task import ReportTo

Where = Literal["here", "ray"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A cell with all that running it takes."""

    cell: Cell
    material: Material
    """The rows that may be seen."""
    name: str
    """The run's name."""
    out: Path
    """The run's folder."""
    report_to: ReportTo
    """The tracker that gets figures of a network while it is trained."""
    planned_memory_bytes: int | None = None
    """What it is expected to need, for its manifest."""
    fitted: Path | None = None
    """The tuned rung that is asked another way, as its run saved it; None for every other cell."""


class Executor(Protocol):
    """Runs cells; whatever is written under the output folder is written by this process."""

    n_at_once: int
    """Cells that are worth starting before the first of them is waited for."""

    def start(self, job: Job, *, progress: Progress) -> Callable[[], RunManifest]:
        """Starts a cell, or what is left of it; what is returned waits for its end. Either raises what it raised.

        Args:
            job: the cell.
            progress: told of every step.
        """
        ...


class InProcess:
    """One after the other: a cell that was started has ended."""

    n_at_once = 1

    def start(self, job: Job, *, progress: Progress) -> Callable[[], RunManifest]:
        """As every executor."""
        manifest = run_job(job, progress=progress)
        return lambda: manifest


IN_PROCESS: Executor = InProcess()


def run_job(job: Job, *, progress: Progress) -> RunManifest:
    """Runs a cell here and now.

    Args:
        job: the cell.
        progress: told of every step.

    Raises:
        SufficeError: what the person can fix.
    """
    return run_cell(
        job.cell,
        job.material,
        name=job.name,
        out=job.out,
        report_to=job.report_to,
        progress=progress,
        planned_memory_bytes=job.planned_memory_bytes,
        fitted=job.fitted,
    )


@contextmanager
def executor_on(where: Where) -> Iterator[Executor]:
    """The executor of a name, for as long as the block runs.

    Args:
        where: `here`, or `ray`.

    Raises:
        TaskError: Ray is not installed, or its cluster cannot be reached.
    """
    if where == "here":
        yield IN_PROCESS
        return
    from suffice.pipeline.cells.on_ray import on_ray  # noqa: PLC0415 (who runs cells here need not have it)

    with on_ray() as executor:
        yield executor
