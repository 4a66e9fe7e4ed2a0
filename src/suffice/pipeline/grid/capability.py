"""The grid and the rungs as they ship to the table of size against capability."""

from __future__ import annotations

from collections.abc import Mapping

from suffice.diagnose import capability
from suffice.pipeline.grid.measured import compared_rows
from suffice.pipeline.rows.prepare import Prepared
from suffice.records.capability import Capability
from suffice.records.evaluation import Cost
from suffice.records.grid import Grid


def capability_of(grid: Grid, costs: Mapping[str, Cost], prepared: Prepared, *, seed: int) -> Capability:
    """What each rung can do, on the rows that compare rungs.

    Args:
        grid: finished cells.
        costs: of what ships of each rung; of its run where nothing ships.
        prepared: the task and its rows.
        seed: of the draws.
    """
    slices = prepared.material.aspects.take(compared_rows(prepared)).slices
    return capability(grid, slices=slices, costs=costs, seed=seed)
