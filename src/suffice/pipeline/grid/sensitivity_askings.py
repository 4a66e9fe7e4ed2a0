"""The ways to ask a model the same with a small change: other capitals, slips of the keyboard, a greeting, options
in another order.
"""

from __future__ import annotations

from suffice.pipeline.cells.estimate import estimated_seconds_of_asking, estimated_seconds_of_writing
from suffice.pipeline.cells.rows import rows_of_askings
from suffice.pipeline.rows.posed import touched
from suffice.pipeline.rows.prepare import Prepared
from suffice.records.grid import Asking
from suffice.records.run import SENSITIVITY
from suffice.records.sensitivity import SMALL_CHANGES
from suffice.rungs.ladder import describe, endpoint_of

MIN_TOUCHED = 10
"""Rows in which a change must change something: of fewer, flips tell nothing."""


def sensitivity_askings_of(rung: str, prepared: Prepared) -> tuple[Asking, ...]:
    """Every small change under which a rung is asked again.

    Args:
        rung: as in `ladder`; cheap ones would have to be fitted anew, and endpoints give labels by a road of their own.
        prepared: the task and its rows.
    """
    task, material = prepared.task, prepared.material
    if describe(rung).cheap or (task.kind == "classify" and endpoint_of(rung) is not None):
        return ()
    shots = 0 if describe(rung).trains else task.train.shots
    rows = rows_of_askings(material, kind=task.kind, split_seed=task.split.seed)
    n_touched = {
        change: int(touched(change, material, rows, spec=task.free, split_seed=task.split.seed).sum())
        for change in (f"{SENSITIVITY}:{one}" for one in SMALL_CHANGES)
    }
    estimated = estimated_seconds_of_asking if task.kind == "classify" else estimated_seconds_of_writing
    return tuple(
        Asking(rung=rung, change=change, seconds=estimated(rung, prepared, n=n, shots=shots) or 0.0)
        for change, n in n_touched.items()
        if n >= MIN_TOUCHED
    )
