"""The training loop: the same seed and rows give the same parameters, byte for byte, interrupted or not."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic

import numpy as np
import torch
from numpy.typing import NDArray

from suffice.errors import Problem, TaskError
from suffice.predict.scorer import ParameterGroup
from suffice.records.progress import Progress
from suffice.train.checkpoint import START, Checkpoints, EpochResult
from suffice.train.order import epoch_batches
from suffice.train.rows import Network, Rows
from suffice.train.schedule import Schedule, learning_rate_at
from suffice.train.watchdog import MAX_HALVINGS, DivergedError, Losses

CHECKPOINT_SECONDS = 20.0
"""Between checkpoints within an epoch. When they fall has no influence on the result."""
MAX_GRADIENT_NORM = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingResult:
    """What a run came to; its parameters stand in the scorer."""

    best_epoch: int
    """Epoch whose parameters were kept, from 0."""
    history: tuple[EpochResult, ...]
    """Every finished epoch."""
    seconds: float
    """Wall time over all starts, choices and checkpoints included."""
    loop_seconds: float
    """Wall time of the steps alone."""
    n_steps: int
    """Optimiser steps, starts that were given up apart."""
    n_parts: int
    """Parts of all steps, over all starts; the instruction is computed once in each."""
    n_tokens: int
    """Tokens of the texts in all steps, over all starts; the instruction's apart."""
    n_halvings: int
    """How often training started again at half the learning rate."""
    n_examples_seen: int
    """Rows that went through a step, repeats counted."""


def train(
    network: Network,
    rows: Rows[Network],
    *,
    tune: Rows[Network] | None,
    schedule: Schedule,
    seed: int,
    stop_after: int | None,
    checkpoints: Path,
    progress: Progress,
    what: str,
) -> TrainingResult:
    """Trains a network in place and leaves the best parameters in it.

    A run that diverges starts again at half the learning rate, and says so.

    Args:
        network: what is trained.
        rows: what is fitted.
        tune: rows on which the epoch is chosen, by accuracy of real predictions where they have one, then by loss; None
            keeps the last.
        schedule: length and pace.
        seed: initialisation, order and dropout.
        stop_after: end after this many epochs of the schedule, though its pace is that of the whole.
        checkpoints: folder in which the run can be taken up again.
        progress: told of every step.
        what: what the progress calls the run.

    Raises:
        TaskError: it diverged at every rate that was tried.
    """
    run = _Run(network, rows, tune=tune, schedule=schedule, seed=seed, folder=checkpoints)
    n_epochs = min(schedule.epochs, stop_after or schedule.epochs)
    if 0 < run.n_seen() < n_epochs * len(rows):
        progress.say(f"{what}: going on after {run.n_seen():,} of {n_epochs * len(rows):,}")
    while True:
        try:
            with progress.step(what, total=n_epochs * len(rows)) as advance:
                advance(run.n_seen())
                while run.epoch < n_epochs and not run.exhausted():
                    run.finish_epoch(advance, progress)
                advance(n_epochs * len(rows) - run.n_seen())
            return run.result()
        except DivergedError as diverged:
            progress.say(run.start_again(str(diverged), what=what))


class _Run(Generic[Network]):
    """One run under way."""

    def __init__(
        self,
        network: Network,
        rows: Rows[Network],
        *,
        tune: Rows[Network] | None,
        schedule: Schedule,
        seed: int,
        folder: Path,
    ) -> None:
        self.network, self.rows, self.tune, self.schedule, self.seed = network, rows, tune, schedule, seed
        self.lengths, self.weights, self.shares = rows.lengths(), rows.weights(), rows.shares()
        self.steps_per_epoch = math.ceil(len(rows) / schedule.batch_size)
        network.reset(seed)
        groups = network.trained()
        self.optimiser = _optimiser(groups)
        self.scales = [group.learning_rate_scale for group in groups]
        self.parameters = [p for group in groups for p in group.tensors.values()]
        self.checkpoints = Checkpoints(folder, schedule)
        self.position = self.checkpoints.resume(network, self.optimiser) or START
        self.epoch = len(self.position.history)
        self.clock = self.saved_at = time.perf_counter()

    def n_seen(self) -> int:
        """Rows that went through a step."""
        epochs, steps = divmod(self.position.step, self.steps_per_epoch)
        return epochs * len(self.rows) + min(steps * self.schedule.batch_size, len(self.rows))

    def start_again(self, why: str, *, what: str) -> str:
        """Puts everything back but the time it took, at half the learning rate; says what happened."""
        now, rate = self.position, self.peak_rate()
        if now.n_halvings == MAX_HALVINGS:
            raise TaskError(
                Problem(
                    where="train.learning_rate",
                    rule="training must not diverge",
                    got=f"{why} at a learning rate of {rate:.2g}, the lowest of {MAX_HALVINGS + 1} that were tried",
                    fix="look at the data, then set a lower train.learning_rate and run again",
                )
            )
        self.network.train_mode(False)
        self.network.reset(self.seed)
        self.optimiser.state.clear()
        self.position = replace(
            START,
            seconds=now.seconds,
            loop_seconds=now.loop_seconds,
            n_parts=now.n_parts,
            n_tokens=now.n_tokens,
            n_halvings=now.n_halvings + 1,
            n_given_up=now.n_given_up + self.n_seen(),
        )
        self.epoch = 0
        self._save()
        return f"{what}: {why} at a learning rate of {rate:.2g}; starting again at {rate / 2:.2g}"

    def peak_rate(self) -> float:
        """The schedule's, halved as often as the run diverged."""
        return self.schedule.learning_rate / float(2**self.position.n_halvings)

    def exhausted(self) -> bool:
        """Whether the tune rows have seen no gain for `patience` epochs."""
        best = self.best_epoch()
        return self.tune is not None and best is not None and self.epoch - 1 - best >= self.schedule.patience

    def best_epoch(self) -> int | None:
        """The epoch with the best tune accuracy, the lower loss where two are equal; the last without tune rows."""
        if self.tune is None or not self.position.history:
            return self.epoch - 1 if self.position.history else None
        return max(self.position.history, key=lambda e: (e.tune_accuracy or 0.0, -(e.tune_loss or 0.0))).epoch

    def finish_epoch(self, advance: Callable[[int], None], progress: Progress) -> None:
        """Takes the steps that are left of this epoch, judges it, and saves."""
        batches = epoch_batches(
            self.lengths,
            batch_size=self.schedule.batch_size,
            seed=self.seed,
            epoch=self.epoch,
            shares=self.shares,
        )
        self.network.train_mode(True)
        for batch in batches[self.position.step - self.epoch * self.steps_per_epoch :]:
            progress.measured(self._step(batch), step=self.position.step)
            advance(len(batch))
            if time.perf_counter() - self.saved_at > CHECKPOINT_SECONDS:
                self._save()
        self.network.train_mode(False)
        progress.measured(self._judge(), step=self.position.step)
        self._save()

    def _step(self, batch: Sequence[int]) -> dict[str, float]:
        """Takes one step; what it came to."""
        began, step = time.perf_counter(), self.position.step
        rate = learning_rate_at(step, n_steps=self.schedule.epochs * self.steps_per_epoch, schedule=self.schedule)
        rate /= float(2**self.position.n_halvings)
        for group, scale in zip(self.optimiser.param_groups, self.scales, strict=True):
            group["lr"] = rate * scale
        torch.manual_seed(self.seed * 1_000_003 + step)
        self.optimiser.zero_grad(set_to_none=True)
        parts = np.array_split(np.asarray(batch), min(self.schedule.accumulation, len(batch)))
        total = float(self.weights[batch].sum())
        shares = [float(self.weights[part].sum()) / total for part in parts]
        value = math.fsum(self._add_gradient(part, share) for part, share in zip(parts, shares, strict=True))
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, MAX_GRADIENT_NORM)
        losses = _watched(self.position.losses, value, gradient_norm=float(norm))
        self.optimiser.step()
        self.position = replace(
            self.position,
            step=step + 1,
            loss_sum=self.position.loss_sum + value * len(batch),
            losses=losses,
            loop_seconds=self.position.loop_seconds + time.perf_counter() - began,
            n_parts=self.position.n_parts + len(parts),
            n_tokens=self.position.n_tokens + sum(self.lengths[i] for i in batch),
        )
        return {"train/loss": value, "train/gradient_norm": float(norm), "train/learning_rate": rate}

    def _add_gradient(self, part: NDArray[np.int64], share: float) -> float:
        """Adds what some rows of a step give to its gradient; their share of the step's loss."""
        loss = self.rows.loss(self.network, part) * share
        loss.backward()  # type: ignore[no-untyped-call]
        return float(loss.detach())

    def _judge(self) -> dict[str, float]:
        """Closes an epoch; what it came to."""
        judged = None if self.tune is None else self.tune.judged(self.network)
        done = EpochResult(
            epoch=self.epoch,
            train_loss=self.position.loss_sum / len(self.rows),
            tune_accuracy=None if judged is None else judged.accuracy,
            tune_loss=None if judged is None else judged.loss,
        )
        self.position = replace(self.position, history=(*self.position.history, done), loss_sum=0.0)
        self.epoch += 1
        if self.best_epoch() == done.epoch:
            self.checkpoints.save_best(self.network)
        told = {
            "train/epoch_loss": done.train_loss,
            "tune/accuracy": done.tune_accuracy,
            "tune/loss": done.tune_loss,
        }
        return {name: value for name, value in told.items() if value is not None}

    def _save(self) -> None:
        now = time.perf_counter()
        self.position = replace(self.position, seconds=self.position.seconds + now - self.clock)
        self.clock = now
        self.checkpoints.save(self.network, self.optimiser, self.position)
        self.saved_at = time.perf_counter()

    def result(self) -> TrainingResult:
        """Puts the best parameters in place and says how they came about."""
        self.checkpoints.load_best(self.network)
        self.network.train_mode(False)
        best = self.best_epoch()
        assert best is not None, "a run has at least one epoch"
        return TrainingResult(
            best_epoch=best,
            history=self.position.history,
            seconds=self.position.seconds,
            loop_seconds=self.position.loop_seconds,
            n_steps=self.position.step,
            n_parts=self.position.n_parts,
            n_tokens=self.position.n_tokens,
            n_halvings=self.position.n_halvings,
            n_examples_seen=self.position.n_given_up + self.n_seen(),
        )


def _watched(losses: Losses, loss: float, *, gradient_norm: float) -> Losses:
    """Before the step: parameters that were moved by a gradient without end are lost."""
    if not (math.isfinite(loss) and math.isfinite(gradient_norm)):
        raise DivergedError(f"a loss of {loss:.3g} and a gradient of {gradient_norm:.3g}")
    losses = losses.then(loss)
    if losses.diverged:
        raise DivergedError(f"a loss of {math.fsum(losses.last) / len(losses.last):.3g}, far above the first ones,")
    return losses


def _optimiser(groups: Sequence[ParameterGroup]) -> torch.optim.AdamW:
    """AdamW without weight decay; the rate is set before every step."""
    return torch.optim.AdamW(
        [{"params": list(group.tensors.values())} for group in groups], weight_decay=0.0, fused=True
    )
