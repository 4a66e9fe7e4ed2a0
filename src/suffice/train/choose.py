"""Which epoch to keep: on tune rows, or by cross-validation where there are too few rows to set any aside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.records.progress import Progress, part
from suffice.train.loop import TrainingResult, train
from suffice.train.rows import Network, Rows
from suffice.train.schedule import Schedule


def train_with_folds(
    network: Network,
    rows: Rows[Network],
    *,
    folds: NDArray[np.int64],
    schedule: Schedule,
    seed: int,
    checkpoints: Path,
    progress: Progress,
    what: str,
) -> TrainingResult:
    """Chooses the number of epochs by cross-validation, then trains on every row for that many.

    The choice is the epoch with the most right predictions over all folds, where they are counted, then the lowest
    loss; one epoch leaves none. The pace of the last run is the schedule's, as it was in the folds.

    Args:
        network: what is trained; left with the parameters of the last run.
        rows: all training rows.
        folds: fold of each row, shape [N].
        schedule: length and pace; its patience is not used here, since folds must be comparable.
        seed: initialisation, order and dropout.
        checkpoints: folder in which the run can be taken up again.
        progress: told of every step.
        what: what the progress calls the run.
    """
    patient = replace(schedule, patience=schedule.epochs)
    n_folds = int(folds.max()) + 1
    results = [
        train(
            network,
            rows.take(np.flatnonzero(folds != fold)),
            tune=rows.take(np.flatnonzero(folds == fold)),
            schedule=patient,
            seed=seed,
            stop_after=None,
            checkpoints=checkpoints / f"fold-{fold}",
            progress=part(progress, f"fold-{fold + 1}"),
            what=f"{what}: choosing epochs, fold {fold + 1} of {n_folds}",
        )
        for fold in (range(n_folds) if schedule.epochs > 1 else ())
    ]
    sizes = np.bincount(folds)
    best = max(range(schedule.epochs), key=lambda epoch: _merit(results, sizes, epoch)) if results else 0
    last = train(
        network,
        rows,
        tune=None,
        schedule=schedule,
        seed=seed,
        stop_after=best + 1,
        checkpoints=checkpoints / "all",
        progress=progress,
        what=what,
    )
    everything = [*results, last]
    return replace(
        last,
        seconds=sum(result.seconds for result in everything),
        loop_seconds=sum(result.loop_seconds for result in everything),
        n_steps=sum(result.n_steps for result in everything),
        n_parts=sum(result.n_parts for result in everything),
        n_tokens=sum(result.n_tokens for result in everything),
        n_examples_seen=sum(result.n_examples_seen for result in everything),
        n_halvings=max(result.n_halvings for result in everything),
    )


def _merit(results: list[TrainingResult], sizes: NDArray[np.int64], epoch: int) -> tuple[float, float]:
    """Right predictions and negative loss over all folds at the end of an epoch."""
    ends = [result.history[epoch] for result in results]
    right = sum(float(n) * (end.tune_accuracy or 0.0) for n, end in zip(sizes, ends, strict=True))
    loss = sum(float(n) * (end.tune_loss or 0.0) for n, end in zip(sizes, ends, strict=True))
    return round(right), -loss
