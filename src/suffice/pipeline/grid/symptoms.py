"""The grid to the symptoms of one rung, which explain and never decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from suffice.diagnose import rounds_of
from suffice.diagnose.symptoms import look
from suffice.records.completion_evaluation import CompletionEvaluation
from suffice.records.grid import Grid, Measured
from suffice.records.labels import LabelSet
from suffice.records.rounds import Rounds
from suffice.records.run import NO_INSTRUCTION, PROMPT
from suffice.records.symptoms import Looked, Observed, Round, Wordings
from suffice.rungs.ladder import PROMPTED, endpoint_of


def symptoms_of(
    grid: Grid, rung: str, *, answers: CompletionEvaluation | None, history: Sequence[Round], seed: int
) -> tuple[Looked, ...]:
    """What every symptom says of a rung, by what was run; what was not is said to be so.

    Args:
        grid: finished cells.
        rung: one that was run on all rows.
        answers: the layers of that run, where its answers are free text.
        history: its runs over the R rows that compare rungs, as far as they were asked; the earliest first.
        seed: of the resampling.
    """
    whole = grid.whole(rung)
    assert whole is not None, "the proposed rung was run on all rows"
    prompted = grid.whole(f"{rung}{PROMPTED}") or _base_as_it_is(grid, rung)
    rows = np.flatnonzero(whole.judged)
    return look(
        Observed(
            kind=grid.kind,
            rung=rung,
            labels=LabelSet(names=grid.labels),
            y_true=grid.y_true[rows],
            y_pred=whole.y_pred[rows],
            groups=grid.groups[rows],
            closed=endpoint_of(rung) is None,
            prompted=None if prompted is None else prompted.y_pred[rows],
            kept_from=whole.kept_from,
            wordings=_wordings(grid, rung, of=rung),
            untuned=_wordings(grid, f"{rung}{PROMPTED}", of=rung),
            history=tuple(replace(one, right=one.right[rows]) for one in history),
            seed=seed,
            answers=answers,
        )
    )


def _base_as_it_is(grid: Grid, rung: str) -> Measured | None:
    """What the base model answered untuned, on the rows that it was asked; None where it was not."""
    base = f"{rung}{PROMPTED}"
    way = next((one.change for one in grid.facts(rung).askings if one.rung == base), None)
    return next((cell for cell in grid.asked_again if (cell.rung, cell.change) == (base, way)), None)


def _wordings(grid: Grid, rung: str, *, of: str) -> Wordings | None:
    """A rung under every wording that it was asked under, on the rows that it was asked; None where it was not."""
    found = {(cell.rung, cell.change): cell for cell in grid.asked_again}
    asked = [one.change for one in grid.facts(of).askings if one.rung == rung and one.change.startswith(PROMPT)]
    if not asked or any((rung, change) not in found for change in asked[:2]):
        return None  # The minutes were over before a second one was asked.
    cells = {change: found[rung, change] for change in asked if (rung, change) in found}
    rows = np.flatnonzero(np.logical_and.reduce([cell.judged for cell in cells.values()]))
    right = {change: cell.y_pred[rows] == grid.y_true[rows] for change, cell in cells.items()}
    bare = right.pop(NO_INSTRUCTION, None)
    names = tuple(change.partition(":")[2] for change in right)
    return Wordings(names=names, right=np.stack(list(right.values())), bare=bare, groups=grid.groups[rows])


def rounds_on(grid: Grid, rung: str, *, history: Sequence[Round]) -> Rounds | None:
    """The rounds of tuning of a rung, on the rows that it was asked; None where there are not two.

    Args:
        grid: finished cells.
        rung: one that was run on all rows.
        history: as in `symptoms_of`.
    """
    whole = grid.whole(rung)
    assert whole is not None, "the proposed rung was run on all rows"
    asked = [replace(one, right=one.right[whole.judged]) for one in history]
    return rounds_of(rung, asked, groups=grid.groups[whole.judged])
