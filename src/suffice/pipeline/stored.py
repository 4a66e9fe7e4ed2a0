"""The runs of an output folder: what they are and what they take."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from suffice.errors import BundleError, Problem, SufficeError, nearest
from suffice.pipeline.rows.workspace import Workspace, read_run
from suffice.store.files import folder_bytes, storage_errors


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredRun:
    """One run folder."""

    name: str
    state: Literal["finished", "unfinished", "unreadable"]
    """`unfinished` goes on when the command that started it is run again; `unreadable` is of another version."""
    accuracy: float | None
    """On the rows that compare rungs; None for a refit or a run that has not finished."""
    size_bytes: int
    """Disk used."""


def stored_runs(out: Path) -> tuple[StoredRun, ...]:
    """The runs of an output folder, by name.

    Args:
        out: output folder of a fit.

    Raises:
        BundleError: there is no such folder, or no run was ever started in it.
    """
    runs = Workspace(out=out).runs
    if not runs.is_dir():
        rule, got = "must be the output folder of a fit", "no runs in it" if out.is_dir() else "no such folder"
        fix = "name the folder given by --out; by default it is suffice-out/NAME beside the task file"
        raise BundleError(Problem(where=str(out), rule=rule, got=got, fix=fix))
    return tuple(_stored(folder) for folder in sorted(runs.iterdir()) if folder.is_dir())


def remove_stored(out: Path, names: tuple[str, ...] | None) -> tuple[StoredRun, ...]:
    """Removes runs.

    Args:
        out: output folder of a fit.
        names: which; None for all.

    Raises:
        BundleError: a name is not there; nothing is removed then.
        StorageError: a process is at work in the folder.
    """
    found = {run.name: run for run in stored_runs(out)}
    wanted = tuple(found) if names is None else names
    problems = [
        Problem(
            where=name,
            rule="must name a run of this folder",
            got=f"no such run{nearest(name, found)}",
            fix=f"see `suffice runs list {out}`",
        )
        for name in wanted or ("NAME",)
        if name not in found
    ]
    if problems:
        raise BundleError(problems)
    with Workspace(out=out).held():
        for name in wanted:
            with storage_errors(out / "runs" / name):
                shutil.rmtree(out / "runs" / name)
    return tuple(found[name] for name in wanted)


def _stored(folder: Path) -> StoredRun:
    size = folder_bytes(folder)
    if not (folder / "manifest.json").exists():
        return StoredRun(name=folder.name, state="unfinished", accuracy=None, size_bytes=size)
    try:
        evaluation = read_run(folder).evaluation
    except SufficeError:
        return StoredRun(name=folder.name, state="unreadable", accuracy=None, size_bytes=size)
    accuracy = None if evaluation is None else evaluation.accuracy.accuracy
    return StoredRun(name=folder.name, state="finished", accuracy=accuracy, size_bytes=size)
