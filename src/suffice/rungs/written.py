"""A language model as it is, told what to do and shown some examples: it answers in its own words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np

from suffice.base_models import BaseModelFiles, Format, choose_precision, load_causal, locate, usable_device
from suffice.kinds.answer import (
    conversation,
    default_instruction,
    end_in_form,
    parse,
    prompt,
    render,
    render_answer,
    up_to_form,
)
from suffice.kinds.classify import Example
from suffice.predict.chat import ChatPrompt, prompt_ids
from suffice.predict.completer import Asked, Completer
from suffice.predict.completions import completions_of
from suffice.predict.scorer import Tokens
from suffice.predict.token_ids import token_ids
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Question
from suffice.records.completion import Completion, Decoding
from suffice.records.progress import Progress
from suffice.records.run import Training
from suffice.records.task import BaseWeights
from suffice.rungs.answering import AnswerSettings, AskedQuestion
from suffice.rungs.bases import matching_base
from suffice.rungs.interface import BaseReference, Size
from suffice.store import strict_json
from suffice.store.completions import Kept
from suffice.text.normalise import is_empty

NEXT_QUESTION = "\nQuestion:"
"""What a model without a chat template writes where it goes on to a question of its own: the completion ends there."""
FORM_TOKENS = 64
"""The most tokens of an answer that a model is held to behind what it wrote."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedWritten:
    """What a prompted language model needs to be put together again."""

    base: BaseReference
    """The untouched base model."""
    instruction: str
    """What it is told before every question; empty for nothing."""
    examples: tuple[Example, ...]
    """Training rows that it is shown, in order, with their traces."""
    answer: AnswerSpec
    """What an answer is and in which form it is asked for."""
    precision: Format
    """What it multiplies in."""
    base_weights: BaseWeights
    """How the base's weights lie in memory."""


class WrittenByPrompted:
    """A frozen language model and what it is told."""

    def __init__(self, completer: Completer, saved: SavedWritten, *, base_bytes: int) -> None:
        """
        Args:
            completer: the model.
            saved: what puts it together again.
            base_bytes: of its weights in memory.
        """
        self._completer, self.saved, self._base_bytes = completer, saved, base_bytes
        self.base: BaseReference | None = saved.base
        self.precision: str = saved.precision
        self.train_seconds = 0.0
        self.training: Training | None = None

    @classmethod
    def fit(
        cls, rows: Sequence[Question], settings: AnswerSettings, *, base: str, checkpoints: Path, progress: Progress
    ) -> WrittenByPrompted:
        """Chooses the examples and loads the base; nothing is trained.

        Raises:
            ModelError: the base model cannot be found, or cannot write.
        """
        del checkpoints
        files, begun = locate(base, progress=progress), perf_counter()
        saved = SavedWritten(
            base=BaseReference(name=files.name, fingerprint=files.fingerprint),
            instruction=settings.instruction or default_instruction(settings.answer),
            examples=_shown(rows, settings),
            answer=settings.answer,
            precision=choose_precision(device=usable_device()),
            base_weights=settings.train.base,
        )
        rung = _built(files, saved)
        rung.train_seconds = perf_counter() - begun
        return rung

    @classmethod
    def load(cls, folder: Path, *, base_folder: Path | None) -> WrittenByPrompted:
        """Loads the base, and what it is told."""
        saved = strict_json.read(folder / "written.json", SavedWritten)
        return _built(matching_base(saved.base, base_folder=base_folder), saved)

    def completions(
        self,
        asked: Sequence[AskedQuestion],
        *,
        decoding: Decoding,
        kept: Kept,
        done: Callable[[int], None] = lambda n: None,
    ) -> list[Completion]:
        """What the model writes for each question.

        Raises:
            TaskError: a prompt leaves no room in the model's context.
        """
        prompts = [Asked(id=one.id, tokens=ids) for one, ids in zip(asked, self._prompts(asked), strict=True)]
        return completions_of(self._completer, prompts, decoding=self._stopped(decoding), kept=kept, done=done)

    def held_to_form(
        self,
        asked: Sequence[AskedQuestion],
        written: Sequence[Completion],
        *,
        decoding: Decoding,
        kept: Kept,
        done: Callable[[int], None] = lambda n: None,
    ) -> list[Completion]:
        """Behind what it wrote stands the beginning of the form, and the model goes on with an answer of the type."""
        spec, before = self.saved.answer, dict[str, str]()
        prompts = list[Asked]()
        for one, own, ids in zip(asked, written, self._prompts(asked), strict=True):
            if parse(own.text, spec).strict is None:
                before[one.id] = up_to_form(own.text, spec)
                (behind,) = token_ids(self._completer.tokenizer, [before[one.id]])
                prompts.append(Asked(id=one.id, tokens=(*ids, *behind), constraint=end_in_form(spec)))
        done(len(asked) - len(prompts))
        held = replace(decoding, max_new_tokens=FORM_TOKENS, stop=())
        found = {one.id: one for one in completions_of(self._completer, prompts, decoding=held, kept=kept, done=done)}
        return [_joined(own, found.get(own.id), before.get(own.id, "")) for own in written]

    def under(self, instruction: str) -> WrittenByPrompted:
        """The same model and examples told something else; the loaded model is shared.

        Args:
            instruction: taken as it is, empty for none; the default instruction is not put in its place.
        """
        saved = replace(self.saved, instruction=instruction)
        return WrittenByPrompted(self._completer, saved, base_bytes=self._base_bytes)

    def save(self, folder: Path) -> None:
        """Writes what it is told; the base is not copied."""
        strict_json.write(folder / "written.json", self.saved)

    def size(self) -> Size:
        """The base's weights as loaded; nothing was added."""
        return Size(base_bytes=self._base_bytes, adapter_bytes=0)

    def _prompts(self, asked: Sequence[AskedQuestion]) -> list[Tokens]:
        told, examples = self.saved.instruction, self.saved.examples
        around = prompt(told, examples=examples)
        prompts = [
            ChatPrompt(
                messages=conversation(one.text, told=told, examples=examples),
                plain=f"{around.before}{render(one.text)}{around.after}",
            )
            for one in asked
        ]
        return prompt_ids(self._completer.tokenizer, prompts)

    def _stopped(self, decoding: Decoding) -> Decoding:
        if self._completer.tokenizer.chat_template:
            return decoding
        return replace(decoding, stop=(*decoding.stop, NEXT_QUESTION))


def _joined(own: Completion, ended: Completion | None, before: str) -> Completion:
    """What was written, with its end; the tokens and seconds of both."""
    if ended is None:
        return own
    return replace(
        own,
        text=f"{before}{ended.text}",
        n_tokens=own.n_tokens + ended.n_tokens,
        stop_reason=ended.stop_reason,
        seconds=own.seconds + ended.seconds,
    )


def _shown(rows: Sequence[Question], settings: AnswerSettings) -> tuple[Example, ...]:
    """Examples by chance, those with a trace first; fewer are the first of more."""
    order = np.random.default_rng(settings.seed).permutation(len(rows)).tolist()
    told = [row for k in order if not is_empty((row := rows[k]).text)]
    ordered = sorted(told, key=lambda row: row.gold.trace is None)
    chosen = ordered[: settings.train.shots]
    return tuple(Example(text=row.text, answer=render_answer(row.gold, settings.answer)) for row in chosen)


def _built(files: BaseModelFiles, saved: SavedWritten) -> WrittenByPrompted:
    loaded = load_causal(files, precision=saved.precision, device=usable_device(), weights=saved.base_weights)
    n_bytes = sum(p.numel() * p.element_size() for p in loaded.model.parameters())
    return WrittenByPrompted(Completer(loaded), saved, base_bytes=n_bytes)
