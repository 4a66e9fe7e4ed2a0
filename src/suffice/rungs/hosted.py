"""A model behind an OpenAI-compatible endpoint, told the labels and asked for one: the dearest rung, never called
unless `hosted:ID` is named.

It states no probabilities, so that it has no `scores` as the rungs have that run here: it gives labels, and answers
that are none. Nothing is fitted; what it needs of the rows is their labels alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from suffice.kinds.classify import chat, label_said
from suffice.records.labels import LabelSet
from suffice.records.progress import Progress
from suffice.records.task import HostedSpec
from suffice.rungs.endpoint import Question, answer_tokens
from suffice.rungs.hosted_calls import Calls
from suffice.rungs.interface import Settings, Size, TrainingData
from suffice.rungs.ladder import HOSTED
from suffice.store import strict_json
from suffice.store.paid_answers import PaidAnswer
from suffice.text.normalise import readable


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedHosted:
    """What a hosted rung is: where it asks, and what."""

    endpoint: str
    """Name of the endpoint in the task file."""
    spec: HostedSpec
    """The endpoint; of its key the name of a variable alone."""
    instruction: str
    """As in the task file; empty for the default."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A message, and which of several calls with it."""

    text: str
    repeat: int = 0
    """From 0."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What a message was answered with."""

    label: int
    """Label code, `INVENTED` where the answer is no label of the set."""
    answer: PaidAnswer
    """The answer as it came."""


class Hosted:
    """An endpoint and what it is told."""

    base = None
    training = None
    precision = "hosted"
    train_seconds = 0.0

    def __init__(self, saved: SavedHosted, labels: LabelSet, *, answers: Path) -> None:
        """
        Args:
            saved: what it is.
            labels: the K labels.
            answers: folder in which answers are kept.
        """
        self.saved, self.labels = saved, labels
        self.name = f"{HOSTED}{saved.endpoint}"
        limit = answer_tokens(saved.spec, labels.names)
        self._calls = Calls(saved.spec, name=self.name, folder=answers, answer_tokens=limit)

    @classmethod
    def fit(cls, data: TrainingData, settings: Settings, *, base: str, checkpoints: Path, progress: Progress) -> Hosted:
        """Fits nothing: `base` is the name of the endpoint, `checkpoints` the folder in which answers are kept."""
        del progress
        assert settings.hosted is not None, "a hosted rung has an endpoint"
        saved = SavedHosted(endpoint=base, spec=settings.hosted, instruction=settings.instruction)
        return cls(saved, data.labels, answers=checkpoints)

    @classmethod
    def load(cls, folder: Path, labels: LabelSet, *, base_folder: Path | None) -> Hosted:
        """Reads what `save` wrote; `base_folder` is the folder in which answers are kept, by default beside it."""
        return cls(strict_json.read(folder / "hosted.json", SavedHosted), labels, answers=base_folder or folder)

    def save(self, folder: Path) -> None:
        """Writes the endpoint and the instruction."""
        strict_json.write(folder / "hosted.json", self.saved)

    def size(self) -> Size:
        """Nothing is loaded here."""
        return Size(base_bytes=0, adapter_bytes=0)

    def spent(self) -> float:
        """What the endpoint was paid so far, in the currency of its price."""
        return self._calls.spent()

    def replies(self, asked: Sequence[Asked], *, send: bool, progress: Progress) -> tuple[Reply, ...]:
        """The answers to messages, one for each in order: those that are kept, and those that calls bring.

        Args:
            asked: messages with something in them.
            send: whether calls may be made; otherwise answers that are kept must do.
            progress: told of every call.

        Raises:
            Incomplete: not all could be answered.
            EndpointError: the client or the key is missing.
            StorageError: answers cannot be kept.
        """
        answers = self._calls.answers([self._question(one) for one in asked], send=send, progress=progress)
        return tuple(Reply(label=label_said(answer.said, self.labels), answer=answer) for answer in answers)

    def _question(self, one: Asked) -> Question:
        messages = chat(readable(one.text), instruction=self.saved.instruction, labels=self.labels)
        return Question(messages=messages, repeat=one.repeat)
