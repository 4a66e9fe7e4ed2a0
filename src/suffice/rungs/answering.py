"""What every rung is whose answers are free text: fit, complete, save, load, size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from suffice.kinds.tools import render
from suffice.records.answers import Question
from suffice.records.completion import Completion, Decoding
from suffice.records.free_spec import FreeSpec
from suffice.records.progress import Progress
from suffice.records.run import Training
from suffice.records.task import HostedSpec, TooLong, TrainSpec
from suffice.records.tool_calls import CallLimits, Message, Tool, ToolRequest
from suffice.rungs.interface import BaseReference, Size
from suffice.store.completions import Kept


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedQuestion:
    """A question that is to be answered."""

    id: str
    """Unique among those that are asked together."""
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedRequest:
    """A request that is to be answered by calls of its tools, or by none."""

    id: str
    """Unique among those that are asked together."""
    messages: tuple[Message, ...]
    """Up to the request."""
    tools: tuple[Tool, ...]
    """What may be called, at least one."""
    limits: CallLimits | None = None
    """What a model that runs here is held to beside the schemas of the tools; None where it is free to write."""

    @property
    def text(self) -> str:
        """The request as one text."""
        return render(self.messages).strip()


AnyRow: TypeAlias = Question | ToolRequest
"""A row with what is right; all rows of a task are of one kind."""
AnyAsked: TypeAlias = AskedQuestion | AskedRequest
"""The same without."""


def without_gold(row: AnyRow) -> AnyAsked:
    """A row without what is right.

    Args:
        row: of either kind.
    """
    if isinstance(row, ToolRequest):
        return AskedRequest(id=row.id, messages=row.example.messages, tools=row.example.tools)
    return AskedQuestion(id=row.id, text=row.given)


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerData:
    """The rows that a rung may see while it is fitted; at most one of `tune` and `folds` is given, and neither where
    nothing is chosen.
    """

    questions: tuple[AnyRow, ...]
    """With their right answers or calls, length N."""
    tune: NDArray[np.int64] | None = None
    """Positions of the rows that choices made while fitting are made on."""
    folds: NDArray[np.int64] | None = None
    """Fold of each row, shape [N], where there are too few rows to set any aside."""

    @property
    def fit_rows(self) -> NDArray[np.int64]:
        """Positions of the rows that are not tune rows."""
        every = np.arange(len(self.questions))
        return every if self.tune is None else np.setdiff1d(every, self.tune)


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerSettings:
    """How a rung is fitted."""

    seed: int
    """Of whatever is left to chance."""
    train: TrainSpec
    """The task's training section."""
    instruction: str
    """What a language model is told; empty for the default."""
    answer: FreeSpec
    """What an answer is, or how calls are asked for."""
    context_tokens: int
    """The most tokens of a question that an encoder reads."""
    too_long: TooLong
    """What becomes of longer questions in an encoder."""
    hosted: HostedSpec | None = None
    """The endpoint of a hosted rung; None for rungs that run here."""


class FittedAnswerRung(Protocol):
    """A rung that can answer."""

    base: BaseReference | None
    """None where the rung stands on nothing."""
    train_seconds: float
    """Wall time of fitting, over all starts."""
    training: Training | None
    """How fast a network was trained; None where none was, or where it was read from a folder."""
    precision: str
    """`none` where nothing is multiplied, `fp32`, `bf16` or `hosted`."""

    def completions(
        self,
        asked: Sequence[AnyAsked],
        *,
        decoding: Decoding,
        kept: Kept,
        done: Callable[[int], None] = lambda n: None,
    ) -> list[Completion]:
        """What it writes for each question, in order; those that are kept are not written again.

        Args:
            asked: questions with ids of their own.
            decoding: how tokens are chosen, and when to stop; of no matter to a rung that writes no tokens.
            kept: where completions are kept as they end.
            done: told the completions that have come since the last call.
        """
        ...

    def save(self, folder: Path) -> None:
        """Writes what fitting added; the base is not copied."""
        ...

    def size(self) -> Size:
        """Bytes of all that is loaded."""
        ...


@runtime_checkable
class TakesWords(Protocol):
    """A fitted rung over a language model, which can be told something else than it was fitted with."""

    def under(self, instruction: str) -> FittedAnswerRung:
        """The same rung told something else; the loaded model is shared.

        Args:
            instruction: taken as it is, empty for none.
        """
        ...


@runtime_checkable
class EndsInForm(Protocol):
    """A fitted rung over a language model that can be made to end what it wrote in the form that is asked for."""

    def held_to_form(
        self,
        asked: Sequence[AnyAsked],
        written: Sequence[Completion],
        *,
        decoding: Decoding,
        kept: Kept,
        done: Callable[[int], None] = lambda n: None,
    ) -> list[Completion]:
        """Each completion as it is where it has the form, was cut off before it came to its answer, or is asked what no
        grammar can hold; otherwise with an answer in it, written by the model.

        Args:
            asked: questions with ids of their own.
            written: what the rung wrote for each, in the same order.
            decoding: how tokens are chosen; their number is that of an answer.
            kept: where completions are kept as they end.
            done: told the completions that have come since the last call.
        """
        ...

    def unheld(self, asked: Sequence[AnyAsked], written: Sequence[Completion]) -> tuple[str, ...]:
        """Ids of those that have not the form and cannot be held to it, since no grammar can.

        Args:
            asked: questions or requests.
            written: what the rung wrote for each, in the same order.
        """
        ...


@runtime_checkable
class WritesTokens(Protocol):
    """A fitted rung over a language model of this machine."""

    @property
    def context(self) -> int:
        """The most tokens that a prompt and what is written behind it have together."""
        ...


class AnswerRung(Protocol):
    """How such a rung comes to be."""

    @classmethod
    def fit(
        cls, data: AnswerData, settings: AnswerSettings, *, base: str, checkpoints: Path, progress: Progress
    ) -> FittedAnswerRung:
        """Fits on the rows given.

        Args:
            data: rows to fit and to choose on.
            settings: how.
            base: base model, for rungs that stand on one; the name of the endpoint, for a hosted one.
            checkpoints: folder in which an interrupted fit is taken up again.
            progress: told of every step.
        """
        ...

    @classmethod
    def load(cls, folder: Path, *, base_folder: Path | None) -> FittedAnswerRung:
        """Reads what `save` wrote.

        Args:
            folder: where it lies.
            base_folder: a copy of the base model to use instead of finding it by name.
        """
        ...
