"""The climb: rungs in order of cost, each run or taken up again, until one meets the target on validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from time import monotonic

from suffice.diagnose.choice import meets_target
from suffice.errors import Problem, TaskError
from suffice.pipeline.answered import Answered
from suffice.pipeline.cells import cells_of, run_name
from suffice.pipeline.estimate import estimated_minutes
from suffice.pipeline.prepare import Prepared
from suffice.pipeline.run_cell import answered, run_cell
from suffice.pipeline.workspace import Workspace
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Ascent:
    """What the climb came to."""

    climbed: tuple[Climbed, ...]
    """In order of cost, at least one."""
    not_run: tuple[tuple[str, str], ...]
    """Rungs left out and why."""


def climb(
    prepared: Prepared,
    workspace: Workspace,
    *,
    rungs: Sequence[str],
    run_all: bool,
    seed: int,
    max_minutes: float | None,
    progress: Progress,
) -> Ascent:
    """Runs the rungs in order of cost.

    Args:
        prepared: the task and its rows.
        workspace: where runs lie.
        rungs: in order of cost.
        run_all: do not stop at the first rung that meets the target; always so for a relative target.
        seed: initialisation, shuffles and subsets.
        max_minutes: no cell starts after this long; one that has started is finished.
        progress: told of every step.

    Raises:
        TaskError: the time was over before the first rung.
    """
    task, end = prepared.task, monotonic() + 60 * (inf if max_minutes is None else max_minutes)
    climbed: list[Climbed] = []
    not_run: list[tuple[str, str]] = []
    reached: str | None = None
    for rung in rungs:
        if monotonic() >= end:
            not_run.append((rung, f"the {max_minutes:g} minutes were over; {_cost(rung, prepared)}"))
        elif reached is not None:
            not_run.append((rung, f"{reached} meets the target on validation; {_cost(rung, prepared)}"))
        else:
            progress.say(f"rung {rung}")
            climbed.append(run_rung(rung, prepared, workspace, seed=seed, end=end, progress=progress))
            absolute = not run_all and task.target.within is None
            if absolute and _meets(climbed[-1], prepared, seed=seed):
                reached = rung
                progress.say(f"{rung} meets the target on validation: the climb stops here (--all-rungs goes on)")
    if not climbed:
        raise TaskError(
            Problem(
                where="--max-minutes",
                rule="must leave time for one rung at least",
                got=f"{max_minutes:g} minutes",
                fix="give more minutes, or leave the option out",
            )
        )
    return Ascent(climbed=tuple(climbed), not_run=tuple(not_run))


def run_rung(
    rung: str, prepared: Prepared, workspace: Workspace, *, seed: int, progress: Progress, end: float = inf
) -> Climbed:
    """Runs every cell of a rung, and lets one stand for it.

    Args:
        rung: as in `ladder`.
        prepared: the task and its rows.
        workspace: where runs lie.
        seed: initialisation, shuffles and subsets.
        progress: told of every step.
        end: of the time given, on the clock of `time.monotonic`; only the first cell starts after it.
    """
    manifests: list[RunManifest] = []
    for cell in cells_of(rung, prepared, seed=seed, progress=progress):
        if manifests and monotonic() >= end:
            progress.say(f"the minutes are over: {rung} is not run with a {cell.label_output}")
            break
        name = run_name(cell, prepared)
        manifests.append(run_cell(cell, prepared.material, name=name, out=workspace.runs / name, progress=progress))
    chosen = standing_for_rung(manifests)
    return Climbed(
        rung=rung,
        chosen=chosen,
        answered=answered(chosen, prepared.material, out=workspace.runs / chosen.name),
        alternatives=tuple(manifest for manifest in manifests if manifest is not chosen),
    )


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


def _meets(climbed: Climbed, prepared: Prepared, *, seed: int) -> bool:
    return meets_target(climbed.answered.judged, prepared.task.target, labels=prepared.labels, paired=None, seed=seed)


def _cost(rung: str, prepared: Prepared) -> str:
    minutes = estimated_minutes(rung, prepared)
    if minutes is None:
        return "its time is unknown"
    return "under a minute" if minutes < 1 else f"about {minutes:.0f} minutes"
