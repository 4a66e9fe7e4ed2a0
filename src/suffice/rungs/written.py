"""A language model that answers in its own words, as it is or with an adapter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Self

from suffice.base_models import BaseModelFiles, Format, hub_id_of, load_causal, load_tokenizer, usable_device
from suffice.base_models.four_bit import n_bytes
from suffice.kinds.prompts import Example
from suffice.predict.chat import prompt_ids
from suffice.predict.completer import Asked, Completer
from suffice.predict.completions import completions_of
from suffice.predict.lora import Adapter, LoraShape
from suffice.predict.scorer import Tokens
from suffice.predict.token_ids import token_ids
from suffice.records.completion import Completion, Decoding
from suffice.records.free_spec import FreeSpec
from suffice.records.run import Training
from suffice.records.task import BaseWeights
from suffice.rungs.adapter_files import load_updates, save_updates
from suffice.rungs.answering import AnyAsked
from suffice.rungs.bases import matching_base
from suffice.rungs.interface import BaseReference, Size
from suffice.rungs.speech import HeldTo, Speech
from suffice.rungs.speeches import speech_of
from suffice.store import strict_json
from suffice.store.completions import Kept


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedWritten:
    """What a prompted language model needs to be put together again."""

    base: BaseReference
    """The untouched base model."""
    instruction: str
    """What it is told before every question; empty for nothing."""
    examples: tuple[Example, ...]
    """Training rows that it is shown, in order, with their traces."""
    answer: FreeSpec
    """What an answer is, or how calls are asked for."""
    precision: Format
    """What it multiplies in."""
    base_weights: BaseWeights
    """How the base's weights lie in memory."""
    lora: LoraShape | None = None
    """Size of the adapter; None where nothing was trained."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Loaded:
    """A model in memory."""

    completer: Completer
    base_bytes: int
    """Of the base's weights."""


class Written:
    """A frozen language model, an adapter where it was tuned, and what it is told. Its weights are loaded when it is
    first asked.
    """

    def __init__(
        self, files: BaseModelFiles, saved: SavedWritten, *, adapter: Adapter | None, loaded: Loaded | None = None
    ) -> None:
        """
        Args:
            files: the base model.
            saved: what puts it together again.
            adapter: what it was tuned with; None where it is as it was.
            loaded: the model in memory; None loads it.
        """
        self.saved, self._files, self._adapter = saved, files, adapter
        self.base: BaseReference | None = saved.base
        self.precision: str = saved.precision
        self.train_seconds = 0.0
        self.training: Training | None = None
        if loaded is not None:
            self._loaded = loaded

    @classmethod
    def load(cls, folder: Path, *, base_folder: Path | None) -> Self:
        """Finds the base, and reads the adapter and what it is told."""
        saved = strict_json.read(folder / "written.json", SavedWritten)
        tuned = None if saved.lora is None else Adapter(shape=saved.lora, tensors=load_updates(folder))
        return cls(matching_base(saved.base, base_folder=base_folder), saved, adapter=tuned)

    def completions(
        self,
        asked: Sequence[AnyAsked],
        *,
        decoding: Decoding,
        kept: Kept,
        done: Callable[[int], None] = lambda n: None,
    ) -> list[Completion]:
        """What the model writes for each question.

        Raises:
            TaskError: a prompt leaves no room in the model's context, or completions are to be held to what no grammar
                can hold.
        """
        prompts = [
            Asked(id=one.id, tokens=ids, constraint=self._speech.constraint(one))
            for one, ids in zip(asked, self._prompts(asked), strict=True)
        ]
        return completions_of(self._loaded.completer, prompts, decoding=self._stopped(decoding), kept=kept, done=done)

    def held_to_form(
        self,
        asked: Sequence[AnyAsked],
        written: Sequence[Completion],
        *,
        decoding: Decoding,
        kept: Kept,
        done: Callable[[int], None] = lambda n: None,
    ) -> list[Completion]:
        """As its kind says: with the form behind what was written, or written anew under a grammar. Where the model's
        context has no room for that, a completion stays as it is as well.
        """
        holds, prompts, completer = dict[str, HeldTo](), list[Asked](), self._loaded.completer
        for one, own, ids in zip(asked, written, self._prompts(asked), strict=True):
            hold = self._speech.held(one, own)
            if hold is None or not completer.can_hold(hold.constraint):
                continue
            behind = () if hold.behind is None else token_ids(completer.tokenizer, [hold.behind])[0]
            if len(ids) + len(behind) + (hold.most or 0) <= completer.context:
                holds[one.id] = hold
                prompts.append(Asked(id=one.id, tokens=(*ids, *behind), constraint=hold.constraint))
        done(len(asked) - len(prompts))
        most = max((hold.most or decoding.max_new_tokens for hold in holds.values()), default=decoding.max_new_tokens)
        held = replace(decoding, max_new_tokens=most, stop=())
        found = {one.id: one for one in completions_of(completer, prompts, decoding=held, kept=kept, done=done)}
        return [_joined(own, found[own.id], holds[own.id]) if own.id in found else own for own in written]

    def unheld(self, asked: Sequence[AnyAsked], written: Sequence[Completion]) -> tuple[str, ...]:
        """Of requests: those with a schema that no grammar can hold."""
        holds = [(one.id, self._speech.held(one, own)) for one, own in zip(asked, written, strict=True)]
        can_hold = self._loaded.completer.can_hold
        return tuple(id_ for id_, hold in holds if hold is not None and not can_hold(hold.constraint))

    def under(self, instruction: str) -> Self:
        """The same model and examples told something else; the loaded model is shared.

        Args:
            instruction: taken as it is, empty for none; the default instruction is not put in its place.
        """
        saved = replace(self.saved, instruction=instruction)
        return type(self)(self._files, saved, adapter=self._adapter, loaded=self._loaded)

    def save(self, folder: Path) -> None:
        """Writes what it is told, and the adapter in PEFT's format; the base is not copied."""
        strict_json.write(folder / "written.json", self.saved)
        if self._adapter is not None:
            base = hub_id_of(self._files.name) or self._files.name
            save_updates(folder, self._adapter.tensors, lora=self._adapter.shape, base=base)

    def size(self) -> Size:
        """The base's weights as loaded, and what training added."""
        pairs = () if self._adapter is None else self._adapter.tensors.values()
        added = sum(tensor.numel() * tensor.element_size() for pair in pairs for tensor in pair)
        return Size(base_bytes=self._loaded.base_bytes, adapter_bytes=added)

    @cached_property
    def context(self) -> int:
        """As the base's own record has it; its weights are not loaded for that."""
        return load_tokenizer(self._files).context

    @cached_property
    def _speech(self) -> Speech:
        return speech_of(self.saved.answer)

    @cached_property
    def _loaded(self) -> Loaded:
        saved = self.saved
        causal = load_causal(self._files, precision=saved.precision, device=usable_device(), weights=saved.base_weights)
        base_bytes = n_bytes(causal.model)
        return Loaded(completer=Completer(causal, adapter=self._adapter), base_bytes=base_bytes)

    def _prompts(self, asked: Sequence[AnyAsked]) -> list[Tokens]:
        said = [self._speech.prompt(one, told=self.saved.instruction, examples=self.saved.examples) for one in asked]
        return prompt_ids(self._loaded.completer.tokenizer, said)

    def _stopped(self, decoding: Decoding) -> Decoding:
        if self._loaded.completer.tokenizer.chat_template:
            return decoding
        return replace(decoding, stop=(*decoding.stop, self._speech.next_turn))


def _joined(own: Completion, ended: Completion, hold: HeldTo) -> Completion:
    """What was written, with its end; the tokens and seconds of both. What was written anew stands alone."""
    if hold.behind is None:
        return replace(ended, held=True)
    return replace(
        own,
        text=f"{hold.behind}{ended.text}",
        n_tokens=own.n_tokens + ended.n_tokens,
        stop_reason=ended.stop_reason,
        seconds=own.seconds + ended.seconds,
        held=True,
    )
