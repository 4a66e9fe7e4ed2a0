"""The ways to have a language model read something else of the knowledge: nothing, what is found, the gold passages."""

from __future__ import annotations

import numpy as np

from suffice.pipeline.cells.estimate import estimated_seconds_of_writing
from suffice.pipeline.cells.rows import WRITTEN_AGAIN
from suffice.pipeline.rows.free_rows import free_rows
from suffice.pipeline.rows.prepare import Prepared
from suffice.records.grid import Asking
from suffice.records.run import CLOSED_BOOK, FOUND, GOLD_PASSAGE
from suffice.rungs.ladder import describe

MIN_GOLD = 10
"""Validation rows with gold links below which they tell nothing."""


def reading_askings_of(rung: str, prepared: Prepared) -> tuple[Asking, ...]:
    """Every way to have a rung read something else than it does as it is.

    Args:
        rung: as in `ladder`; one that looks answers up reads nothing.
        prepared: the task and its rows.
    """
    spec = prepared.task.knowledge
    if spec is None or describe(rung).cheap:
        return ()
    ways = {CLOSED_BOOK if spec.use == "always" else FOUND: spec.use != "always"}
    if n_linked(prepared) >= MIN_GOLD:
        ways[GOLD_PASSAGE] = True
    shots = 0 if describe(rung).trains else prepared.task.train.shots
    return tuple(
        Asking(
            rung=rung,
            change=change,
            seconds=estimated_seconds_of_writing(
                rung, prepared, n=WRITTEN_AGAIN, shots=shots, words_before=spec.words if reads else 0
            )
            or 0.0,
        )
        for change, reads in ways.items()
    )


def n_linked(prepared: Prepared) -> int:
    """Validation rows whose gold links name something, of those that such a rung is asked about, about as many.

    Args:
        prepared: the task and its rows.
    """
    material, spec = prepared.material, prepared.task.free
    assert spec is not None, "knowledge is for tasks whose answers are free"
    rows = material.fresh_validation
    linked = np.array([bool(one.links) for one in free_rows(material.data.take(rows), spec)])
    if material.readings is not None:
        linked &= np.array([row_id in material.readings.gold for row_id in material.data.take(rows).ids])
    return int(linked.sum() * min(1.0, WRITTEN_AGAIN / max(len(rows), 1)))
