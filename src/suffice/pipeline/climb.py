"""The climb: cells in the order in which they tell most, each run or taken up again, until none could tell more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from suffice.diagnose.choice import meets_target
from suffice.diagnose.next_cells import next_cells
from suffice.errors import EndpointError, ModelError, Problem, TaskError
from suffice.pipeline.answered import Answered, write_predictions
from suffice.pipeline.cells import cells_of, names_of_runs, run_name, wanted_cells
from suffice.pipeline.estimate import estimated_minutes
from suffice.pipeline.measured import NOTHING_LOOKED_AT, Looked, facts_of, grid_of, judged_fresh, measured_cell
from suffice.pipeline.memory import MemoryPlan, require_memory
from suffice.pipeline.pairs import inseparable_pairs
from suffice.pipeline.prepare import Material, Prepared
from suffice.pipeline.repaired import OUT_OF_FOLD, Repaired, out_of_fold, repaired_labels
from suffice.pipeline.run_cell import answered, is_finished, run_cell
from suffice.pipeline.workspace import Workspace
from suffice.records.diagnosis import Ran
from suffice.records.grid import Grid, Measured, RungFacts
from suffice.records.next_cells import Budget, Skipped, Wanted
from suffice.records.progress import Progress
from suffice.records.run import REVIEWED_AS_DECIDED, REVIEWED_AS_GIVEN, TRAIN_LABELS, Cell, RunManifest
from suffice.store.strict_json import digest

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
    """Rungs that were run on all rows, in order of cost, at least one."""
    not_run: tuple[tuple[str, str], ...]
    """Rungs left out and why."""
    skipped: tuple[Skipped, ...]
    """Cells left out and why."""
    grid: Grid
    """Every finished cell, as the verdict reads it."""
    ran: tuple[Ran, ...]
    """Every cell, for the receipt."""


def climb(
    prepared: Prepared,
    workspace: Workspace,
    *,
    rungs: Sequence[str],
    budget: Budget,
    looked: Looked = NOTHING_LOOKED_AT,
    progress: Progress,
) -> Ascent:
    """Runs cells until none is worth its time.

    Args:
        prepared: the task and its rows.
        workspace: where runs lie.
        rungs: in order of cost.
        budget: minutes and seeds; no cell starts after the minutes, one that has started is finished, and a finished
            one counts.
        looked: what people found about labels.
        progress: told of every step.

    Raises:
        TaskError: the time was over before the first rung.
        ModelError: the base model of the only rung cannot be found.
        EndpointError: an endpoint did not answer everything, and there is no other rung.
    """
    climber = _Climber(prepared, workspace, rungs=rungs, budget=budget, looked=looked, progress=progress)
    climber.run()
    return climber.ascent()


class _Climber:
    """The cells that were run, and what is to be run next."""

    def __init__(
        self,
        prepared: Prepared,
        workspace: Workspace,
        *,
        rungs: Sequence[str],
        budget: Budget,
        looked: Looked,
        progress: Progress,
    ) -> None:
        self.prepared, self.workspace, self.rungs = prepared, workspace, tuple(rungs)
        self.budget, self.looked, self.progress = budget, looked, progress
        self.end = monotonic() + budget.seconds
        self.facts: tuple[RungFacts, ...] = facts_of(self.rungs, prepared)
        self.climbed: dict[str, Climbed] = {}
        self.cells: list[Measured] = []
        self.ran: list[Ran] = []
        self.missing: dict[str, str] = {}
        self.incomplete: EndpointError | None = None
        self.repaired: dict[str, Repaired] = {}
        self.skipped: tuple[Skipped, ...] = ()

    @property
    def grid(self) -> Grid:
        n_flagged = max((one.n_changed for one in self.repaired.values()), default=0)
        whole = [one.answered for one in self.climbed.values()]
        return grid_of(
            self.prepared,
            self.cells,
            rungs=self.facts,
            looked=self.looked,
            pairs=inseparable_pairs(whole, self.repaired, self.prepared.material.y),
            n_flagged=n_flagged,
        )

    def run(self) -> None:
        while True:
            following = next_cells(self.grid, self.budget)
            self.skipped = following.skipped
            wanted = next((one for one in following.wanted if self._is_in_time(one)), None)
            if wanted is None:
                over = (Skipped(rung=one.rung, what=one.why, why="the minutes were over") for one in following.wanted)
                self.skipped += tuple(over)
                return
            try:
                self._run(wanted)
            except ModelError as error:
                self._go_without(wanted.rung, error)
            except EndpointError as error:
                self._leave_incomplete(wanted.rung, error)

    def _is_in_time(self, wanted: Wanted) -> bool:
        """Whether a cell may start; one that was finished before takes no time."""
        if wanted.seconds <= self.end - monotonic():
            return True
        if not was_run(wanted.rung, self.workspace):
            return False  # Without a look for its base model, which may have to be fetched.
        cells = self._cells(wanted)
        return all(
            is_finished(cell, out=self.workspace.runs / run_name(cell, self.prepared, material=self._material(cell)))
            for cell in cells
        )

    def ascent(self) -> Ascent:
        climbed = tuple(self.climbed[rung] for rung in self.rungs if rung in self.climbed)
        if not climbed and self.incomplete is not None:
            raise self.incomplete
        if not climbed:
            raise TaskError(self._nothing_climbed())
        return Ascent(
            climbed=climbed,
            not_run=tuple((rung, self._why_not(rung)) for rung in self.rungs if rung not in self.climbed),
            skipped=self.skipped,
            grid=self.grid,
            ran=tuple(self.ran),
        )

    def _run(self, wanted: Wanted) -> None:
        if wanted.n is None and wanted.change is None:
            found = run_rung(
                wanted.rung, self.prepared, self.workspace, seed=wanted.seed, end=self.end, progress=self.progress
            )
            self._add(found.answered, wanted)
            if wanted.rung not in self.climbed:  # The first seed ships, never the best of seeds.
                self.climbed[wanted.rung] = found
                self._tell_where_it_stands(found)
            return
        if not was_run(wanted.rung, self.workspace):
            require_memory([wanted.rung], self.prepared, seed=self.budget.seed)  # Before its base model is fetched.
        (cell,) = self._cells(wanted)
        name = run_name(cell, self.prepared, material=self._material(cell))
        self.progress.say(f"{name}: {wanted.why}")
        manifest = run_cell(
            cell,
            self._material(cell),
            name=name,
            out=self.workspace.runs / name,
            report_to=self.prepared.task.report_to,
            progress=self.progress,
        )
        self._add(answered(manifest, self.prepared.material, out=self.workspace.runs / name), wanted)

    def _tell_where_it_stands(self, found: Climbed) -> None:
        target, rung = self.prepared.task.target, found.rung
        if target.within is None and meets_target(
            judged_fresh(found.answered, self.prepared.material),
            target,
            labels=self.prepared.labels,
            paired=None,
            seed=self.budget.seed,
        ):
            further = "" if self.budget.run_all else ": the climb stops here (--all-rungs goes on)"
            self.progress.say(f"{rung} meets the target on validation{further}")

    def _add(self, found: Answered, wanted: Wanted) -> None:
        self.cells.append(measured_cell(found, self.prepared))
        self.ran.append(Ran(run=found.manifest.name, why=wanted.why, seconds=found.manifest.cost.train_seconds))

    def _cells(self, wanted: Wanted) -> tuple[Cell, ...]:
        cells = cells_of(wanted.rung, self.prepared, seed=wanted.seed, progress=self.progress)
        stands_on = self._stands_on(wanted.change, whole=replace(cells[0], seed=self.budget.seed))
        return wanted_cells(replace(wanted, change=stands_on), cells, self.prepared.material)

    def _stands_on(self, change: str | None, *, whole: Cell) -> str | None:
        """A change of labels with the hash of the labels that it stands on."""
        if change is None:
            return None
        if TRAIN_LABELS in change:
            return change.replace(TRAIN_LABELS, f"{TRAIN_LABELS}-{self._repaired(whole).sha256[:4]}")
        if change in {REVIEWED_AS_GIVEN, REVIEWED_AS_DECIDED}:
            return f"{change}-{digest(self._decided().tolist())[:4]}"
        return change

    def _repaired(self, whole: Cell) -> Repaired:
        if whole.rung not in self.repaired:
            said = out_of_fold(whole, self.prepared.material, progress=self.progress)
            write_predictions(self.workspace.runs / run_name(whole, self.prepared) / OUT_OF_FOLD, said)
            self.repaired[whole.rung] = repaired_labels(said, self.prepared.material)
        return self.repaired[whole.rung]

    def _material(self, cell: Cell) -> Material:
        if cell.reviewed_rows_alone:
            return replace(self.prepared.material, repaired=self._decided(), reviewed=self.looked.train_rows)
        if not cell.change_of_labels:
            return self.prepared.material
        return replace(self.prepared.material, repaired=self.repaired[cell.rung].y)

    def _decided(self) -> NDArray[np.int64]:
        """Label codes of all rows, those that a person has looked at as the person has them, shape [N]."""
        assert self.looked.train_rows is not None, "asked for where rows were looked at"
        assert self.looked.train_y is not None, "asked for where rows were looked at"
        found = self.prepared.material.y.copy()
        found[self.looked.train_rows] = self.looked.train_y
        return found

    def _go_without(self, rung: str, error: ModelError) -> None:
        """A base model that cannot be had ends the climb only where the person asked for that rung."""
        if self.budget.run_all or len(self.rungs) == 1:
            raise error
        self.progress.say(str(error))
        got = " ".join(error.problems[0].got.split())
        self._drop(rung, f"its base model cannot be used here: {got}")

    def _leave_incomplete(self, rung: str, error: EndpointError) -> None:
        """An endpoint that did not answer everything is marked so, and the other rungs go on."""
        self.progress.say(str(error))
        self._drop(rung, f"incomplete: {error.problems[0].got}; to go on: {error.problems[0].fix}")
        self.incomplete = error

    def _drop(self, rung: str, why: str) -> None:
        self.missing[rung] = why
        self.facts = tuple(facts for facts in self.facts if facts.name != rung)

    def _why_not(self, rung: str) -> str:
        why = self.missing.get(rung)
        if why is not None:
            return why
        told = next((one.why for one in self.skipped if one.rung == rung), "the minutes were over")
        return f"{told}; {_cost(rung, self.prepared)}"

    def _nothing_climbed(self) -> Problem:
        if self.budget.seconds == inf:
            rule, got = "a rung at least must be run", "no base model that could be found"
            return Problem(where="ladder", rule=rule, got=got, fix="add a rung that needs none, such as tfidf")
        rule, fix = "must leave time for one rung at least", "give more minutes, or leave the option out"
        return Problem(where="--max-minutes", rule=rule, got=f"{self.budget.seconds / 60:g} minutes", fix=fix)


def run_rung(
    rung: str, prepared: Prepared, workspace: Workspace, *, seed: int, progress: Progress, end: float = inf
) -> Climbed:
    """Runs every cell of a rung on all rows that is not finished yet, and lets one stand for it.

    Args:
        rung: as in `ladder`.
        prepared: the task and its rows.
        workspace: where runs lie.
        seed: initialisation and shuffles.
        progress: told of every step.
        end: of the time given, on the clock of `time.monotonic`; after it no cell starts but the first.
    """
    progress.say(f"rung {rung}")
    if not was_run(rung, workspace):
        require_memory([rung], prepared, seed=seed)  # Before its base model is fetched, from what is known of it.
    manifests: list[RunManifest] = []
    plan: MemoryPlan | None = None
    for cell in cells_of(rung, prepared, seed=seed, progress=progress):
        name = run_name(cell, prepared)
        out = workspace.runs / name
        if manifests and monotonic() >= end and not is_finished(cell, out=out):
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


def _cost(rung: str, prepared: Prepared) -> str:
    minutes = estimated_minutes(rung, prepared)
    if minutes is None:
        return "its time is unknown"
    return "under a minute" if minutes < 1 else f"about {minutes:.0f} minutes"
