"""The climb: rungs in order of cost, each run or taken up again, until one meets the target on validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from time import monotonic

from suffice.diagnose.choice import meets_target
from suffice.errors import ModelError, Problem, TaskError
from suffice.pipeline.answered import Answered
from suffice.pipeline.cells import cells_of, names_of_runs, run_name
from suffice.pipeline.estimate import estimated_minutes
from suffice.pipeline.memory import MemoryPlan, require_memory
from suffice.pipeline.prepare import Prepared
from suffice.pipeline.run_cell import answered, is_finished, run_cell
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
        max_minutes: no cell starts after this long; one that has started is finished, and a finished one counts.
        progress: told of every step.

    Raises:
        TaskError: the time was over before the first rung.
        ModelError: the base model of the only rung cannot be found.
    """
    end = monotonic() + 60 * (inf if max_minutes is None else max_minutes)
    climbed: list[Climbed] = []
    not_run: list[tuple[str, str]] = []
    reached: str | None = None
    for rung in rungs:
        if reached is not None:
            not_run.append((rung, f"{reached} meets the target on validation; {_cost(rung, prepared)}"))
            continue
        try:
            found = run_rung(rung, prepared, workspace, seed=seed, end=end, progress=progress)
        except ModelError as error:
            if run_all or len(rungs) == 1:
                raise
            progress.say(str(error))
            not_run.append((rung, f"its base model cannot be used here: {' '.join(error.problems[0].got.split())}"))
            continue
        if found is None:
            not_run.append((rung, f"the {max_minutes:g} minutes were over; {_cost(rung, prepared)}"))
            continue
        climbed.append(found)
        absolute = not run_all and prepared.task.target.within is None
        if absolute and _meets(found, prepared, seed=seed):
            reached = rung
            progress.say(f"{rung} meets the target on validation: the climb stops here (--all-rungs goes on)")
    if not climbed:
        raise TaskError(_nothing_climbed(max_minutes))
    return Ascent(climbed=tuple(climbed), not_run=tuple(not_run))


def _nothing_climbed(max_minutes: float | None) -> Problem:
    if max_minutes is None:
        rule, got = "a rung at least must be run", "no base model that could be found"
        return Problem(where="ladder", rule=rule, got=got, fix="add a rung that needs none, such as tfidf")
    rule, fix = "must leave time for one rung at least", "give more minutes, or leave the option out"
    return Problem(where="--max-minutes", rule=rule, got=f"{max_minutes:g} minutes", fix=fix)


def run_rung(
    rung: str, prepared: Prepared, workspace: Workspace, *, seed: int, progress: Progress, end: float = inf
) -> Climbed | None:
    """Runs every cell of a rung that is not finished yet, and lets one stand for it.

    Args:
        rung: as in `ladder`.
        prepared: the task and its rows.
        workspace: where runs lie.
        seed: initialisation, shuffles and subsets.
        progress: told of every step.
        end: of the time given, on the clock of `time.monotonic`; no cell starts after it.

    Returns:
        None where the time was over before its first cell.
    """
    if monotonic() >= end and not was_run(rung, workspace):
        return None  # Without a look for its base model, which may have to be fetched.
    progress.say(f"rung {rung}")
    if not was_run(rung, workspace):
        require_memory([rung], prepared, seed=seed)  # Before its base model is fetched, from what is known of it.
    manifests: list[RunManifest] = []
    plan: MemoryPlan | None = None
    for cell in cells_of(rung, prepared, seed=seed, progress=progress):
        name = run_name(cell, prepared)
        out = workspace.runs / name
        if monotonic() >= end and not is_finished(cell, out=out):
            progress.say(f"the minutes are over: {name} is not started")
            continue
        if plan is None and not is_finished(cell, out=out):
            plan = next(iter(require_memory([rung], prepared, seed=seed)), None)
            if plan is not None:
                progress.say(str(plan))
        manifests.append(
            run_cell(
                cell,
                prepared.material,
                name=name,
                out=out,
                report_to=prepared.task.report_to,
                progress=progress,
                planned_memory_bytes=None if plan is None else plan.needed_bytes,
            )
        )
    if not manifests:
        return None
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


def _meets(climbed: Climbed, prepared: Prepared, *, seed: int) -> bool:
    return meets_target(climbed.answered.judged, prepared.task.target, labels=prepared.labels, paired=None, seed=seed)


def _cost(rung: str, prepared: Prepared) -> str:
    minutes = estimated_minutes(rung, prepared)
    if minutes is None:
        return "its time is unknown"
    return "under a minute" if minutes < 1 else f"about {minutes:.0f} minutes"
