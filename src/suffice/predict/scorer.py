"""What training and prediction need of a network: token ids in, one logit per label out.

Shape suffixes: B rows of a batch, T tokens, K labels, D hidden width, P tokens of the shared prefix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from suffice.base_models.precision import Format
from suffice.text.token_budget import Budgeted

Tokens = tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ParameterGroup:
    """Trained parameters that share a learning rate."""

    tensors: dict[str, torch.nn.Parameter]
    """By the name under which they are saved; float32."""
    learning_rate_scale: float
    """Factor on the run's learning rate."""


class Trainable(Protocol):
    """A network some of whose parameters are trained; everything outside `trained` is frozen or fixed."""

    precision: Format
    """What it multiplies in."""

    def trained(self) -> list[ParameterGroup]:
        """The parameters that training changes."""
        ...

    def reset(self, seed: int) -> None:
        """Puts the trained parameters back to where a run with this seed starts."""
        ...

    def train_mode(self, training: bool) -> None:
        """Switches dropout, and drops whatever was computed from older parameters."""
        ...


class Scorer(Trainable, Protocol):
    """A network with a closed label set."""

    n_prefix_tokens: int
    """Tokens that every row shares and that are computed once per batch: 0 for encoders."""
    flops_per_token: float
    """Floating-point operations that training needs for every token, those of the prefix included: see `Training`."""
    flops_per_row: float
    """What it needs for every row beside that: by layers that are computed where an answer is read alone."""

    def tokenise(self, texts: Sequence[str]) -> list[Budgeted]:
        """Token ids of each text within the context, length N."""
        ...

    def logits(self, rows: Sequence[Tokens]) -> torch.Tensor:
        """Scores of each label before softmax, shape [B, K], float32; differentiable while training."""
        ...
