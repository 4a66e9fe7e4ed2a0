"""Which cells tell most for their time: cheap rungs whole, small sizes of dear ones, then what may be in the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from suffice.diagnose.choice import meets_target
from suffice.diagnose.compared import compared
from suffice.diagnose.draws import Draws
from suffice.diagnose.gap import NEXT_RUNG
from suffice.diagnose.goals import judged_of
from suffice.diagnose.interventions import AS_IT_IS
from suffice.diagnose.outcomes import TRAINING, Outcomes
from suffice.diagnose.plans import ENOUGH
from suffice.records.grid import Asking, Grid, Measured, RungFacts
from suffice.records.next_cells import Budget, NextCells, Skipped, Wanted
from suffice.records.run import (
    CURRICULUM,
    FORM,
    PROMPT,
    RETRIEVAL,
    REVIEWED_AS_DECIDED,
    REVIEWED_AS_GIVEN,
    SENSITIVITY,
    TRAIN_LABELS,
    TRAIN_TRACES,
)
from suffice.rungs.ladder import HOSTED

MIN_ROWS, MIN_ROWS_PER_LABEL = 40, 1
"""The smallest subset: below it a curve tells of the labels that it lacks."""
PARTS_OF_CHEAP = (2, 4, 8, 16, 32)
"""Subsets of cheap rungs: a half, a quarter, and so on."""
PARTS_OF_DEAR = (8, 4)
"""Subsets of networks, before they are run on all rows."""
PARTS_OF_REPAIRED = (2, 4)
"""Subsets of a cheap rung that another setting has repaired."""
N_SUBSETS = 3
"""Subset seeds of a cheap rung at each size."""
QUICK_SECONDS = 20.0
"""A rung that takes no longer than this on all rows is run on all of them at once, and on several subsets of a size."""
MAY_REACH = 0.05
"""Least chance of reaching the target on all rows for which a network is run on all of them."""
INTERVENTIONS_AT = 4
"""Interventions on networks run on this part of the rows."""
FEWEST_WRONG_TRACES, MOST_WRONG_TRACES = 0.02, 0.75
"""Shares of the training rows: one wrong trace in fifty is hardly learned, and beyond the other too few rows are left
to tell what the wrong ones cost. Set by hand."""
MIN_REVIEWED = 100
"""Reviewed training rows from which a rung can learn enough to tell what their wrong labels cost."""
N_DRAWS = 300
"""Enough to tell one chance in twenty."""


def next_cells(grid: Grid, budget: Budget) -> NextCells:
    """What to run next.

    Args:
        grid: what was run.
        budget: what there is to spend.
    """
    asked = list(_Asked(grid, budget).all())
    return NextCells(
        wanted=tuple({_key(one): one for one in asked if isinstance(one, Wanted)}.values()),
        skipped=(
            *(one for one in asked if isinstance(one, Skipped)),
            *(Skipped(rung="every rung", what=name, why=f"left out by --skip {name}") for name in sorted(budget.skip)),
        ),
    )


def may_follow(grid: Grid, budget: Budget, *, first: Sequence[Wanted]) -> tuple[Wanted, ...]:
    """Every cell that may come to be wanted where no rung meets the target; what is found spares some of them.

    Args:
        grid: what was run.
        budget: what there is to spend.
        first: cells that are wanted now.
    """
    known = {_key(one) for one in first}
    found = {_key(one): one for one in _Asked(grid, budget).later() if _key(one) not in known}
    return tuple(found.values())


def _key(one: Wanted) -> tuple[str, int | None, int, int, str | None]:
    return one.rung, one.n, one.subset_seed, one.seed, one.change


class _Asked:
    """The questions in their order; each comes up once what it stands on has been run."""

    def __init__(self, grid: Grid, budget: Budget) -> None:
        self.grid, self.budget = grid, budget
        self.outcomes = Outcomes(draws=Draws(grid=grid, seed=budget.seed, n_draws=N_DRAWS))
        self.ladder = [facts for facts in grid.rungs if facts.in_ladder]

    def all(self) -> Iterator[Wanted | Skipped]:
        """Whole cells of cheap rungs, then of dear ones as far as they may matter, then curves, then interventions."""
        yield from self._climb()
        if any(self._missing(facts) for facts in self.ladder if facts.cheap):
            return  # What follows depends on where the cheap rungs stand.
        if not self._is_reached():  # Otherwise nothing is in the way, and no cell could change that.
            yield from self._curves()
            if self.grid.target.at_least is not None:  # Plans and gaps, which read them, are those of such a target.
                yield from self._interventions()
            yield from self._beyond()

    def later(self) -> Iterator[Wanted]:
        """All that could come of those questions, whatever the answers."""
        trained = [facts for facts in self.ladder if facts.name != "majority" and facts.trains]
        for facts in self.ladder:
            if self._is_foretold(facts):
                yield from self._looks(facts)
            yield from self._seeds(facts)
        for facts in trained:
            yield from self._curve(facts)
        for facts in trained:
            changes = self._changes(facts)
            sweep = [change for change in changes if change.startswith(TRAINING)]
            both = [f"{TRAIN_LABELS}+{change}" for change in sweep if TRAIN_LABELS in changes]
            for change in (*changes, *both):
                yield self._intervention(facts, change)
            for change in sweep:
                yield from self._repaired_curve(facts, change)
            if sweep and not facts.cheap:
                yield self._whole_with(facts, sweep[0])  # Or with another one: the best of them.
            if TRAIN_TRACES in changes:
                yield self._whole_with(facts, TRAIN_TRACES)
        for facts in self.ladder:
            if PROMPT not in self.budget.skip:
                yield from (self._asking(one) for one in facts.askings)
            if RETRIEVAL not in self.budget.skip:
                yield from (self._asking(one) for one in facts.readings)
            if SENSITIVITY not in self.budget.skip:
                yield from (self._asking(one) for one in facts.sensitivities)
        yield from self._beyond()

    def _climb(self) -> Iterator[Wanted | Skipped]:
        reached = None
        for facts in self.ladder:
            if reached is not None and not self.budget.run_all:
                if self.grid.whole(facts.name) is None:
                    yield Skipped(rung=facts.name, what="every size", why=f"{reached} meets the target on validation")
                continue
            if self.grid.whole(facts.name) is None:
                yield from self._up(facts)
                continue
            yield from self._seeds(facts)
            if self._reaches(facts.name):
                reached = facts.name

    def _up(self, facts: RungFacts) -> Iterator[Wanted | Skipped]:
        """A rung on all rows, after a look at it on few where that saves time."""
        if self._is_foretold(facts):
            first = next(self._looks(facts), None)
            if first is not None:
                yield first
                return
            if not self._may_matter(facts.name):
                why = f"foretold at {self._foretold(facts.name):.3f} on all rows, it would not change the verdict"
                yield Skipped(rung=facts.name, what="all rows", why=why)
                return
        yield from self._seeds(facts)

    def _is_foretold(self, facts: RungFacts) -> bool:
        """Whether a rung is looked at on few rows before it is run on all of them."""
        seconds = facts.seconds_per_row * self.grid.n_train
        return facts.trains and not facts.cheap and seconds > QUICK_SECONDS and not self.budget.run_all

    def _looks(self, facts: RungFacts) -> Iterator[Wanted]:
        for n in sorted(n for n in self._sizes(PARTS_OF_DEAR) if not self._has(facts.name, n)):
            yield self._wanted(facts, n, why="to foretell the whole")

    def _seeds(self, facts: RungFacts) -> Iterator[Wanted]:
        """A rung on all rows: a network under each seed, of which the first one ships."""
        known = {cell.seed for cell in self.grid.of(facts.name) if cell.whole}
        first, n_seeds = self.budget.seed, self.budget.n_seeds if facts.trains and not facts.cheap else 1
        for seed in range(first, first + n_seeds):
            if seed not in known:
                why = "the rung on all rows" if seed == first else "the rung on all rows under another seed"
                is_sure = seed != first or self.budget.run_all or self.grid.target.at_least is None
                yield self._wanted(facts, None, why=why, seed=seed, is_sure=is_sure)

    def _curves(self) -> Iterator[Wanted]:
        for facts in self.ladder:
            if self._is_shown(facts):
                yield from self._curve(facts)

    def _curve(self, facts: RungFacts) -> Iterator[Wanted]:
        seconds = facts.seconds_per_row * self.grid.n_train
        parts = PARTS_OF_CHEAP if facts.cheap else PARTS_OF_DEAR
        for part, n in zip(parts, self._sizes(parts), strict=False):
            n_subsets = N_SUBSETS if facts.cheap and seconds / part <= QUICK_SECONDS else 1
            for subset in range(n_subsets):
                subset_seed = self.budget.seed + subset
                if not self._has(facts.name, n, subset_seed=subset_seed):
                    why = "a point of its curve"
                    yield self._wanted(facts, n, why=why, subset_seed=subset_seed, is_sure=True)

    def _interventions(self) -> Iterator[Wanted | Skipped]:
        """One thing changed at a time, on the rungs that come nearest."""
        for facts in self._nearest():
            likely = self._chance(facts.name)
            if not facts.cheap and likely >= ENOUGH:
                why = f"as it is, it reaches the target with a probability of {likely:.2f}: nothing is in its way"
                yield Skipped(rung=facts.name, what="interventions", why=why)
                continue
            for change in self._changes(facts):
                if not self._has_change(facts.name, change):
                    yield self._intervention(facts, change)
            if not facts.cheap and self._repairs_labels:
                why = "labels are repaired out of fold, in five fits more: suffice audit ranks suspect ones"
                yield Skipped(rung=facts.name, what=TRAIN_LABELS, why=why)
            if facts.n_wrong_traces and not self._learns_wrong_traces(facts) and TRAIN_TRACES not in self.budget.skip:
                why = self._why_traces_stay(facts.n_wrong_traces)
                yield Skipped(rung=facts.name, what=TRAIN_TRACES, why=why)
            best = self._best_of(facts.name, self._sweep(facts))
            yield from self._repaired_curve(facts, best)
            yield from self._repaired_whole(facts, best)
            yield from self._without_wrong_traces(facts)
            yield from self._askings(facts)
        for facts in self._untuned():
            yield from self._askings(facts)
        yield from self._readings()
        yield from self._sensitivities()
        if len(self._nearest()) < len([facts for facts in self.ladder if self._is_shown(facts)]):
            others = [f.name for f in self.ladder if self._is_shown(f) and f not in self._nearest()]
            why = "another rung comes nearer to the target"
            for name in others:
                yield Skipped(rung=name, what="interventions", why=why)

    def _askings(self, facts: RungFacts) -> Iterator[Wanted | Skipped]:
        """A language model under other wordings, and its base untuned, as long as that takes no longer than tuning."""
        if PROMPT in self.budget.skip:
            return
        whole = self.grid.whole(facts.name)
        assert whole is not None, "only rungs on all rows are looked at"
        known = {(cell.rung, cell.change) for cell in self.grid.asked_again}
        spent = 0.0
        for one in facts.askings:
            if FORM in self.budget.skip and one.change.startswith(FORM):
                continue
            spent += one.seconds
            if spent > whole.seconds and facts.trains:
                why = "asking it in all these ways would take longer than tuning did"
                yield Skipped(rung=one.rung, what=one.change, why=why)
            elif (one.rung, one.change) not in known:
                yield self._asking(one)

    def _readings(self) -> Iterator[Wanted]:
        """Every language model with and without what the knowledge says, however far it is from the best: what it
        lacks may be knowledge alone.
        """
        known = {(cell.rung, cell.change) for cell in self.grid.asked_again}
        for facts in self.ladder:
            if RETRIEVAL not in self.budget.skip and self.grid.whole(facts.name) is not None:
                yield from (self._asking(one) for one in facts.readings if (one.rung, one.change) not in known)

    def _sensitivities(self) -> Iterator[Wanted | Skipped]:
        """Small changes of the questions, of the models that come nearest, as long as that takes no longer than tuning:
        what they tell explains and never decides.
        """
        if SENSITIVITY in self.budget.skip:
            return
        known = {(cell.rung, cell.change) for cell in self.grid.asked_again}
        for facts in self._near([f for f in self.ladder if f.sensitivities and self.grid.whole(f.name) is not None]):
            whole, spent = self.grid.whole(facts.name), 0.0
            assert whole is not None, "only rungs on all rows are looked at"
            for one in facts.sensitivities:
                spent += one.seconds
                if spent > whole.seconds and facts.trains:
                    why = "asking it under all these changes would take longer than tuning did"
                    yield Skipped(rung=one.rung, what=one.change, why=why)
                elif (one.rung, one.change) not in known:
                    yield self._asking(one)

    def _asking(self, one: Asking) -> Wanted:
        return Wanted(
            rung=one.rung,
            n=None,
            subset_seed=self.budget.seed,
            seed=self.budget.seed,
            change=one.change,
            why=f"to see what {one.change} brings, and nothing is trained",
            seconds=one.seconds,
            is_sure=True,
        )

    def _intervention(self, facts: RungFacts, change: str) -> Wanted:
        n = None if facts.cheap else next(iter(self._sizes((INTERVENTIONS_AT,))), None)
        return self._wanted(facts, n, why=f"to see what {change} brings", change=change, is_sure=True)

    def _repaired_curve(self, facts: RungFacts, change: str | None) -> Iterator[Wanted]:
        """A cheap rung with its best setting on fewer rows: its curve as it was cannot tell what more rows bring it."""
        for n in self._sizes(PARTS_OF_REPAIRED) if facts.cheap and change is not None else ():
            if not any(cell.asked == n for cell in self.grid.of(facts.name, change=change)):
                yield self._wanted(facts, n, why=f"a point of its curve with {change}", change=change, is_sure=True)

    def _without_wrong_traces(self, facts: RungFacts) -> Iterator[Wanted]:
        """Without wrong traces on all rows, where that surely gains on few: they are a floor under the error that more
        rows do not lower, so that what a quarter of the rows gains by leaving them out foretells too little.
        """
        cells = self.grid.of(facts.name, change=TRAIN_TRACES) if self._traces(facts) else ()
        before = next((one for one in self.grid.of(facts.name) if cells and one.asked == cells[0].asked), None)
        if before is None or any(cell.whole for cell in cells):
            return
        told = compared(self.outcomes, cells[0], before, switch=TRAIN_TRACES, change=TRAIN_TRACES, against=AS_IT_IS)
        if told.interval.low > 0.0:
            why = "they surely cost something on few rows, and more on all of them"
            yield self._wanted(facts, None, why=why, change=TRAIN_TRACES)

    def _repaired_whole(self, facts: RungFacts, change: str | None) -> Iterator[Wanted]:
        """A network with its best setting on all rows, where that may reach the target: on few it was foretold."""
        if facts.cheap or change is None or any(cell.whole for cell in self.grid.of(facts.name, change=change)):
            return
        if self._chance(facts.name, frozenset({TRAINING})) >= MAY_REACH:
            yield self._whole_with(facts, change)

    def _whole_with(self, facts: RungFacts, change: str) -> Wanted:
        return self._wanted(facts, None, why=f"it may reach the target with {change}", change=change)

    @property
    def _repairs_labels(self) -> bool:
        return self.grid.kind == "classify" and TRAIN_LABELS not in self.budget.skip

    def _learns_wrong_traces(self, facts: RungFacts) -> bool:
        """Whether so many of its training rows have a wrong trace that leaving them out can tell what they cost."""
        return FEWEST_WRONG_TRACES <= facts.n_wrong_traces / self.grid.n_train <= MOST_WRONG_TRACES

    def _why_traces_stay(self, n: int) -> str:
        n_train = self.grid.n_train
        least = "so few hardly matter" if n < FEWEST_WRONG_TRACES * n_train else "too few would be left"
        return f"the traces of {n:,} of {n_train:,} training rows are found wrong: {least}"

    def _traces(self, facts: RungFacts) -> tuple[str, ...]:
        is_asked = TRAIN_TRACES not in self.budget.skip and self._learns_wrong_traces(facts)
        return (TRAIN_TRACES,) if is_asked else ()

    def _sweep(self, facts: RungFacts) -> tuple[str, ...]:
        return () if TRAINING in self.budget.skip else tuple(f"{TRAINING}:{setting}" for setting in facts.sweep)

    def _changes(self, facts: RungFacts) -> tuple[str, ...]:
        skip, sweep = self.budget.skip, self._sweep(facts)
        orders = () if CURRICULUM in skip else tuple(f"{CURRICULUM}:{order}" for order in facts.orders)
        labels: tuple[str, ...] = (TRAIN_LABELS,) if facts.cheap and self._repairs_labels else ()
        reviewed = self.grid.reviewed_train
        if labels and reviewed is not None and reviewed.n >= MIN_REVIEWED and reviewed.n_wrong:
            labels = (TRAIN_LABELS, REVIEWED_AS_GIVEN, REVIEWED_AS_DECIDED)
        both = (f"{TRAIN_LABELS}+{best}",) if labels and (best := self._best_of(facts.name, sweep)) else ()
        return (*labels, *self._traces(facts), *sweep, *both, *orders)

    def _best_of(self, rung: str, sweep: tuple[str, ...]) -> str | None:
        """The setting of the sweep that does best, once all of them were run and it gains on as many rows."""
        cells = [cell for cell in self.grid.cells if cell.rung == rung and cell.change in sweep]
        cells = [cell for cell in cells if cell.whole] or cells  # The others are points of a curve.
        whole = self.grid.whole(rung)
        if not sweep or len({cell.change for cell in cells}) < len(sweep) or whole is None:
            return None
        best = max(cells, key=self._score)
        before = next((cell for cell in self.grid.of(rung) if cell.asked == best.asked), whole)
        return best.change if self._score(best) > self._score(before) else None

    def _beyond(self) -> Iterator[Wanted]:
        """The next rung beyond the ladder, at a quarter of the rows, or on all of them where that takes seconds."""
        if NEXT_RUNG in self.budget.skip:
            return
        for facts in self.grid.rungs:
            if facts.in_ladder:
                continue
            for n in self._sizes((8, 4, 2)) if facts.cheap else self._sizes(PARTS_OF_DEAR):
                if not self._has(facts.name, n):
                    yield self._wanted(facts, n, why="the next rung beyond the ladder", is_sure=True)

    def _nearest(self) -> list[RungFacts]:
        """Rungs on all rows that may turn out best: those whose score is not clearly below the best one's."""
        shown = [facts for facts in self.ladder if self._is_shown(facts)]
        scores = {facts.name: self._score_of(facts.name) for facts in shown}
        best = max(scores.values(), default=0.0)
        return [facts for facts in shown if scores[facts.name] >= best - 0.02]

    def _untuned(self) -> list[RungFacts]:
        """Language models that the ladder has as they are, where none that is fitted is clearly better; of endpoints
        those that do not reach the target, since each call is paid for.
        """
        found = [f for f in self.ladder if f.askings and not f.trains and self.grid.whole(f.name) is not None]
        return self._near([f for f in found if not (f.name.startswith(HOSTED) and self._reaches(f.name))])

    def _near(self, found: Sequence[RungFacts]) -> list[RungFacts]:
        """Those on all rows that no rung that is fitted is clearly better than."""
        best = max((self._score_of(facts.name) for facts in self.ladder if self._is_shown(facts)), default=0.0)
        return [facts for facts in found if self._score_of(facts.name) >= best - 0.02]

    def _is_shown(self, facts: RungFacts) -> bool:
        return facts.name != "majority" and facts.trains and self.grid.whole(facts.name) is not None

    def _score_of(self, rung: str) -> float:
        whole = self.grid.whole(rung)
        assert whole is not None, "only rungs on all rows are looked at"
        return self._score(whole)

    def _score(self, cell: Measured) -> float:
        return float(1.0 - self.outcomes.draws.errors(cell)[0, 0])

    def _missing(self, facts: RungFacts) -> bool:
        if self.grid.whole(facts.name) is not None:
            return False
        return self.budget.run_all or not self._is_reached()

    def _is_reached(self) -> bool:
        """Whether a rung that runs here meets the target: an endpoint that does may cost more than labels would."""
        return any(self._reaches(facts.name) for facts in self.ladder if not facts.name.startswith(HOSTED))

    def _reaches(self, rung: str) -> bool:
        """Whether a rung on all rows meets an absolute target by its lower bounds, as a proposal asks it to."""
        whole = self.grid.whole(rung)
        if whole is None or self.grid.target.at_least is None:
            return False
        judged = judged_of(self.grid, whole)
        return meets_target(judged, self.grid.target, labels=judged.labels, paired=None, seed=self.budget.seed)

    def _may_matter(self, rung: str) -> bool:
        """Whether a network on all rows may reach the target, or come out as the best where that is what counts."""
        if self.outcomes.errors(rung) is None or self.budget.run_all or self.grid.target.at_least is None:
            return True
        return self._chance(rung) >= MAY_REACH

    def _chance(self, rung: str, switches: frozenset[str] = frozenset()) -> float:
        """Share of draws in which a rung, as it is on all rows or foretold there, reaches the target."""
        errors = self.outcomes.errors(rung, switches)
        assert errors is not None, "asked of rungs that were run"
        return float(self.outcomes.draws.reached(errors.values).mean())

    def _foretold(self, rung: str) -> float:
        errors = self.outcomes.errors(rung)
        assert errors is not None, "what is foretold was foretold"
        return float(np.median(1.0 - errors.values[0]))

    def _sizes(self, parts: tuple[int, ...]) -> list[int]:
        """Sizes of subsets that can be drawn and tell something; none where that takes all rows."""
        least = max(MIN_ROWS, MIN_ROWS_PER_LABEL * len(self.grid.labels))
        sizes = [n for part in parts if (n := self.grid.n_train // part) >= least]
        sizes = sizes or [n for n in (least,) if n < self.grid.n_train]
        return [n for n in sizes if not any(low < n < high for low, high in self.grid.subset_gaps)]

    def _has(self, rung: str, n: int, *, subset_seed: int | None = None) -> bool:
        return any(cell.asked == n and subset_seed in {None, cell.subset_seed} for cell in self.grid.of(rung))

    def _has_change(self, rung: str, change: str) -> bool:
        return any(cell.rung == rung and asked_for(cell.change) == change for cell in self.grid.cells)

    def _wanted(
        self,
        facts: RungFacts,
        n: int | None,
        *,
        why: str,
        subset_seed: int | None = None,
        seed: int | None = None,
        change: str | None = None,
        is_sure: bool = False,
    ) -> Wanted:
        return Wanted(
            rung=facts.name,
            n=n,
            subset_seed=self.budget.seed if subset_seed is None else subset_seed,
            seed=self.budget.seed if seed is None else seed,
            change=change,
            why=why,
            is_sure=is_sure,
            seconds=facts.seconds_per_row * (self.grid.n_train if n is None else n),
        )


def asked_for(change: str | None) -> str | None:
    """The change without the hash of what it stands on.

    Args:
        change: of a cell, such as `train_labels-3fa2`; None for nothing.
    """
    if change is None:
        return None
    return "+".join(part if ":" in part else part.partition("-")[0] for part in change.split("+"))
