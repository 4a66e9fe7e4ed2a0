"""Finished runs of an output folder to the rounds of tuning of one rung."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from suffice.errors import SufficeError
from suffice.pipeline.cells.answered import read_predictions
from suffice.pipeline.grid.measured import compared_rows
from suffice.pipeline.rows.prepare import Prepared
from suffice.pipeline.rows.workspace import read_run
from suffice.records.grid import Grid
from suffice.records.labels import LabelSet
from suffice.records.run import Cell, RunManifest
from suffice.records.symptoms import Round


def history_of(grid: Grid, chosen: RunManifest, prepared: Prepared, *, runs: Path) -> tuple[Round, ...]:
    """Runs of a rung on the rows that compare rungs, whatever their settings and data version, the earliest first.

    A round is a run on all rows with nothing changed, of the same seed and label output as the one that stands for the
    rung now: another seed is no other recipe. Rows that a run answered had no part in its training, whatever version it
    was fitted on. Runs that did not answer all rows of today's, or are of another format, are left out.

    Args:
        grid: finished cells.
        chosen: the run that stands for the rung.
        prepared: the task and its rows.
        runs: the folder of the runs.
    """
    whole = grid.whole(chosen.cell.rung)
    assert whole is not None, "the chosen run is on all rows"
    ids = np.array(prepared.material.data.take(compared_rows(prepared)).ids, dtype=object)
    labels = np.array(grid.labels, dtype=object)[grid.y_true]
    found = []
    for path in runs.glob("*/manifest.json"):
        manifest = _readable(path.parent)
        if manifest is not None and _is_round(manifest.cell, chosen.cell):
            right = _right(path.parent, manifest, ids[whole.judged].tolist(), labels[whole.judged].tolist())
            if right is not None:
                every = np.zeros(len(ids), dtype=np.bool_)
                every[whole.judged] = right
                ended = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC).isoformat(timespec="seconds")
                found.append(Round(time=ended, run=manifest.name, right=every))
    return tuple(sorted(found, key=lambda one: (one.time, one.run)))


def _readable(folder: Path) -> RunManifest | None:
    try:
        return read_run(folder)
    except SufficeError:
        return None


def _is_round(cell: Cell, chosen: Cell) -> bool:
    """Whether a run is one of the same rung, on all rows that its task allowed, and could stand for it."""
    return (
        (cell.rung, cell.label_output, cell.seed) == (chosen.rung, chosen.label_output, chosen.seed)
        and cell.n is None
        and cell.change is None
        and not cell.probe
        and not cell.refit
    )


def _right(folder: Path, manifest: RunManifest, ids: Sequence[str], labels: Sequence[str]) -> np.ndarray | None:
    """Whether it answered each row as today's label has it, shape [N]; None where it was not asked all of them."""
    said = read_predictions(folder / "predictions.parquet", LabelSet(names=manifest.cell.labels), n_truncated=0)
    place = {row_id: k for k, row_id in enumerate(said.ids)}
    if not all(row_id in place for row_id in ids):
        return None
    names = (*manifest.cell.labels, None)  # An invented answer is -1, the last one: no label.
    given = [names[said.y_pred[place[row_id]]] for row_id in ids]
    return np.array([answer == label for answer, label in zip(given, labels, strict=True)], dtype=np.bool_)
