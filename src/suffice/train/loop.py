"""The training loop: the same seed and rows give the same parameters, byte for byte, interrupted or not."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import logsumexp

from suffice.errors import Problem, TaskError
from suffice.predict.batching import score_all
from suffice.predict.scorer import Scorer, Tokens
from suffice.records.progress import Progress
from suffice.train.checkpoint import Checkpoints, EpochResult, Position
from suffice.train.order import epoch_batches
from suffice.train.schedule import Schedule, learning_rate_at

CHECKPOINT_SECONDS = 20.0
"""Between checkpoints within an epoch. When they fall has no influence on the result."""
MAX_GRADIENT_NORM = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenRows:
    """Tokenised examples."""

    tokens: Sequence[Tokens]
    """Token ids of each row, length N."""
    y: NDArray[np.int64]
    """Label codes, shape [N]."""

    def take(self, rows: NDArray[np.int64]) -> TokenRows:
        """The examples at these positions."""
        return TokenRows(tokens=[self.tokens[i] for i in rows.tolist()], y=self.y[rows])


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingResult:
    """What a run came to; its parameters stand in the scorer."""

    best_epoch: int
    """Epoch whose parameters were kept, from 0."""
    history: tuple[EpochResult, ...]
    """Every finished epoch."""
    seconds: float
    """Wall time of the loop over all starts."""
    n_examples_seen: int
    """Rows that went through a step, repeats counted."""


def train(
    scorer: Scorer,
    rows: TokenRows,
    *,
    tune: TokenRows | None,
    schedule: Schedule,
    seed: int,
    stop_after: int | None,
    checkpoints: Path,
    progress: Progress,
    what: str,
) -> TrainingResult:
    """Trains a scorer in place and leaves the best parameters in it.

    Args:
        scorer: the network.
        rows: what is fitted.
        tune: rows on which the epoch is chosen, by accuracy of real predictions, then by loss; None keeps the last.
        schedule: length and pace.
        seed: initialisation, order and dropout.
        stop_after: end after this many epochs of the schedule, though its pace is that of the whole.
        checkpoints: folder in which the run can be taken up again.
        progress: told of every step.
        what: what the progress calls the run.

    Raises:
        TaskError: the loss or its gradient is no longer a number.
    """
    run = _Run(scorer, rows, tune=tune, schedule=schedule, seed=seed, folder=checkpoints)
    n_epochs = min(schedule.epochs, stop_after or schedule.epochs)
    with progress.step(what, total=n_epochs * len(rows.y)) as advance:
        advance(run.n_seen())
        while run.epoch < n_epochs and not run.exhausted():
            run.finish_epoch(advance)
        advance(n_epochs * len(rows.y) - run.n_seen())
    return run.result()


class _Run:
    """One run under way."""

    def __init__(
        self,
        scorer: Scorer,
        rows: TokenRows,
        *,
        tune: TokenRows | None,
        schedule: Schedule,
        seed: int,
        folder: Path,
    ) -> None:
        self.scorer, self.rows, self.tune, self.schedule, self.seed = scorer, rows, tune, schedule, seed
        self.steps_per_epoch = math.ceil(len(rows.y) / schedule.batch_size)
        scorer.reset(seed)
        groups = scorer.trained()
        self.optimiser = torch.optim.AdamW(
            [{"params": list(group.tensors.values())} for group in groups],
            lr=schedule.learning_rate,
            weight_decay=0.0,
            fused=True,
        )
        self.scales = [group.learning_rate_scale for group in groups]
        self.parameters = [p for group in groups for p in group.tensors.values()]
        self.checkpoints = Checkpoints(folder)
        start = Position(step=0, seconds=0.0, loss_sum=0.0, history=())
        self.position = self.checkpoints.resume(scorer, self.optimiser) or start
        self.epoch = len(self.position.history)
        self.clock = self.saved_at = time.perf_counter()

    def n_seen(self) -> int:
        """Rows that went through a step."""
        epochs, steps = divmod(self.position.step, self.steps_per_epoch)
        return epochs * len(self.rows.y) + min(steps * self.schedule.batch_size, len(self.rows.y))

    def exhausted(self) -> bool:
        """Whether the tune rows have seen no gain for `patience` epochs."""
        best = self.best_epoch()
        return self.tune is not None and best is not None and self.epoch - 1 - best >= self.schedule.patience

    def best_epoch(self) -> int | None:
        """The epoch with the best tune accuracy, the lower loss where two are equal; the last without tune rows."""
        if self.tune is None or not self.position.history:
            return self.epoch - 1 if self.position.history else None
        return max(self.position.history, key=lambda e: (e.tune_accuracy or 0.0, -(e.tune_loss or 0.0))).epoch

    def finish_epoch(self, advance: Callable[[int], None]) -> None:
        """Takes the steps that are left of this epoch, judges it, and saves."""
        lengths = [len(row) for row in self.rows.tokens]
        batches = epoch_batches(lengths, batch_size=self.schedule.batch_size, seed=self.seed, epoch=self.epoch)
        self.scorer.train_mode(True)
        for batch in batches[self.position.step - self.epoch * self.steps_per_epoch :]:
            self._step(batch)
            advance(len(batch))
            if time.perf_counter() - self.saved_at > CHECKPOINT_SECONDS:
                self._save()
        self.scorer.train_mode(False)
        self._judge()
        self._save()

    def _step(self, batch: Sequence[int]) -> None:
        step = self.position.step
        rate = learning_rate_at(step, n_steps=self.schedule.epochs * self.steps_per_epoch, schedule=self.schedule)
        for group, scale in zip(self.optimiser.param_groups, self.scales, strict=True):
            group["lr"] = rate * scale
        torch.manual_seed(self.seed * 1_000_003 + step)
        logits_BK = self.scorer.logits([self.rows.tokens[i] for i in batch])
        y_B = torch.from_numpy(self.rows.y[batch]).to(logits_BK.device)
        loss = torch.nn.functional.cross_entropy(logits_BK, y_B)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, MAX_GRADIENT_NORM)
        value = float(loss.detach())
        _must_be_finite(value, gradient_norm=float(norm), rate=rate)
        self.optimiser.step()
        self.position = replace(self.position, step=step + 1, loss_sum=self.position.loss_sum + value * len(batch))

    def _judge(self) -> None:
        accuracy, loss = _scored(self.scorer, self.tune) if self.tune is not None else (None, None)
        done = EpochResult(
            epoch=self.epoch,
            train_loss=self.position.loss_sum / len(self.rows.y),
            tune_accuracy=accuracy,
            tune_loss=loss,
        )
        self.position = replace(self.position, history=(*self.position.history, done), loss_sum=0.0)
        self.epoch += 1
        if self.best_epoch() == done.epoch:
            self.checkpoints.save_best(self.scorer)

    def _save(self) -> None:
        now = time.perf_counter()
        self.position = replace(self.position, seconds=self.position.seconds + now - self.clock)
        self.clock = now
        self.checkpoints.save(self.scorer, self.optimiser, self.position)
        self.saved_at = time.perf_counter()

    def result(self) -> TrainingResult:
        """Puts the best parameters in place and says how they came about."""
        self.checkpoints.load_best(self.scorer)
        self.scorer.train_mode(False)
        best = self.best_epoch()
        assert best is not None, "a run has at least one epoch"
        return TrainingResult(
            best_epoch=best,
            history=self.position.history,
            seconds=self.position.seconds,
            n_examples_seen=self.n_seen(),
        )


def _scored(scorer: Scorer, rows: TokenRows) -> tuple[float, float]:
    """Accuracy and mean cross-entropy of real predictions."""
    logits = score_all(scorer, rows.tokens)
    right = logits.argmax(axis=1) == rows.y
    losses = logsumexp(logits, axis=1) - logits[np.arange(len(rows.y)), rows.y]
    return float(right.mean()), float(losses.mean())


def _must_be_finite(loss: float, *, gradient_norm: float, rate: float) -> None:
    """Before the step: parameters that were moved by a gradient without end are lost."""
    if not (math.isfinite(loss) and math.isfinite(gradient_norm)):
        raise TaskError(
            Problem(
                where="train.learning_rate",
                rule="the training loss and its gradient must stay numbers",
                got=f"a loss of {loss:.3g} and a gradient of {gradient_norm:.3g} at a learning rate of {rate:.2g}",
                fix="set a lower train.learning_rate and run again",
            )
        )
