"""Where a run stands, on disk: parameters, optimiser state, history; whole or not there."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from suffice.errors import BundleError, Problem
from suffice.predict.scorer import Trainable
from suffice.store.files import replacing
from suffice.train.schedule import Schedule
from suffice.train.watchdog import Losses

CHECKPOINT_FORMAT = 3
"""Raised when checkpoints change in a way that older or newer code cannot read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EpochResult:
    """What one pass over the training rows came to."""

    epoch: int
    """From 0."""
    train_loss: float
    """Mean loss over the epoch's steps, nats."""
    tune_accuracy: float | None
    """On real predictions of the tune rows; None where the run has no tune rows, or where they are completions."""
    tune_loss: float | None
    """Mean cross-entropy on the tune rows, nats; the tie-break, or where there is no accuracy the choice."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """How far a run has come."""

    step: int
    """Optimiser steps done."""
    seconds: float
    """Wall time so far, over all starts, choices and checkpoints included."""
    loop_seconds: float
    """Wall time of the steps alone."""
    n_parts: int
    """Parts of all steps so far."""
    n_tokens: int
    """Tokens of the texts in all steps so far; the instruction's apart."""
    loss_sum: float
    """Sum of the losses of the epoch that is under way, weighted by rows."""
    history: tuple[EpochResult, ...]
    """Finished epochs."""
    losses: Losses
    """What the watchdog looks at."""
    n_halvings: int
    """How often the run started again at half the learning rate; `seconds` and what is counted go on."""
    n_given_up: int
    """Rows that went through steps of starts that were given up."""


START = Position(
    step=0,
    seconds=0.0,
    loop_seconds=0.0,
    n_parts=0,
    n_tokens=0,
    loss_sum=0.0,
    history=(),
    losses=Losses(),
    n_halvings=0,
    n_given_up=0,
)
"""Of a run that has not begun."""


State = dict[str, torch.Tensor]


def trained_state(network: Trainable) -> State:
    """A copy of the trained parameters by name.

    Args:
        network: the network.
    """
    return {name: p.detach().clone() for group in network.trained() for name, p in group.tensors.items()}


def load_state(network: Trainable, state: State) -> None:
    """Puts trained parameters in place.

    Args:
        network: the network.
        state: as from `trained_state`.
    """
    with torch.no_grad():
        for group in network.trained():
            for name, parameter in group.tensors.items():
                parameter.copy_(state[name])


class Checkpoints:
    """One run's folder of checkpoints."""

    def __init__(self, folder: Path, schedule: Schedule) -> None:
        """
        Args:
            folder: made when something is saved.
            schedule: of the run.
        """
        self._schedule = schedule
        self._now, self._best = folder / "now.safetensors", folder / "best.safetensors"
        self._folder = folder

    def save(self, network: Trainable, optimiser: torch.optim.Optimizer, position: Position) -> None:
        """Writes where the run stands."""
        tensors = {f"value/{name}": tensor for name, tensor in trained_state(network).items()}
        for name, parameter in _named(network).items():
            for key, value in optimiser.state.get(parameter, {}).items():
                tensors[f"{key}/{name}"] = value
        with replacing(self._now) as part:
            save_file(tensors, part, metadata=self._here(network) | {"position": json.dumps(asdict(position))})

    def resume(self, network: Trainable, optimiser: torch.optim.Optimizer) -> Position | None:
        """Puts parameters and optimiser back where the run stood; None where nothing was saved.

        Raises:
            BundleError: it was saved in another precision, on another number of threads, of another schedule, or by
                another version.
        """
        if not self._now.exists():
            return None
        with safe_open(self._now, framework="pt") as file:
            meta = self._meta(file.metadata(), network)
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - not a dictionary
        load_state(network, {key[6:]: value for key, value in tensors.items() if key.startswith("value/")})
        for name, parameter in _named(network).items():
            keys = [key for key in tensors if key.endswith(f"/{name}") and not key.startswith("value/")]
            if keys:
                kept = {key.removesuffix(f"/{name}"): tensors[key].to(parameter.device) for key in keys}
                optimiser.state[parameter] = kept
        history = tuple(EpochResult(**epoch) for epoch in meta.pop("history"))
        losses = Losses(**{name: tuple(values) for name, values in meta.pop("losses").items()})
        return Position(**meta, history=history, losses=losses)

    def _meta(self, told: dict[str, str], network: Trainable) -> dict[str, Any]:
        """Where the run stood, if what saved it computes as what goes on."""
        here = self._here(network)
        other = [key for key in here if told.get(key) != here[key]]
        if other:
            as_before = f"set OMP_NUM_THREADS={told['threads']}" if other == ["threads"] else "go on where it began"
            raise BundleError(
                Problem(
                    where=str(self._now),
                    rule=f"a run must go on as it began, with {_spoken(told, other)}",
                    got=_spoken(here, other),
                    fix=f"{as_before}, or remove the run with `suffice runs rm` and begin it anew",
                )
            )
        position = json.loads(told["position"])
        assert isinstance(position, dict), "it was written by `save`"
        return position

    def _here(self, network: Trainable) -> dict[str, str]:
        """What a run must not change on the way, as it stands in a checkpoint."""
        pace = {key: str(value) for key, value in asdict(self._schedule).items()}
        threads = str(torch.get_num_threads())
        return {"format": str(CHECKPOINT_FORMAT), "precision": network.precision, "threads": threads} | pace

    def save_best(self, network: Trainable) -> None:
        """Keeps the parameters as they are now."""
        with replacing(self._best) as part:
            save_file(trained_state(network), part)

    def load_best(self, network: Trainable) -> None:
        """Puts the kept parameters in place."""
        with safe_open(self._best, framework="pt") as file:
            load_state(network, {key: file.get_tensor(key) for key in file.keys()})  # noqa: SIM118

    def clear(self) -> None:
        """Takes the folder away: the run is finished."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _spoken(told: dict[str, str], keys: list[str]) -> str:
    return ", ".join(f"{key} {told.get(key, 'unknown')}" for key in keys)


def _named(network: Trainable) -> dict[str, torch.nn.Parameter]:
    return {name: p for group in network.trained() for name, p in group.tensors.items()}
