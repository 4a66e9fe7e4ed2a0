"""The climb: cells in the order in which they tell most, each run or taken up again, until none could tell more."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import inf
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from suffice.diagnose.choice import meets_target
from suffice.diagnose.gap import NEXT_RUNG
from suffice.diagnose.next_cells import next_cells
from suffice.diagnose.so_far import so_far
from suffice.errors import EndpointError, ModelError, Problem, SufficeError, TaskError
from suffice.pipeline.cells.answered import Answered, write_predictions
from suffice.pipeline.cells.answers_again import require_left_for_test
from suffice.pipeline.cells.estimate import estimated_minutes
from suffice.pipeline.cells.executors import IN_PROCESS, Executor, Job
from suffice.pipeline.cells.finished import answered
from suffice.pipeline.cells.memory import require_memory
from suffice.pipeline.cells.names import cells_of, run_name, wanted_cells
from suffice.pipeline.cells.repaired import OUT_OF_FOLD, Repaired, out_of_fold, repaired_labels
from suffice.pipeline.cells.rows import TUNE_ASKED, judged_rows
from suffice.pipeline.cells.run import is_finished
from suffice.pipeline.cells.whole_rung import Climbed, start_rung, was_run
from suffice.pipeline.grid.measured import (
    NOTHING_LOOKED_AT,
    Looked,
    facts_of,
    grid_of,
    judged_fresh,
    measured_cell,
    next_above,
)
from suffice.pipeline.grid.pairs import inseparable_pairs
from suffice.pipeline.rows.prepare import Material, Prepared
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.diagnosis import Ran
from suffice.records.grid import Grid, Measured, RungFacts
from suffice.records.next_cells import Budget, Skipped, Wanted
from suffice.records.progress import Progress
from suffice.records.run import (
    CURRICULUM,
    FORM,
    PROMPT,
    RETRIEVAL,
    REVIEWED_AS_DECIDED,
    REVIEWED_AS_GIVEN,
    SENSITIVITY,
    SHOTS,
    TRAIN_LABELS,
    Cell,
    is_asking,
)
from suffice.rungs.ladder import describe
from suffice.store.strict_json import digest

LONG_SECONDS = 20.0
"""A cell that took longer than this is followed by where the verdict stands."""


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
    executor: Executor = IN_PROCESS,
    progress: Progress,
) -> Ascent:
    """Runs cells until none is worth its time.

    Args:
        prepared: the task and its rows.
        workspace: where runs lie.
        rungs: in order of cost.
        budget: minutes and seeds; no cell starts after the minutes, one that has started is finished, and a finished
            one counts, also with the minutes that it took.
        looked: what people found about labels.
        executor: where cells are run.
        progress: told of every step.

    Raises:
        TaskError: the time was over before the first rung.
        ModelError: the base model of the only rung cannot be found.
        EndpointError: an endpoint did not answer everything, and there is no other rung.
    """
    climber = _Climber(
        prepared, workspace, rungs=rungs, budget=budget, looked=looked, executor=executor, progress=progress
    )
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
        executor: Executor,
        progress: Progress,
    ) -> None:
        self.prepared, self.workspace, self.rungs = prepared, workspace, tuple(rungs)
        self.budget, self.looked, self.executor, self.progress = budget, looked, executor, progress
        self.end = monotonic() + budget.seconds
        self.facts: tuple[RungFacts, ...] = facts_of(self.rungs, prepared)
        self.beyond = self._not_looked_at()
        self.climbed: dict[str, Climbed] = {}
        self.cells: list[Measured] = []
        self.ran: list[Ran] = []
        self.missing: dict[str, str] = {}
        self.incomplete: EndpointError | None = None
        self.repaired: dict[str, Repaired] = {}
        self.skipped: tuple[Skipped, ...] = ()
        self.cannot: list[Skipped] = []

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
            skip=self.budget.skip,
        )

    def run(self) -> None:
        while True:
            following = next_cells(self.grid, self.budget)
            self.skipped = (*following.skipped, *self.cannot, *self.beyond)
            wanted = self._at_once(following.wanted)
            if not wanted:
                over = (Skipped(rung=one.rung, what=one.why, why="the minutes were over") for one in following.wanted)
                self.skipped += tuple(over)
                return
            started, began = [], monotonic()
            for one in wanted:
                with self._left_out_if_it_cannot_be_run(one):
                    started.append((one, self._start(one)))
            n_before = len(self.ran)
            for one, end in started:
                with self._left_out_if_it_cannot_be_run(one):
                    end()
            self._count_as_spent(self.ran[n_before:], seconds=monotonic() - began)

    def _count_as_spent(self, ran: Sequence[Ran], *, seconds: float) -> None:
        """Cells that were finished before count with what they took then: a fit that was cut off, or that is run again,
        has no more time than one that was not.
        """
        self.end -= max(0.0, max((one.seconds for one in ran), default=0.0) - seconds)

    def _at_once(self, wanted: Sequence[Wanted]) -> list[Wanted]:
        """What to start now: the first cell that is in time, and beside one that is sure further sure ones."""
        found: list[Wanted] = []
        for one in wanted:
            if len(found) == self.executor.n_at_once or (found and not (one.is_sure and found[0].is_sure)):
                break
            if self._is_in_time(one):
                found.append(one)
        return found

    @contextmanager
    def _left_out_if_it_cannot_be_run(self, wanted: Wanted) -> Iterator[None]:
        try:
            yield
        except (ModelError, TaskError) as error:
            if (wanted.change or "").startswith((CURRICULUM, FORM, PROMPT, RETRIEVAL, SENSITIVITY, SHOTS)):
                self._leave_out(wanted, error)
            elif isinstance(error, ModelError):
                self._go_without(wanted.rung, error)
            else:
                raise
        except EndpointError as error:
            if is_asking(wanted.change):  # It has answered as it is.
                self._leave_out(wanted, error)
            else:
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

    def _not_looked_at(self) -> tuple[Skipped, ...]:
        """The next rung above the ladder, where a look at it takes more than seconds: a person has to ask for it."""
        above = next_above(self.rungs, kind=self.prepared.task.kind)
        if above is None or NEXT_RUNG in self.budget.skip or not all(one.in_ladder for one in self.facts):
            return ()
        why = "it is dear, or its base model is not here: name it in --rungs"
        return (Skipped(rung=above, what="the next rung above the ladder", why=why),)

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

    def _start(self, wanted: Wanted) -> Callable[[], None]:
        """Starts a cell; what is returned waits for it and adds it to the grid."""
        if wanted.n is None and wanted.change is None:
            finish = start_rung(
                *(wanted.rung, self.prepared, self.workspace),
                seed=wanted.seed,
                end=self.end,
                executor=self.executor,
                progress=self.progress,
            )
            return lambda: self._add_rung(finish(), wanted)
        if not was_run(wanted.rung, self.workspace):
            require_memory([wanted.rung], self.prepared, seed=self.budget.seed)  # Before its base model is fetched.
        (cell,) = self._cells(wanted)
        material = self._material(cell)
        name = run_name(cell, self.prepared, material=material)
        self.progress.say(f"{name}: {wanted.why}")
        out = self.workspace.runs / name
        if cell.asked_again and cell.hosted is not None and not is_finished(cell, out=out):
            self._require_left_for_test(cell, material)
        tuned = cell.asked_again and describe(cell.rung).trains
        job = Job(
            cell=cell,
            material=material,
            name=name,
            out=out,
            report_to=self.prepared.task.report_to,
            fitted=self.workspace.runs / self.climbed[cell.rung].chosen.name / "fitted" if tuned else None,
        )
        try:
            end = self.executor.start(job, progress=self.progress)
        except SufficeError:
            if cell.asked_again:
                shutil.rmtree(out, ignore_errors=True)  # Nothing of it would ever be taken up again.
            raise
        return lambda: self._add_cell(answered(end(), self.prepared.material, out=out), wanted)

    def _require_left_for_test(self, cell: Cell, material: Material) -> None:
        as_it_is, what = self.climbed[cell.rung].chosen, (cell.change or "").partition(":")[0]
        n_asked = len(judged_rows(cell, material)[0]) + (TUNE_ASKED if what == PROMPT else 0)
        skip = PROMPT if what == SHOTS else what
        folder, n_test = self.workspace.runs / as_it_is.name, len(self.prepared.test)
        require_left_for_test(folder, as_it_is, n_asked=n_asked, n_test=n_test, skip=skip)

    def _add_rung(self, found: Climbed, wanted: Wanted) -> None:
        self._add(found.answered, wanted)
        if wanted.rung not in self.climbed:  # The first seed ships, never the best of seeds.
            self.climbed[wanted.rung] = found
            self._tell_where_it_stands(found)

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
        elif rung != "majority":
            self._tell_so_far()

    def _add_cell(self, found: Answered, wanted: Wanted) -> None:
        self._add(found, wanted)
        if found.manifest.cost.train_seconds > LONG_SECONDS:
            self._tell_so_far()

    def _tell_so_far(self) -> None:
        stands = so_far(self.grid, seed=self.budget.seed)
        if stands is not None:
            self.progress.say(stands)

    def _add(self, found: Answered, wanted: Wanted) -> None:
        self.cells.append(measured_cell(found, self.prepared))
        self.ran.append(Ran(run=found.manifest.name, why=wanted.why, seconds=found.manifest.cost.train_seconds))

    def _cells(self, wanted: Wanted) -> tuple[Cell, ...]:
        cells = cells_of(wanted.rung, self.prepared, seed=wanted.seed, progress=self.progress)
        if is_asking(wanted.change) and wanted.rung in self.climbed:
            cells = (self.climbed[wanted.rung].chosen.cell,)  # Asked is the one that stands for the rung.
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

    def _leave_out(self, wanted: Wanted, error: SufficeError) -> None:
        """A change that cannot be made here is left out, and what else stands on it; the rung stays."""
        self.progress.say(str(error))
        change = wanted.change or ""
        got = " ".join(error.problems[0].got.split())
        self.cannot.append(Skipped(rung=wanted.rung, what=change, why=f"it cannot be done here: {got}"))
        if change.startswith(CURRICULUM):
            self.facts = tuple(replace(f, orders=()) if f.name == wanted.rung else f for f in self.facts)
            return
        if change.startswith(RETRIEVAL):
            self.facts = tuple(replace(f, readings=()) if f.name == wanted.rung else f for f in self.facts)
            return
        if change.startswith(SENSITIVITY):
            self.facts = tuple(replace(f, sensitivities=()) if f.name == wanted.rung else f for f in self.facts)
            return
        # Where one wording cannot be asked, the others cannot.
        lost = change if change.startswith((FORM, SHOTS)) else ""
        self.facts = tuple(
            replace(
                facts,
                askings=tuple(
                    one for one in facts.askings if one.rung != wanted.rung or not one.change.startswith(lost)
                ),
            )
            for facts in self.facts
        )

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
        return no_time(self.budget)


def no_time(budget: Budget) -> Problem:
    """The minutes do for no rung.

    Args:
        budget: what there is to spend, not without an end.
    """
    rule, fix = "must leave time for one rung at least", "give more minutes, or leave the option out"
    return Problem(where="--max-minutes", rule=rule, got=f"{budget.seconds / 60:g} minutes", fix=fix)


def _cost(rung: str, prepared: Prepared) -> str:
    minutes = estimated_minutes(rung, prepared)
    if minutes is None:
        return "its time is unknown"
    return "under a minute" if minutes < 1 else f"about {minutes:.0f} minutes"
