"""What the two rungs that train a network share: tokenise, hold rows back, train."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from suffice.base_models.memory import keep_freed_memory, peak_memory_bytes
from suffice.base_models.peak import matmul_peak
from suffice.base_models.precision import Device
from suffice.predict.scorer import Scorer
from suffice.records.progress import Progress
from suffice.records.run import Training
from suffice.rungs.interface import TrainingData
from suffice.train.choose import train_with_folds
from suffice.train.loop import TrainingResult, train
from suffice.train.rows import TokenRows
from suffice.train.schedule import Schedule


def fit_scorer(
    scorer: Scorer,
    data: TrainingData,
    *,
    schedule: Schedule,
    seed: int,
    checkpoints: Path,
    progress: Progress,
    what: str,
    device: Device = "cpu",
) -> tuple[float, Training]:
    """Trains a scorer in place; the epoch is chosen on the rows kept for it, or by folds where there are few.

    Args:
        scorer: the network.
        data: rows to fit and to choose on.
        schedule: length and pace.
        seed: initialisation, order and dropout.
        checkpoints: folder in which an interrupted fit is taken up again.
        progress: told of every step.
        what: what the progress calls the run.
        device: where it computes.

    Returns:
        Wall time of fitting over all starts, in seconds, and how fast its steps were.
    """
    keep_freed_memory()
    tokens = [row.ids for row in scorer.tokenise(data.texts)]
    rows = TokenRows(tokens=tokens, y=np.asarray(data.y, dtype=np.int64), difficulty=data.difficulty)
    if data.tune is None:
        assert data.folds is not None, "training data has tune rows or folds"
        result = train_with_folds(
            scorer,
            rows,
            folds=data.folds,
            schedule=schedule,
            seed=seed,
            checkpoints=checkpoints,
            progress=progress,
            what=what,
        )
    else:
        result = train(
            scorer,
            rows.take(data.fit_rows),
            tune=rows.take(data.tune),
            schedule=schedule,
            seed=seed,
            stop_after=None,
            checkpoints=checkpoints,
            progress=progress,
            what=what,
        )
    return result.seconds, Training(
        loop_seconds=result.loop_seconds,
        n_steps=result.n_steps,
        n_parts=result.n_parts,
        n_examples_seen=result.n_examples_seen,
        prefix_tokens=scorer.n_prefix_tokens,
        text_tokens=result.n_tokens,
        needed_flops=needed_flops(scorer, result),
        peak_flops=matmul_peak(scorer.precision, device=device),
        peak_memory_bytes=peak_memory_bytes(),
        best_epoch=result.best_epoch,
        n_halvings=result.n_halvings,
    )


def needed_flops(scorer: Scorer, result: TrainingResult) -> float:
    """Floating-point operations that the steps of a run needed: see `Training`.

    Args:
        scorer: the network.
        result: what its run came to.
    """
    n_tokens = result.n_tokens + result.n_parts * scorer.n_prefix_tokens
    return n_tokens * scorer.flops_per_token + result.n_examples_seen * scorer.flops_per_row
