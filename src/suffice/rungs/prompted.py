"""A language model as it is, told what to do and shown some examples: it answers with a label's full name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from suffice.base_models import BaseModelFiles, Causal, Format, choose_precision, load_causal, locate, usable_device
from suffice.errors import Problem, TaskError
from suffice.kinds.classify import default_instruction, prompt, spoken_names
from suffice.kinds.prompts import Example, Prompt
from suffice.predict.frame import MIN_ROOM, Frame
from suffice.predict.label_names import LabelNames, label_names
from suffice.predict.prompted import NameScorer
from suffice.predict.stopping import end_of_text
from suffice.records.labels import LabelSet
from suffice.records.progress import Progress
from suffice.records.run import Training
from suffice.records.task import BaseWeights, TooLong
from suffice.rungs.bases import matching_base
from suffice.rungs.interface import BaseReference, Scores, Settings, Size, TrainingData
from suffice.rungs.shots import shown_rows
from suffice.store import strict_json
from suffice.text.token_budget import Budgeted


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedPrompted:
    """What a prompted language model needs to be put together again."""

    base: BaseReference
    """The untouched base model."""
    instruction: str
    """What it is told before every message; empty for nothing."""
    examples: tuple[Example, ...]
    """Training rows that it is shown, in order."""
    names: tuple[str, ...]
    """What it says for each label, in the order of the label set."""
    before: str
    """The prompt up to the message, instruction and examples included."""
    after: str
    """The prompt behind the message; the answer follows."""
    context_tokens: int
    """The most tokens of a message that are read."""
    too_long: TooLong
    """What becomes of longer messages."""
    precision: Format
    """What it multiplies in."""
    base_weights: BaseWeights
    """How the base's weights lie in memory."""


class PromptedCausal:
    """A frozen language model, its prompt, and the names that it may say."""

    def __init__(self, scorer: NameScorer, labels: LabelSet, *, saved: SavedPrompted) -> None:
        """
        Args:
            scorer: model and names.
            labels: the K labels.
            saved: what puts it together again.
        """
        self._scorer, self.labels, self.saved = scorer, labels, saved
        self.base: BaseReference | None = saved.base
        self.precision = saved.precision
        self.train_seconds = 0.0
        self.training: Training | None = None

    @classmethod
    def fit(
        cls, data: TrainingData, settings: Settings, *, base: str, checkpoints: Path, progress: Progress
    ) -> PromptedCausal:
        """Chooses the examples and loads the base; nothing is trained.

        Raises:
            ModelError: the base model cannot be found, or cannot score names.
            TaskError: instruction and examples leave no room for a message, or labels cannot be told apart.
        """
        files, labels = locate(base, progress=progress), data.labels
        begun = perf_counter()
        names = spoken_names(labels)
        shown = shown_rows(data, n_shots=settings.train.shots, seed=settings.seed).tolist()
        examples = tuple(Example(text=data.texts[row], answer=names[data.y[row]]) for row in shown)
        # Nothing but the prompt tells it the labels, and the prompt is computed once: all of them are listed.
        instruction = settings.instruction or default_instruction(labels, most_listed=len(labels))
        told = prompt(instruction, examples=examples)
        saved = SavedPrompted(
            base=BaseReference(name=files.name, fingerprint=files.fingerprint),
            instruction=instruction,
            examples=examples,
            names=names,
            before=told.before,
            after=told.after,
            context_tokens=settings.context_tokens,
            too_long=settings.too_long,
            precision=choose_precision(device=usable_device()),
            base_weights=settings.train.base,
        )
        rung = _built(files, labels, saved)
        rung.train_seconds = perf_counter() - begun
        return rung

    @classmethod
    def load(cls, folder: Path, labels: LabelSet, *, base_folder: Path | None) -> PromptedCausal:
        """Loads the base, and the prompt that `save` wrote."""
        saved = strict_json.read(folder / "prompted.json", SavedPrompted)
        return _built(matching_base(saved.base, base_folder=base_folder), labels, saved)

    def scores(self, texts: Sequence[str]) -> Scores:
        """Log-probabilities of the labels, chosen step by step among their names."""
        return self.scores_of(self.read(texts))

    def read(self, texts: Sequence[str]) -> list[Budgeted]:
        """Token ids of each message within the context."""
        return self._scorer.tokenise(texts)

    def scores_of(self, rows: Sequence[Budgeted]) -> Scores:
        """Log-probabilities of messages that were read."""
        logits = self._scorer.chosen([row.ids for row in rows])
        return Scores(logits=logits, truncated=np.array([row.truncated for row in rows], dtype=np.bool_))

    def joint(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Log-probability that the model, free to say anything, says a label's name and ends there; shape [N, K].

        Args:
            texts: messages, length N, at least one.
        """
        return self._scorer.joint([row.ids for row in self.read(texts)])

    def invented(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Share of what the model, free to say anything, would say that is none of the labels; shape [N].

        Args:
            texts: messages, length N, at least one.
        """
        return np.asarray(-np.expm1(np.minimum(logsumexp(self.joint(texts), axis=1), 0.0)))

    def under(self, instruction: str) -> PromptedCausal:
        """The same model and examples told something else; the loaded model is shared, and nothing is loaded.

        Args:
            instruction: taken as it is, empty for none; the default instruction is not put in its place.

        Raises:
            TaskError: instruction and examples leave no room for a message.
        """
        told = prompt(instruction, examples=self.saved.examples)
        saved = replace(self.saved, instruction=instruction, before=told.before, after=told.after)
        return PromptedCausal(self._scorer.behind(_around(self._scorer.frame, saved)), self.labels, saved=saved)

    def save(self, folder: Path) -> None:
        """Writes the exact prompt; the base is not copied."""
        strict_json.write(folder / "prompted.json", self.saved)

    def size(self) -> Size:
        """The base's weights as loaded; nothing was added."""
        return Size(base_bytes=self._scorer.base_bytes, adapter_bytes=0)


def _built(files: BaseModelFiles, labels: LabelSet, saved: SavedPrompted) -> PromptedCausal:
    loaded = load_causal(files, precision=saved.precision, device=usable_device(), weights=saved.base_weights)
    names = _names(loaded, saved)
    bare = Frame(
        loaded.tokenizer,
        prompt(saved.instruction),
        model_context=loaded.context,
        context_tokens=saved.context_tokens,
        too_long=saved.too_long,
        n_answer=names.most_read,
    )
    return PromptedCausal(NameScorer(loaded.model, frame=_around(bare, saved), names=names), labels, saved=saved)


def _names(loaded: Causal, saved: SavedPrompted) -> LabelNames:
    ends = end_of_text(loaded.model, loaded.tokenizer)
    return label_names(loaded.tokenizer, saved.names, after=saved.after, end_of_text=ends)


def _around(frame: Frame, saved: SavedPrompted) -> Frame:
    """The frame with instruction and examples.

    Args:
        frame: of the same limits; its instruction is of no matter.
        saved: names both.

    Raises:
        TaskError: they leave no room for a message.
    """
    try:
        return frame.around(Prompt(before=saved.before, after=saved.after))
    except TaskError as error:
        if not saved.examples:
            raise
        raise TaskError(_too_many_shots(frame, saved)) from error


def _too_many_shots(frame: Frame, saved: SavedPrompted) -> Problem:
    """What is too long, and how many examples would fit; the instruction alone does, or it is told by `Frame`."""
    bare = frame.around(prompt(saved.instruction))
    n_shots = len(saved.examples)
    prompts = [prompt(saved.instruction, examples=saved.examples[:n]) for n in range(n_shots + 1)]
    lengths = [bare.n_tokens_before(one) for one in prompts]
    n_fitting = max(n for n, length in enumerate(lengths) if bare.room_behind(length) >= MIN_ROOM)
    return Problem(
        where="train.shots",
        rule=f"instruction, examples and message must fit the model's context of {bare.model_context:,} tokens",
        got=f"an instruction of {lengths[0]:,} tokens and {n_shots:,} examples of {lengths[-1] - lengths[0]:,}",
        fix=f"lower train.shots to {n_fitting:,}, or shorten `instruction`",
    )
