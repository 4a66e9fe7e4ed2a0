"""Scorers that train in milliseconds, and a progress that pulls the plug."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

from suffice.base_models.precision import Format
from suffice.predict.scorer import ParameterGroup, Tokens
from suffice.text.token_budget import Budgeted
from suffice.train.rows import TokenRows
from suffice.train.schedule import Schedule

N_TOKENS, N_LABELS = 30, 3


class BagOfTokens:
    """Mean token embedding, dropout, a linear layer: two groups, random at the start and in every step."""

    precision: Format = "fp32"
    n_prefix_tokens = 0
    flops_per_token = 1.0
    flops_per_row = 0.0

    def __init__(self) -> None:
        self.table = nn.Parameter(torch.empty(N_TOKENS, 8))
        self.head = nn.Parameter(torch.empty(N_LABELS, 8))
        self.training = False

    def tokenise(self, texts: Sequence[str]) -> list[Budgeted]:
        return [Budgeted(ids=tuple(int(word) for word in text.split()), truncated=False) for text in texts]

    def logits(self, rows: Sequence[Tokens]) -> torch.Tensor:
        bags = torch.stack([self.table[list(row)].mean(dim=0) for row in rows])
        return nn.functional.dropout(bags, 0.3, self.training) @ self.head.T

    def trained(self) -> list[ParameterGroup]:
        return [
            ParameterGroup(tensors={"table": self.table}, learning_rate_scale=1.0),
            ParameterGroup(tensors={"head": self.head}, learning_rate_scale=2.0),
        ]

    def reset(self, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            self.table.normal_(generator=generator)
            self.head.normal_(generator=generator)

    def train_mode(self, training: bool) -> None:
        self.training = training


class Scripted:
    """A scorer whose tune predictions are written down beforehand, one entry per epoch.

    The first `right` rows are given their label (0) by `margin`, the others the wrong one; its one parameter grows with
    every step, so that its value tells when it was kept.
    """

    precision: Format = "fp32"
    n_prefix_tokens = 0
    flops_per_token = 1.0
    flops_per_row = 0.0

    def __init__(self, script: Sequence[tuple[int, float]]) -> None:
        self.script, self.epoch, self.training = script, -1, False
        self.parameter = nn.Parameter(torch.zeros(1))

    def tokenise(self, texts: Sequence[str]) -> list[Budgeted]:
        raise NotImplementedError

    def logits(self, rows: Sequence[Tokens]) -> torch.Tensor:
        if self.training:
            return torch.stack([self.parameter, -self.parameter], dim=1).expand(len(rows), 2)
        right, margin = self.script[self.epoch]
        return torch.tensor([[margin, 0.0] if row[0] < right else [0.0, margin] for row in rows])

    def trained(self) -> list[ParameterGroup]:
        return [ParameterGroup(tensors={"parameter": self.parameter}, learning_rate_scale=1.0)]

    def reset(self, seed: int) -> None:
        del seed
        self.epoch = -1
        with torch.no_grad():
            self.parameter.zero_()

    def train_mode(self, training: bool) -> None:
        self.epoch += training and not self.training
        self.training = training


def some_rows(n: int, *, seed: int = 0) -> TokenRows:
    """Rows of one to eight tokens whose label is the first token modulo the number of labels."""
    rng = np.random.default_rng(seed)
    tokens = [tuple(rng.integers(0, N_TOKENS, size=rng.integers(1, 9)).tolist()) for _ in range(n)]
    return TokenRows(tokens=tokens, y=np.array([row[0] % N_LABELS for row in tokens]))


def schedule(*, epochs: int = 3, batch_size: int = 4, learning_rate: float = 0.05, patience: int = 2) -> Schedule:
    """A short run."""
    return Schedule(epochs=epochs, batch_size=batch_size, learning_rate=learning_rate, warmup=0.1, patience=patience)


class Unplugged(Exception):
    """The machine went away."""


class PullsThePlug:
    """Progress that raises after so many calls with rows done."""

    def __init__(self, after: int) -> None:
        self.left = after

    @contextmanager
    def step(self, what: str, *, total: int) -> Iterator[Callable[[int], None]]:
        def done(n: int) -> None:
            if n:
                self.left -= 1
            if self.left == 0:
                raise Unplugged

        yield done

    def say(self, message: str) -> None:
        del message

    def measured(self, figures: Mapping[str, float], *, step: int) -> None:
        del figures, step


class Counts:
    """Progress that adds up."""

    def __init__(self) -> None:
        self.totals: dict[str, int] = {}
        self.done: dict[str, int] = {}
        self.figures: dict[int, dict[str, float]] = {}

    @contextmanager
    def step(self, what: str, *, total: int) -> Iterator[Callable[[int], None]]:
        self.totals[what] = total

        def done(n: int) -> None:
            self.done[what] = self.done.get(what, 0) + n

        yield done

    def say(self, message: str) -> None:
        raise NotImplementedError

    def measured(self, figures: Mapping[str, float], *, step: int) -> None:
        self.figures[step] = self.figures.get(step, {}) | dict(figures)
