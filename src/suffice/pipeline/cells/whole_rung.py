"""One rung on all rows: a cell for each label output, of which one stands for the rung."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from time import monotonic

from suffice.pipeline.cells.answered import Answered
from suffice.pipeline.cells.executors import IN_PROCESS, Executor, Job
from suffice.pipeline.cells.finished import answered
from suffice.pipeline.cells.memory import MemoryPlan, require_memory
from suffice.pipeline.cells.names import cells_of, names_of_runs, run_name
from suffice.pipeline.cells.run import is_finished
from suffice.pipeline.rows.prepare import Prepared
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.progress import Progress
from suffice.records.run import RunManifest

HEAD_MUST_LEAD = 0.005
"""A label head ships only if it leads the tokens by more than this on validation: tokens keep the adapter usable in
any server that can restrict an answer to a list."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Climbed:
    """One rung after the climb."""

    rung: str
    chosen: RunManifest
    """The run that stands for the rung."""
    answered: Answered
    """Its answers on the rows that compare rungs."""
    alternatives: tuple[RunManifest, ...]
    """Runs of the rung that were compared with it and lost."""


def run_rung(rung: str, prepared: Prepared, workspace: Workspace, *, seed: int, progress: Progress) -> Climbed:
    """Runs every cell of a rung on all rows that is not finished yet, and lets one stand for it.

    Args:
        rung: as in `ladder`.
        prepared: the task and its rows.
        workspace: where runs lie.
        seed: initialisation and shuffles.
        progress: told of every step.
    """
    return start_rung(rung, prepared, workspace, seed=seed, end=inf, executor=IN_PROCESS, progress=progress)()


def start_rung(
    rung: str,
    prepared: Prepared,
    workspace: Workspace,
    *,
    seed: int,
    end: float,
    executor: Executor,
    progress: Progress,
) -> Callable[[], Climbed]:
    """Starts every cell of a rung on all rows; what is returned waits for them, and lets one stand for the rung.

    Args:
        rung: as in `ladder`.
        prepared: the task and its rows.
        workspace: where runs lie.
        seed: initialisation and shuffles.
        end: of the time given, on the clock of `time.monotonic`; after it no cell starts but the first.
        executor: where they are run.
        progress: told of every step.
    """
    progress.say(f"rung {rung}")
    if not was_run(rung, workspace):
        require_memory([rung], prepared, seed=seed)  # Before its base model is fetched, from what is known of it.
    started: list[Callable[[], RunManifest]] = []
    plan: MemoryPlan | None = None
    for cell in cells_of(rung, prepared, seed=seed, progress=progress):
        name = run_name(cell, prepared)
        out = workspace.runs / name
        if started and monotonic() >= end and not is_finished(cell, out=out):
            progress.say(f"the minutes are over: {name} is not started")
            continue
        if plan is None and not is_finished(cell, out=out):
            plan = next(iter(require_memory([rung], prepared, seed=seed)), None)
            if plan is not None:
                progress.say(str(plan))
        job = Job(
            cell=cell,
            material=prepared.material,
            name=name,
            out=out,
            report_to=prepared.task.report_to,
            planned_memory_bytes=None if plan is None else plan.needed_bytes,
        )
        started.append(executor.start(job, progress=progress))
    return lambda: _climbed(rung, [ended() for ended in started], prepared, workspace)


def _climbed(rung: str, manifests: Sequence[RunManifest], prepared: Prepared, workspace: Workspace) -> Climbed:
    chosen = standing_for_rung(manifests)
    return Climbed(
        rung=rung,
        chosen=chosen,
        answered=answered(chosen, prepared.material, out=workspace.runs / chosen.name),
        alternatives=tuple(manifest for manifest in manifests if manifest is not chosen),
    )


def was_run(rung: str, workspace: Workspace) -> bool:
    """Whether a run of a rung has been finished, whatever its settings.

    Args:
        rung: as in `ladder`.
        workspace: where runs lie.
    """
    return any(workspace.runs.glob(f"{names_of_runs(rung)}/manifest.json"))


def standing_for_rung(manifests: Sequence[RunManifest]) -> RunManifest:
    """The tokens, unless the head leads by more than half a point.

    Args:
        manifests: finished runs of one rung, the tokens first.
    """
    first = manifests[0]
    for other in manifests[1:]:
        if _lead(other, first) > HEAD_MUST_LEAD:
            return other
    return first


def _lead(one: RunManifest, other: RunManifest) -> float:
    """Of accuracy, from counts: a lead of exactly half a point must not round to more."""
    assert one.evaluation is not None, "runs that are compared have been judged"
    assert other.evaluation is not None, "runs that are compared have been judged"
    return (one.evaluation.accuracy.n_correct - other.evaluation.accuracy.n_correct) / one.evaluation.accuracy.n
