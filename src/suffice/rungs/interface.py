"""What every rung is: fit, score, save, load, size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from suffice.records.labels import LabelSet
from suffice.records.progress import Progress
from suffice.records.run import Training
from suffice.records.task import HostedSpec, TooLong, TrainSpec
from suffice.text.token_budget import Budgeted


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingData:
    """The rows that a rung may see while it is fitted; exactly one of `tune` and `folds` is given."""

    texts: Sequence[str]
    """Messages, length N."""
    y: NDArray[np.int64]
    """Label codes, shape [N]."""
    labels: LabelSet
    """The K labels; a label may be missing from `y`."""
    tune: NDArray[np.int64] | None
    """Positions of the rows that choices made while fitting are made on."""
    folds: NDArray[np.int64] | None
    """Fold of each row, shape [N], where there are too few rows to set any aside."""
    difficulty: NDArray[np.float64] | None = None
    """How hard each row is, larger is harder, shape [N], where networks are to see easy rows first."""

    @property
    def fit_rows(self) -> NDArray[np.int64]:
        """Positions of the rows that are not tune rows."""
        every = np.arange(len(self.y))
        return every if self.tune is None else np.setdiff1d(every, self.tune)


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """How a rung is fitted."""

    seed: int
    """Initialisation, shuffles and dropout."""
    train: TrainSpec
    """The task's training section."""
    instruction: str
    """What a language model is told; empty for the default."""
    context_tokens: int
    """The most tokens of a message that a model reads."""
    too_long: TooLong
    """What becomes of longer messages."""
    label_output: Literal["tokens", "head"]
    """What a language model answers with."""
    hosted: HostedSpec | None = None
    """The endpoint of a hosted rung; None for rungs that run here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scores:
    """Label scores before temperature."""

    logits: NDArray[np.float64]
    """Shape [N, K]; softmax of it gives uncalibrated probabilities."""
    truncated: NDArray[np.bool_]
    """Whether a text was longer than the context and was shortened, shape [N]."""
    features: NDArray[np.float32] | None = None
    """What a text is for the model before labels are scored, shape [N, F]; None where that is not kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """Bytes of a fitted rung."""

    base_bytes: int
    """The untouched base model's weights; 0 where there is none."""
    adapter_bytes: int
    """What fitting added."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseReference:
    """Which base model a fitted rung stands on."""

    name: str
    """Catalogue name, hub id or path."""
    fingerprint: str
    """Hash over its weights and tokenizer."""


class FittedRung(Protocol):
    """A rung that can answer."""

    labels: LabelSet
    base: BaseReference | None
    """None where the rung stands on nothing."""
    train_seconds: float
    """Wall time of fitting, over all starts."""
    training: Training | None
    """How fast a network was trained; None where none was, or where it was read from a folder."""
    precision: str
    """`fp64`, `fp32` or `bf16`: what it multiplies in."""

    def scores(self, texts: Sequence[str]) -> Scores:
        """Scores of every label for each text; any text at all is answered."""
        ...

    def save(self, folder: Path) -> None:
        """Writes what fitting added; the base is not copied."""
        ...

    def size(self) -> Size:
        """Bytes of all that is loaded."""
        ...


@runtime_checkable
class ReadsAhead(Protocol):
    """A fitted rung over a tokenizer, which reads texts apart from scoring them; its `scores` does both."""

    def read(self, texts: Sequence[str]) -> list[Budgeted]:
        """Token ids of each text; needs no weights, and may be called in a thread of its own.

        Raises:
            DataError: a text is too long, and the task says that this is an error.
        """
        ...

    def scores_of(self, rows: Sequence[Budgeted]) -> Scores:
        """Scores of every label for each text that was read."""
        ...


@runtime_checkable
class SharesBase(Protocol):
    """A fitted rung whose base model others stand on as well: messages to any of them are scored together."""

    shared: object
    """The base in memory; rungs with the same one can be scored together."""

    def scored_beside(self, asked: Sequence[tuple[FittedRung, Budgeted]]) -> list[NDArray[np.float64]]:
        """Logits of messages under several rungs of this base, shape [K] for each, in order.

        Args:
            asked: each message's rung and its tokens as that rung reads them.
        """
        ...

    def leave(self) -> None:
        """Takes its own part from memory; answers that are under way are finished."""
        ...


class LoadsOnBase(Protocol):
    """Reads a rung that was saved, on a base model that others may stand on."""

    def __call__(self, folder: Path, labels: LabelSet, /, *, base_folder: Path | None) -> FittedRung:
        """The rung.

        Args:
            folder: where it lies.
            labels: its K labels.
            base_folder: a copy of the base model to use instead of finding it by name.
        """
        ...


@runtime_checkable
class TakesInstruction(Protocol):
    """A fitted rung over a language model, which can be told something else than it was fitted with."""

    def under(self, instruction: str) -> FittedRung:
        """The same rung told something else; the loaded model is shared, and nothing is trained or loaded again.

        Args:
            instruction: taken as it is, empty for none; the default instruction is not put in its place.

        Raises:
            TaskError: it leaves no room for a message.
        """
        ...


@runtime_checkable
class LeftFree(Protocol):
    """A fitted rung over a language model that could say anything, and is held to the labels."""

    def invented(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Share of what the model, free to say anything, would say that is none of the labels; shape [N].

        Args:
            texts: messages, length N, at least one.
        """
        ...


@runtime_checkable
class HasStrength(Protocol):
    """A fitted rung over a linear model, which can be fitted again on fewer rows without choosing anew."""

    @property
    def strength(self) -> float:
        """Inverse strength of regularisation that was chosen."""
        ...


class Rung(Protocol):
    """How a rung comes to be; each module of this room has one class of this shape."""

    @classmethod
    def fit(
        cls, data: TrainingData, settings: Settings, *, base: str, checkpoints: Path, progress: Progress
    ) -> FittedRung:
        """Fits on the rows given.

        Args:
            data: rows to fit and to choose on.
            settings: how.
            base: base model, for rungs that stand on one.
            checkpoints: folder in which an interrupted fit is taken up again.
            progress: told of every step.
        """
        ...

    @classmethod
    def load(cls, folder: Path, labels: LabelSet, *, base_folder: Path | None) -> FittedRung:
        """Reads what `save` wrote.

        Args:
            folder: where it lies.
            labels: the K labels.
            base_folder: a copy of the base model to use instead of finding it by name.
        """
        ...
