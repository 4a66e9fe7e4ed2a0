"""`suffice fit --plan`: what a fit would run and could prove; nothing is trained, fetched or opened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from suffice.diagnose.next_cells import asked_for, may_follow, next_cells
from suffice.errors import SufficeError
from suffice.pipeline.cells.estimate import estimated_minutes
from suffice.pipeline.cells.memory import plan_memory
from suffice.pipeline.cells.names import cells_without_fetching, wanted_cells
from suffice.pipeline.cells.rows import judged_rows, training_rows
from suffice.pipeline.cells.run import is_finished
from suffice.pipeline.cells.rung_names import one_seed
from suffice.pipeline.fit import FitOptions, budget_of, must_have_time, must_know_labels, rungs_of, target_in_words
from suffice.pipeline.grid.confirm import proposed_before
from suffice.pipeline.grid.looked import looked_at
from suffice.pipeline.grid.measured import Looked, facts_of, grid_of
from suffice.pipeline.labels.decided import DECISIONS
from suffice.pipeline.rows.prepare import Material, Prepared, read_sound, with_knowledge
from suffice.pipeline.rows.provable import provable
from suffice.pipeline.rows.workspace import Workspace, finished_runs
from suffice.records.fit_plan import Basis, FitPlan, PlannedCell, PlannedMemory, When
from suffice.records.grid import Grid, RungFacts
from suffice.records.next_cells import Budget, Wanted
from suffice.records.progress import Progress
from suffice.records.run import Cell, RunManifest
from suffice.records.task import Task
from suffice.rungs.ladder import endpoint_of
from suffice.rungs.out_of_fold import N_FOLDS, N_REPEATS


def plan_fit(task: Task, options: FitOptions, *, folder: Path, out: Path, progress: Progress) -> FitPlan:
    """Reads and divides the rows, and says what would be run on them.

    Args:
        task: the task, overrides applied.
        options: what the command line adds.
        folder: the task file's folder, which its paths are relative to.
        out: where the data version is written, and finished runs are looked for.
        progress: told of every step.

    Raises:
        SufficeError: whatever a fit would be refused for before it runs anything.
    """
    workspace = Workspace(out=out)
    rungs, budget = rungs_of(task, options), budget_of(options)
    with workspace.held():
        must_have_time(rungs, workspace, budget)
        prepared = read_sound(task, workspace, folder=folder, progress=progress)
        must_know_labels(task.target, prepared)
        if workspace.knowledge.is_dir():  # What is read is a part of runs: without it none is known as finished.
            prepared = with_knowledge(prepared, workspace, folder=folder, progress=progress)
        looked = looked_at(prepared, folder / DECISIONS)
        planner = _Planner(prepared, workspace, rungs=rungs, budget=budget, looked=looked)
        cells = tuple(_one_after_the_other(planner.cells(), seconds=budget.seconds))
        memory = plan_memory(rungs, prepared, seed=options.seed)
    to_run = [one for one in cells if one.run is None]
    return FitPlan(
        task=task.name,
        target=target_in_words(task.target),
        n_train=planner.grid.n_train,
        n_validation=planner.grid.n_validation,
        n_calibration=prepared.summary.split_counts["calibration"],
        n_test=len(prepared.test),
        cells=cells,
        first_seconds=sum(one.seconds or 0.0 for one in to_run if one.when == "first"),
        most_seconds=sum(one.seconds or 0.0 for one in to_run),
        max_minutes=options.max_minutes,
        memory=tuple(
            PlannedMemory(
                rung=one.rung,
                needed_bytes=one.needed_bytes,
                there_bytes=one.there_bytes,
                fix=None if one.problem is None else one.problem.fix,
            )
            for one in memory
        ),
        proof=provable(prepared, opening=prepared.test.next_opening(proposed_before(task, workspace))),
        notes=(*planner.notes, *one_seed(rungs, n_seeds=options.n_seeds)),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rung:
    """What is known of a rung without running it."""

    cells: tuple[Cell, ...]
    """On all rows, one for each label output."""
    seconds: float | None
    """The catalogue's, of one of them; None where nothing is known."""
    runs: tuple[RunManifest, ...]
    """Finished runs of it in the output folder, on whatever rows."""


class _Planner:
    """Cells as a climb would ask for them that has found nothing yet."""

    def __init__(
        self, prepared: Prepared, workspace: Workspace, *, rungs: Sequence[str], budget: Budget, looked: Looked
    ) -> None:
        self.prepared, self.workspace, self.budget = prepared, workspace, budget
        self.material: Material = replace(prepared.material, reviewed=looked.train_rows)
        self.runs = [run for run in finished_runs(workspace) if is_finished(run.cell, out=workspace.runs / run.name)]
        self.notes: list[str] = []
        facts = facts_of(rungs, prepared)
        self.rungs = {one.name: self._rung(one.name) for one in facts}
        self.grid: Grid = grid_of(prepared, (), rungs=facts, looked=looked, skip=budget.skip)

    def cells(self) -> Iterable[PlannedCell]:
        """Those that come first, then those that may follow."""
        first = next_cells(self.grid, self.budget).wanted
        for one in first:
            yield from self._planned(one, when="first")
        known = replace(self.grid, rungs=tuple(map(self._as_measured, self.grid.rungs)))
        for one in may_follow(known, self.budget, first=first):
            yield from self._planned(one, when="if no rung meets the target")

    def _rung(self, rung: str) -> _Rung:
        minutes = estimated_minutes(rung, self.prepared)
        try:
            cells = cells_without_fetching(rung, self.prepared, seed=self.budget.seed)
        except SufficeError as error:
            self.notes.append(str(error))
            return _Rung(cells=(), seconds=None, runs=())
        if cells[0].base is not None and cells[0].base_fingerprint is None:
            self.notes.append(f"{rung}: its base model is not on this machine; a fit fetches it before it is needed")
        runs = [run for run in self.runs if (run.cell.rung, run.cell.base) == (rung, cells[0].base)]
        return _Rung(
            cells=cells,
            seconds=None if minutes is None else 60.0 * minutes / len(cells),
            runs=tuple(run for run in runs if run.cost.train_seconds > 0.0 and run.n_train),
        )

    def _untuned(self, rung: str) -> _Rung:
        """The base of a tuned rung, of which all that is to be noted is noted there."""
        return _Rung(cells=cells_without_fetching(rung, self.prepared, seed=self.budget.seed), seconds=None, runs=())

    def _as_measured(self, facts: RungFacts) -> RungFacts:
        """With the speed of the run on the most rows."""
        most = max(self.rungs[facts.name].runs, key=lambda run: run.n_train, default=None)
        return facts if most is None else replace(facts, seconds_per_row=most.cost.train_seconds / most.n_train)

    def _planned(self, wanted: Wanted, *, when: When) -> Iterable[PlannedCell]:
        rung = self.rungs.get(wanted.rung) or self._untuned(wanted.rung)
        if not rung.cells:
            return
        seeded = [replace(cell, seed=wanted.seed, subset_seed=wanted.seed) for cell in rung.cells]
        for cell in wanted_cells(wanted, seeded, self.material):
            n = len(training_rows(cell, self.material))
            seconds, basis = self._seconds(rung, cell, wanted, n=n)
            yield PlannedCell(
                rung=cell.rung,
                what=wanted.why,
                when=when,
                n=n,
                subset_seed=cell.subset_seed,
                seed=cell.seed,
                change=cell.change,
                label_output=cell.label_output,
                seconds=seconds,
                basis=basis,
                run=next((run.name for run in self.runs if _is_of(run, cell)), None),
                in_time=True,
            )

    def _seconds(self, rung: _Rung, cell: Cell, wanted: Wanted, *, n: int) -> tuple[float | None, Basis]:
        """From the finished run on the nearest number of rows, or from the catalogue; and which of them."""
        if endpoint_of(cell.rung) is not None:
            return None, "unknown"
        if cell.asked_again:
            return (wanted.seconds, "catalogue") if wanted.seconds else (None, "unknown")
        n_fits = self._n_fits(cell)
        near = min(rung.runs, key=lambda run: abs(run.n_train - n), default=None)
        if near is not None:
            return n_fits * n * near.cost.train_seconds / near.n_train, "measured"
        if rung.seconds is None:
            return None, "unknown"
        n_whole = len(training_rows(rung.cells[0], self.material))
        return n_fits * rung.seconds * n / max(n_whole, 1), "catalogue"

    def _n_fits(self, cell: Cell) -> int:
        """Fits on so many rows: one, and those out of fold, each of which leaves one fold out."""
        _, out_of_fold = judged_rows(cell, self.material)
        return 1 + (N_FOLDS - 1) * (1 if cell.probe else N_REPEATS) if out_of_fold else 1


def _is_of(run: RunManifest, cell: Cell) -> bool:
    """Whether a run is of a cell; of a change of labels, whatever they were changed to."""
    return replace(run.cell, change=asked_for(run.cell.change)) == cell


def _one_after_the_other(cells: Iterable[PlannedCell], *, seconds: float) -> Iterable[PlannedCell]:
    """With whether each would start in time: as a climb passes over a cell that is too long for what is left."""
    for cell in cells:
        expected = 0.0 if cell.run is not None else cell.seconds or 0.0
        in_time = cell.run is not None or expected <= seconds
        if in_time:
            seconds -= expected
        yield replace(cell, in_time=in_time)
