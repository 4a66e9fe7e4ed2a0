"""What `suffice fit --plan` prints."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from math import fsum
from typing import TYPE_CHECKING

from suffice.cli.output import print_json, print_table, say, say_item

if TYPE_CHECKING:
    from suffice.records.fit_plan import FitPlan, PlannedCell, PlannedMemory, When


def tell_plan(plan: FitPlan, *, as_json: bool) -> None:
    """Prints a plan, as one JSON document or for a person.

    Args:
        plan: of a fit.
        as_json: `--json`.
    """
    from suffice.store.strict_json import plain

    if as_json:
        print_json(plain(plan))
        return
    say(
        f"{plan.task}, target {plan.target}: {plan.n_train:,} training rows, {plan.n_validation:,} validation rows, "
        f"{plan.n_calibration:,} calibration rows (read by suffice calibrate alone), {plan.n_test:,} test rows; "
        "nothing is run now"
    )
    say("first, in this order, until a rung meets the target:")
    _print_cells(plan, "first")
    if any(one.when != "first" for one in plan.cells):
        say("if no rung meets the target, at most:")
        _print_cells(plan, "if no rung meets the target")
    _print_time(plan)
    for memory in plan.memory:
        say_item(_memory(memory))
    say("what the held-out rows can prove:")
    for sentence in plan.proof:
        say_item(sentence)
    for note in plan.notes:
        say_item(note)


def _print_cells(plan: FitPlan, when: When) -> None:
    chosen = [one for one in plan.cells if one.when == when]
    alike = groupby(chosen, key=lambda one: (one.rung, _what(one), one.n, one.basis))
    print_table(("rung", "what", "rows", "cells", "time", "basis"), [_row(list(cells)) for _, cells in alike])


def _what(one: PlannedCell) -> str:
    return one.what if one.change is None else one.change


def _row(alike: list[PlannedCell]) -> tuple[str, ...]:
    """Cells that differ in a seed or the label output alone."""
    one, n_finished = alike[0], sum(cell.run is not None for cell in alike)
    finished = {0: "", len(alike): ", finished"}.get(n_finished, f", {n_finished} finished")
    known = [cell.seconds for cell in alike if cell.seconds is not None]
    late = "" if all(cell.in_time for cell in alike) else ", too long"
    time = f"{in_time(fsum(known))}{late}" if known else "unknown"
    return (one.rung, _what(one), f"{one.n:,}", f"{len(alike)}{finished}", time, one.basis)


def _print_time(plan: FitPlan) -> None:
    given = "" if plan.max_minutes is None else f" of {plan.max_minutes:g} minutes given"
    unknown = sorted({one.rung for one in plan.cells if one.basis == "unknown"})
    apart = f", {', '.join(unknown)} apart, of which nothing is known" if unknown else ""
    say(
        f"still to be run: {in_time(plan.first_seconds)} for what comes first, {in_time(plan.most_seconds)} at most"
        f"{given}{apart}; loading and judging come on top"
    )
    bases: Iterable[str] = {one.basis for one in plan.cells}
    meant = {
        "measured": "measured: by finished runs of the rung in the output folder",
        "catalogue": "catalogue: on two cores, good to about a factor of two",
    }
    for basis, says in meant.items():
        if basis in bases:
            say_item(says)


def _memory(memory: PlannedMemory) -> str:
    there = "" if memory.there_bytes is None else f" of {memory.there_bytes / 1e9:.1f} GB"
    needed = f"{memory.rung}: needs about {memory.needed_bytes / 1e9:.1f} GB{there}"
    return needed if memory.fix is None else f"{needed}, and does not fit: {memory.fix}"


def in_time(seconds: float) -> str:
    """Seconds for a person: `under 1 s`, `40 s`, `12 min`, `3.5 h`.

    Args:
        seconds: expected.
    """
    if seconds < 1.0:
        return "under 1 s"
    if seconds < 100.0:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6_000.0 else f"{seconds / 3600:.1f} h"
