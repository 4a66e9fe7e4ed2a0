"""What the two rungs that train a network share: tokenise, hold rows back, train."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from suffice.base_models.memory import keep_freed_memory, peak_memory_bytes
from suffice.base_models.peak import matmul_peak
from suffice.base_models.precision import Device
from suffice.predict.scorer import Scorer, Trainable
from suffice.records.progress import Progress
from suffice.records.run import Training
from suffice.rungs.interface import TrainingData
from suffice.train.choose import train_with_folds
from suffice.train.loop import TrainingResult, train
from suffice.train.rows import Rows, TokenRows
from suffice.train.schedule import Schedule


class Timed(Trainable, Protocol):
    """A network of which it is known what a step takes."""

    n_prefix_tokens: int
    """Tokens that all rows begin with, computed once in every part of a step."""
    flops_per_token: float
    """Floating-point operations for every token that is computed."""
    flops_per_row: float
    """And for every row beside them."""


Measured = TypeVar("Measured", bound=Timed)


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """Which rows a choice is made on; exactly one of `tune` and `folds` is given."""

    fit: NDArray[np.int64]
    """Positions of the rows that are fitted, where some are held back."""
    tune: NDArray[np.int64] | None
    """Positions of those that are."""
    folds: NDArray[np.int64] | None
    """Fold of each row, where there are too few to hold any back."""


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
    tokens = [row.ids for row in scorer.tokenise(data.texts)]
    rows = TokenRows(tokens=tokens, y=np.asarray(data.y, dtype=np.int64), difficulty=data.difficulty)
    return fit_rows(
        scorer,
        rows,
        held=Held(fit=data.fit_rows, tune=data.tune, folds=data.folds),
        schedule=schedule,
        seed=seed,
        checkpoints=checkpoints,
        progress=progress,
        what=what,
        device=device,
    )


def fit_rows(
    network: Measured,
    rows: Rows[Measured],
    *,
    held: Held,
    schedule: Schedule,
    seed: int,
    checkpoints: Path,
    progress: Progress,
    what: str,
    device: Device,
) -> tuple[float, Training]:
    """The same of rows that are tokenised, whatever is learned of them.

    Args:
        network: what is trained, in place.
        rows: to fit and to choose on.
        held: which of them are held back.
        schedule: length and pace.
        seed: initialisation, order and dropout.
        checkpoints: folder in which an interrupted fit is taken up again.
        progress: told of every step.
        what: what the progress calls the run.
        device: where it computes.
    """
    keep_freed_memory()
    if held.tune is None:
        assert held.folds is not None, "training data has tune rows or folds"
        result = train_with_folds(
            network,
            rows,
            folds=held.folds,
            schedule=schedule,
            seed=seed,
            checkpoints=checkpoints,
            progress=progress,
            what=what,
        )
    else:
        result = train(
            network,
            rows.take(held.fit),
            tune=rows.take(held.tune),
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
        prefix_tokens=network.n_prefix_tokens,
        text_tokens=result.n_tokens,
        needed_flops=needed_flops(network, result),
        peak_flops=matmul_peak(network.precision, device=device),
        peak_memory_bytes=peak_memory_bytes(),
        best_epoch=result.best_epoch,
        n_halvings=result.n_halvings,
    )


def needed_flops(scorer: Timed, result: TrainingResult) -> float:
    """Floating-point operations that the steps of a run needed: see `Training`.

    Args:
        scorer: the network.
        result: what its run came to.
    """
    n_tokens = result.n_tokens + result.n_parts * scorer.n_prefix_tokens
    return n_tokens * scorer.flops_per_token + result.n_examples_seen * scorer.flops_per_row
