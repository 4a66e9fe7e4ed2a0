"""What is learned: labels of messages, or completions of prompts; the loop is the same for both.

Shape suffixes: N rows, B rows of a part of a step, K labels, M tokens of completions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, Self, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import logsumexp

from suffice.predict.batching import by_length, score_all
from suffice.predict.scorer import Scorer, Tokens, Trainable
from suffice.predict.writer import CausalWriter
from suffice.train.order import shares_of_easier

Network = TypeVar("Network", bound=Trainable)
_Taught_contra = TypeVar("_Taught_contra", bound=Trainable, contravariant=True)


class Judged(NamedTuple):
    """How a network does on rows that it was not fitted on."""

    accuracy: float | None
    """Of real predictions; None where there is none but by writing them out."""
    loss: float
    """Nats, each row by its weight."""


class Rows(Protocol[_Taught_contra]):
    """Tokenised examples, and what a network is to make of them."""

    def __len__(self) -> int: ...

    def lengths(self) -> list[int]:
        """Tokens of each row, what all share apart, length N."""
        ...

    def weights(self) -> NDArray[np.float64]:
        """What each row counts in the loss of a step, shape [N]."""
        ...

    def shares(self) -> NDArray[np.float64] | None:
        """As from `shares_of_easier`, shape [N]; None for an order by chance."""
        ...

    def take(self, rows: NDArray[np.int64]) -> Self:
        """The examples at these positions."""
        ...

    def loss(self, network: _Taught_contra, part: NDArray[np.int64]) -> torch.Tensor:
        """Mean loss of some rows, each by its weight; differentiable, nats."""
        ...

    def judged(self, network: _Taught_contra) -> Judged:
        """How the network does on all of them."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenRows:
    """Tokenised messages with their labels."""

    tokens: Sequence[Tokens]
    """Token ids of each row, length N."""
    y: NDArray[np.int64]
    """Label codes, shape [N]."""
    difficulty: NDArray[np.float64] | None = None
    """How hard each row is, larger is harder, shape [N]: easy ones come first. None: in an order by chance."""

    def __len__(self) -> int:
        return len(self.y)

    def lengths(self) -> list[int]:
        """Tokens of each row, length N."""
        return [len(row) for row in self.tokens]

    def weights(self) -> NDArray[np.float64]:
        """All rows count alike, shape [N]."""
        return np.ones(len(self.y))

    def shares(self) -> NDArray[np.float64] | None:
        """What share of the rows of its label is easier than each; None for an order by chance."""
        return None if self.difficulty is None else shares_of_easier(self.difficulty, self.y)

    def take(self, rows: NDArray[np.int64]) -> TokenRows:
        """The examples at these positions."""
        difficulty = None if self.difficulty is None else self.difficulty[rows]
        return TokenRows(tokens=[self.tokens[i] for i in rows.tolist()], y=self.y[rows], difficulty=difficulty)

    def loss(self, network: Scorer, part: NDArray[np.int64]) -> torch.Tensor:
        """Mean cross-entropy of the labels."""
        logits_BK = network.logits([self.tokens[i] for i in part.tolist()])
        y_B = torch.from_numpy(self.y[part]).to(logits_BK.device)
        return torch.nn.functional.cross_entropy(logits_BK, y_B)

    def judged(self, network: Scorer) -> Judged:
        """Accuracy and mean cross-entropy of real predictions."""
        logits = score_all(network, self.tokens)
        right = logits.argmax(axis=1) == self.y
        losses = logsumexp(logits, axis=1) - logits[np.arange(len(self.y)), self.y]
        return Judged(accuracy=float(right.mean()), loss=float(losses.mean()))


@dataclass(frozen=True, kw_only=True, slots=True)
class CompletionRows:
    """Prompts with what is to be written behind them: a trace and an answer, an answer alone, calls of tools."""

    prompts: Sequence[Tokens]
    """Whole, what all begin with included, length N."""
    completions: Sequence[Tokens]
    """Each with the token that ends it, so that stopping is learned as well; length N."""
    n_shared: int
    """Tokens that all prompts begin with, and that are computed once for all rows of a part of a step."""
    difficulty: NDArray[np.float64] | None = None
    """How hard each row is, such as its number of steps, shape [N]: easy ones come first. None: in an order by chance.
    """

    def __len__(self) -> int:
        return len(self.completions)

    def lengths(self) -> list[int]:
        """Tokens of each row that are computed behind what all share, length N."""
        pairs = zip(self.prompts, self.completions, strict=True)
        return [len(prompt) - self.n_shared + len(completion) - 1 for prompt, completion in pairs]

    def weights(self) -> NDArray[np.float64]:
        """Every token that is to be written counts alike, shape [N]; those of the prompt count nothing."""
        return np.array([len(completion) for completion in self.completions], dtype=np.float64)

    def shares(self) -> NDArray[np.float64] | None:
        """What share of all rows is easier than each; None for an order by chance."""
        if self.difficulty is None:
            return None
        return shares_of_easier(self.difficulty, np.zeros(len(self), dtype=np.int64))

    def take(self, rows: NDArray[np.int64]) -> CompletionRows:
        """The examples at these positions."""
        return CompletionRows(
            prompts=[self.prompts[i] for i in rows.tolist()],
            completions=[self.completions[i] for i in rows.tolist()],
            n_shared=self.n_shared,
            difficulty=None if self.difficulty is None else self.difficulty[rows],
        )

    def loss(self, network: CausalWriter, part: NDArray[np.int64]) -> torch.Tensor:
        """Mean cross-entropy of the tokens that are to be written."""
        return self._losses(network, part.tolist()).mean()

    def judged(self, network: CausalWriter) -> Judged:
        """Mean cross-entropy of the tokens that are to be written, each behind the right ones."""
        with torch.inference_mode():
            sums = [float(self._losses(network, some).double().sum()) for some in by_length(self.lengths())]
        return Judged(accuracy=None, loss=sum(sums) / float(self.weights().sum()))

    def _losses(self, network: CausalWriter, rows: Sequence[int]) -> torch.Tensor:
        return network.losses([self.prompts[i] for i in rows], [self.completions[i] for i in rows])
