"""Cells on a Ray cluster: workers get rows and give run folders back; only this process writes the store."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from suffice.base_models.precision import usable_cores
from suffice.errors import Problem, SufficeError, TaskError
from suffice.pipeline.cells.executors import IN_PROCESS, Job, run_job
from suffice.pipeline.cells.run import is_finished, require_same_cell
from suffice.pipeline.rows.prepare import Material
from suffice.pipeline.rows.workspace import read_run
from suffice.records.progress import Progress, Silent
from suffice.records.run import Cell, RunManifest
from suffice.records.task import ReportTo
from suffice.store.files import replacing, replacing_folder

Files = dict[str, bytes]
"""Path below a folder, with slashes, to content."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Returned:
    """What a worker gives back."""

    run: Files
    """The run's folder."""
    beside: Files
    """What was written beside it: losses of rows that other cells may use, curves of trackers."""
    said: tuple[str, ...]
    """Lines for the person."""
    kind: type[SufficeError] | None = None
    """Of what the person has to fix; None where the cell was run."""
    problems: tuple[Problem, ...] = ()
    """What that is: an exception itself would not come through whole."""
    n_more: int = 0
    """How many more there are."""


class _Kept(Silent):
    """Progress of a worker, which nobody watches: what it says is told when it is done."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        """Keeps the line."""
        self.said.append(message)


class OnRay:
    """As many cells at a time as the cluster has cores for."""

    def __init__(self, ray: Any) -> None:
        """
        Args:
            ray: the module, connected to a cluster.
        """
        self._ray, self._run = ray, ray.remote(run_there)
        self._rows: dict[int, tuple[Material, Any]] = {}
        self._n_threads = _threads_here()
        self.n_at_once = max(1, int(ray.cluster_resources().get("CPU", 1)))
        self._most = max((int(node["Resources"].get("CPU", 1)) for node in ray.nodes() if node["Alive"]), default=1)

    def start(self, job: Job, *, progress: Progress) -> Callable[[], RunManifest]:
        """As every executor.

        Endpoints are asked from here, where their answers are kept and their money is counted; so is a rung that is
        asked another way, where it lies.
        """
        if job.cell.hosted is not None or job.cell.asked_again or is_finished(job.cell, out=job.out):
            return IN_PROCESS.start(job, progress=progress)
        require_same_cell(job.cell, out=job.out)  # Told of the folder here, not of a worker's.
        # As many threads as a cell would have here: sums of other lengths round otherwise.
        n_cpus = 1 if job.cell.base is None else min(self._n_threads, self._most)
        environment = {"env_vars": {"OMP_NUM_THREADS": str(self._n_threads)}}
        remote = self._run.options(num_cpus=n_cpus, runtime_env=environment)
        # The rows travel by themselves, once for all cells that stand on them.
        asked = remote.remote(
            job.cell,
            self._sent(job.material),
            _files(job.out),
            name=job.name,
            report_to=job.report_to,
            planned_memory_bytes=job.planned_memory_bytes,
        )
        return lambda: self._put(self._ray.get(asked), job, progress=progress)

    def _sent(self, material: Material) -> Any:
        """Where the cluster keeps the rows."""
        if id(material) not in self._rows:
            self._rows[id(material)] = (material, self._ray.put(material))
        return self._rows[id(material)][1]

    @staticmethod
    def _put(returned: Returned, job: Job, *, progress: Progress) -> RunManifest:
        """The run into its place, whole or not at all."""
        for line in returned.said:
            progress.say(line)
        if returned.kind is not None:
            raise returned.kind(returned.problems, n_more=returned.n_more)
        for name, content in returned.beside.items():
            with replacing(job.out.parent / name) as part:
                part.write_bytes(content)
        with replacing_folder(job.out) as folder:
            _write(returned.run, folder)
        return read_run(job.out)


def run_there(
    cell: Cell,
    material: Material,
    begun: Mapping[str, bytes],
    *,
    name: str,
    report_to: ReportTo,
    planned_memory_bytes: int | None,
) -> Returned:
    """Runs a cell in a folder of its own, and gives back what it wrote there.

    Args:
        cell: what to run.
        material: the rows that may be seen.
        begun: the run's folder as an interrupted run left it.
        name: the run's name.
        report_to: the tracker that gets figures of a network while it is trained.
        planned_memory_bytes: what it is expected to need, for its manifest.
    """
    progress = _Kept()
    with TemporaryDirectory() as folder:
        runs = Path(folder) / "out" / "runs"
        job = Job(
            cell=cell,
            material=material,
            name=name,
            out=runs / name,
            report_to=report_to,
            planned_memory_bytes=planned_memory_bytes,
        )
        _write(begun, job.out)
        try:
            run_job(job, progress=progress)
        except SufficeError as error:
            said = tuple(progress.said)
            return Returned(
                run={}, beside={}, said=said, kind=type(error), problems=error.problems, n_more=error.n_more
            )
        files = _files(runs)
    inside = f"{name}/"
    return Returned(
        run={path.removeprefix(inside): content for path, content in files.items() if path.startswith(inside)},
        beside={path: content for path, content in files.items() if not path.startswith(inside)},
        said=tuple(progress.said),
    )


def _files(folder: Path) -> Files:
    found = sorted(folder.rglob("*")) if folder.is_dir() else []
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found if path.is_file()}


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _threads_here() -> int:
    given = os.environ.get("OMP_NUM_THREADS", "")
    return min(int(given), usable_cores()) if given.isdecimal() and int(given) else usable_cores()


@contextmanager
def on_ray() -> Iterator[OnRay]:
    """A cluster for as long as the block runs: that of `RAY_ADDRESS`, or else one on this machine that ends with it.

    Raises:
        TaskError: Ray is not installed, or the cluster cannot be reached.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # Data stays here, and so does how it is used.
    try:
        import ray  # noqa: PLC0415 (an extra)
    except ImportError as error:
        rule, fix = "ray must be installed", "pip install 'suffice[ray]'; or leave --on out"
        raise TaskError(Problem(where="--on ray", rule=rule, got=str(error), fix=fix)) from error
    if ray.is_initialized():
        yield OnRay(ray)  # Whoever connected to it also ends it.
        return
    address = os.environ.get("RAY_ADDRESS")
    own = {"address": "local", "num_cpus": usable_cores(), "include_dashboard": False}
    try:
        ray.init(**({"address": address} if address else own), log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError) as error:
        rule, fix = "a Ray cluster must be there", "correct RAY_ADDRESS, or unset it for a cluster on this machine"
        got = f"{address or 'none on this machine'}: {' '.join(str(error).split())}"
        raise TaskError(Problem(where="--on ray", rule=rule, got=got, fix=fix)) from error
    try:
        yield OnRay(ray)
    finally:
        ray.shutdown()
