"""Every switch that was turned on, each as a paired comparison on the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from suffice.diagnose.compared import compared
from suffice.diagnose.gap import NEXT_RUNG
from suffice.diagnose.knowledge import uses_of
from suffice.diagnose.outcomes import EVAL_LABELS, MERGE_LABELS, Outcomes, chosen_wording, kind_of, told
from suffice.diagnose.pairs import gain_interval, unseen
from suffice.records.diagnosis import Compared
from suffice.records.grid import Measured
from suffice.records.run import FORM, PROMPT, REVIEWED_AS_DECIDED, REVIEWED_AS_GIVEN, SHOTS, TRAIN_LABELS

TUNING = "tuning"
"""The switch between a base model as it is, asked without examples, and the one that was tuned."""
AS_IT_IS = "as it is"


def interventions_of(outcomes: Outcomes, *, rung: str, next_rung: str | None) -> tuple[Compared, ...]:
    """What every switch brought that was run, or rescored from a run; forecasts stand in plans.

    Args:
        outcomes: rungs under switches.
        rung: the proposed one, of which labels are rescored and which is held against the next.
        next_rung: the next dearer one that was run on all rows; None where there is none.
    """
    return (
        *_retrained(outcomes),
        *_rescored(outcomes, rung),
        *_asked(outcomes),
        *_read(outcomes),
        *_next(outcomes, rung, next_rung),
    )


def _retrained(outcomes: Outcomes) -> Iterator[Compared]:
    """Cells with one thing changed against those with nothing changed, of the same rows and seeds."""
    grid = outcomes.draws.grid
    for cell in grid.cells:
        change = cell.change
        if change is None or change.startswith(REVIEWED_AS_GIVEN):
            continue
        reviewed = change.startswith(REVIEWED_AS_DECIDED)
        others = [one for one in grid.cells if (one.change or "").startswith(REVIEWED_AS_GIVEN)]
        same = [one for one in (others if reviewed else grid.of(cell.rung)) if _recipe(one) == _recipe(cell)]
        if same:
            switch = TRAIN_LABELS if reviewed else kind_of(change)
            named = "+".join(part if ":" in part else part.partition("-")[0] for part in change.split("+"))
            yield compared(outcomes, cell, same[0], switch=switch, change=named, against=AS_IT_IS)


def _recipe(cell: Measured) -> tuple[str, int | None, int, int]:
    return cell.rung, cell.asked, cell.subset_seed, cell.seed


def _rescored(outcomes: Outcomes, rung: str) -> Iterator[Compared]:
    """The proposed rung's answers under other labels of the rows; no lead without a review."""
    before, whole = outcomes.errors(rung), outcomes.draws.grid.whole(rung)
    for switch in (EVAL_LABELS, MERGE_LABELS):
        if switch not in outcomes.switches_of(rung):
            continue
        after = outcomes.errors(rung, frozenset({switch}))
        if before is None or after is None or after.predicted or whole is None:
            continue
        gained = before.values[0] - after.values[0] + unseen(outcomes.draws, switch, rung, judged=whole.judged)
        yield Compared(
            switch=switch,
            rung=rung,
            change=switch,
            against=AS_IT_IS,
            n=whole.n,
            rows=int(whole.judged.sum()),
            difference=float(gained[0]),
            interval=gain_interval(gained),
        )


def _asked(outcomes: Outcomes) -> Iterator[Compared]:
    """Wordings against the one that a rung is told as it is, few examples against none, and tuned against untuned."""
    grid = outcomes.draws.grid
    found = {(cell.rung, cell.change): cell for cell in grid.asked_again}
    told: set[str] = set()
    for facts in grid.rungs:
        asked: dict[str, dict[str, Measured]] = {}
        for one in facts.askings:
            if (one.rung, one.change) in found:
                asked.setdefault(one.rung, {})[one.change] = found[one.rung, one.change]
        own = {one.rung: one.change for one in reversed(facts.askings)}
        asked = {rung: cells for rung, cells in asked.items() if own[rung] in cells}
        for rung, cells in asked.items():
            if rung not in told:
                yield from _wordings(outcomes, cells, own[rung])
                yield from _shots(outcomes, cells, own[rung])
                yield from _form(outcomes, cells, own[rung])
            told.add(rung)
            if rung != facts.name and facts.name in asked:
                tuned, zero = asked[facts.name][own[facts.name]], _zero_and_few(cells, own[rung])[0]
                yield compared(outcomes, tuned, zero, switch=TUNING, change=TUNING, against=rung)


def _read(outcomes: Outcomes) -> Iterator[Compared]:
    """With what is found, and with the gold passages, against closed book, and against one another."""
    for use in uses_of(outcomes):
        yield from (one for one in (use.found, use.gold, use.gold_over_found) if one is not None)


def _wordings(outcomes: Outcomes, cells: dict[str, Measured], own: str) -> Iterator[Compared]:
    of_prompt = [cell for change, cell in cells.items() if change.startswith(PROMPT)]
    chosen = chosen_wording(of_prompt)
    for cell in of_prompt:
        if cell.change != own:
            said = {"switch": PROMPT, "change": str(cell.change), "against": own}
            one = compared(outcomes, cell, cells[own], chosen=cell is chosen, **said)
            yield replace(one, told=told(outcomes.draws.grid, cell))


def _shots(outcomes: Outcomes, cells: dict[str, Measured], own: str) -> Iterator[Compared]:
    zero, few = _zero_and_few(cells, own)
    if few is not None:
        yield compared(outcomes, few, zero, switch=SHOTS, change=str(few.change), against=str(zero.change))


def _form(outcomes: Outcomes, cells: dict[str, Measured], own: str) -> Iterator[Compared]:
    """Answers that were held to their form against the same rung's as they came."""
    for change, cell in cells.items():
        if change.startswith(FORM):
            yield compared(outcomes, cell, cells[own], switch=FORM, change=FORM, against=AS_IT_IS)


def _zero_and_few(cells: dict[str, Measured], own: str) -> tuple[Measured, Measured | None]:
    """Without examples, and with them: one of both is how the rung is asked as it is."""
    other = next((cell for change, cell in cells.items() if change.startswith(SHOTS)), None)
    if other is not None and other.change == f"{SHOTS}:0":
        return other, cells[own]
    return cells[own], other


def _next(outcomes: Outcomes, rung: str, next_rung: str | None) -> Iterator[Compared]:
    """The next dearer rung of the ladder on all rows, and one beyond it on the most rows that both were run on."""
    grid = outcomes.draws.grid
    mine, other = grid.whole(rung), None if next_rung is None else grid.whole(next_rung)
    if mine is not None and other is not None:
        yield compared(outcomes, other, mine, switch=NEXT_RUNG, change=NEXT_RUNG, against=rung)
    for facts in grid.rungs:
        pairs = [
            (cell, one)
            for cell in (() if facts.in_ladder else grid.of(facts.name))
            for one in grid.of(rung)
            if _recipe(one)[1:] == _recipe(cell)[1:]
        ]
        if pairs:
            most, beside = max(pairs, key=lambda pair: pair[0].n)
            yield compared(outcomes, most, beside, switch=NEXT_RUNG, change=NEXT_RUNG, against=rung)
