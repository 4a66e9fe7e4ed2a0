"""Where the work on one task lies on disk, and that only one process works there at a time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from suffice.errors import BundleError, Problem, StorageError, SufficeError
from suffice.records.run import RUN_FORMAT, RunManifest
from suffice.store import strict_json
from suffice.store.files import require_writable


@dataclass(frozen=True, kw_only=True, slots=True)
class Workspace:
    """The folders of one task."""

    out: Path
    """`--out`: everything below it is ours."""

    @property
    def versions(self) -> Path:
        """Data versions."""
        return self.out / "data"

    @property
    def runs(self) -> Path:
        """Run folders, one per cell."""
        return self.out / "runs"

    @property
    def bundles(self) -> Path:
        """Bundles, one per fitted rung."""
        return self.out / "bundles"

    @property
    def hosted(self) -> Path:
        """Answers of endpoints that were paid for."""
        return self.out / "hosted"

    @property
    def knowledge(self) -> Path:
        """Indexes of the task's knowledge."""
        return self.out / "knowledge"

    @property
    def report(self) -> Path:
        """The page."""
        return self.out / "report.html"

    @property
    def task(self) -> Path:
        """The task as it was run."""
        return self.out / "task.yaml"

    @property
    def slices(self) -> Path:
        """Which rows each slice of the task holds."""
        return self.out / "slices.json"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps other processes out while the block runs.

        A folder that was made for it goes again where the block is refused before anything was run there.

        Raises:
            StorageError: the folder cannot be written, or another process works there.
        """
        is_new = not self.out.exists()
        require_writable(self.out)
        lock = FileLock(self.out / ".lock", timeout=0)
        try:
            with lock:
                yield
        except SufficeError:
            if is_new and not self.runs.exists():
                shutil.rmtree(self.out, ignore_errors=True)
            raise
        except Timeout as error:
            raise StorageError(
                Problem(
                    where=str(self.out),
                    rule="one process works in an output folder at a time",
                    got="another one is at work there",
                    fix="wait for it to end, or write elsewhere with --out",
                )
            ) from error


def read_run(folder: Path) -> RunManifest:
    """The manifest of a finished run.

    Args:
        folder: a run folder.

    Raises:
        BundleError: no such run, an unfinished one, or one of another version.
    """
    path = folder / "manifest.json"
    if not path.is_file():
        rule = "must be the folder of a finished run"
        got = "a run that has not finished" if folder.is_dir() else "no such folder"
        fix = "run the command that started it again, or see `suffice runs list`"
        if (folder / "runs").is_dir():
            got, fix = "the output folder of a fit", f"name a run in it: see `suffice runs list {folder}`"
        raise BundleError(Problem(where=str(folder), rule=rule, got=got, fix=fix))
    found = strict_json.format_of(path)
    if found != RUN_FORMAT:
        raise BundleError(
            Problem(
                where=str(path),
                rule=f"this version of suffice reads run folders of format {RUN_FORMAT}",
                got=f"format {found!r}",
                fix="run the version of suffice that wrote it, or remove it with `suffice runs rm` and fit again",
            )
        )
    return strict_json.read(path, RunManifest)


def finished_runs(workspace: Workspace) -> list[RunManifest]:
    """All finished runs, by name; those that another version of suffice wrote are passed over.

    Args:
        workspace: where runs lie.
    """
    found = sorted(workspace.runs.glob("*/manifest.json"))
    return [read_run(path.parent) for path in found if strict_json.format_of(path) == RUN_FORMAT]
