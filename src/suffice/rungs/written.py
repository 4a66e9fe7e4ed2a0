"""A language model that answers in its own words, as it is or with an adapter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Self

from suffice.base_models import BaseModelFiles, Format, hub_id_of, load_causal, load_tokenizer, usable_device
from suffice.base_models.four_bit import n_bytes
from suffice.kinds.answer import conversation, end_in_form, parse, prompt, render, up_to_form
from suffice.kinds.classify import Example
from suffice.predict.chat import ChatPrompt, prompt_ids
from suffice.predict.completer import Asked, Completer
from suffice.predict.completions import completions_of
from suffice.predict.lora import Adapter, LoraShape
from suffice.predict.scorer import Tokens
from suffice.predict.token_ids import token_ids
from suffice.records.answer_spec import AnswerSpec
from suffice.records.completion import Completion, Decoding
from suffice.records.run import Training
from suffice.records.task import BaseWeights
from suffice.rungs.adapter_files import load_updates, save_updates
from suffice.rungs.answering import AskedQuestion
from suffice.rungs.bases import matching_base
from suffice.rungs.interface import BaseReference, Size
from suffice.store import strict_json
from suffice.store.completions import Kept

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
        return completions_of(self._loaded.completer, prompts, decoding=self._stopped(decoding), kept=kept, done=done)

    def held_to_form(
        self,
        asked: Sequence[AskedQuestion],
        written: Sequence[Completion],
        *,
        decoding: Decoding,
        kept: Kept,
        done: Callable[[int], None] = lambda n: None,
    ) -> list[Completion]:
        """Behind what it wrote stands the beginning of the form, and the model goes on with an answer of the type.

        What was cut off had not come to its answer: it is too long, and no other form. Where the model's context has no
        room for an answer, a completion stays as it is as well.
        """
        spec, before = self.saved.answer, dict[str, str]()
        prompts, completer = list[Asked](), self._loaded.completer
        for one, own, ids in zip(asked, written, self._prompts(asked), strict=True):
            if own.stop_reason == "length" or parse(own.text, spec).strict is not None:
                continue
            begun = up_to_form(own.text, spec)
            (behind,) = token_ids(completer.tokenizer, [begun])
            if len(ids) + len(behind) + FORM_TOKENS <= completer.context:
                before[one.id] = begun
                prompts.append(Asked(id=one.id, tokens=(*ids, *behind), constraint=end_in_form(spec)))
        done(len(asked) - len(prompts))
        held = replace(decoding, max_new_tokens=FORM_TOKENS, stop=())
        found = {one.id: one for one in completions_of(completer, prompts, decoding=held, kept=kept, done=done)}
        return [_joined(own, found.get(own.id), before.get(own.id, "")) for own in written]

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
    def _loaded(self) -> Loaded:
        saved = self.saved
        causal = load_causal(self._files, precision=saved.precision, device=usable_device(), weights=saved.base_weights)
        base_bytes = n_bytes(causal.model)
        return Loaded(completer=Completer(causal, adapter=self._adapter), base_bytes=base_bytes)

    def _prompts(self, asked: Sequence[AskedQuestion]) -> list[Tokens]:
        return prompt_ids(self._loaded.completer.tokenizer, chat_prompts([one.text for one in asked], self.saved))

    def _stopped(self, decoding: Decoding) -> Decoding:
        if self._loaded.completer.tokenizer.chat_template:
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
        held=True,
    )


def chat_prompts(texts: Sequence[str], saved: SavedWritten) -> list[ChatPrompt]:
    """What is asked for each question, in both forms in which models take it.

    Args:
        texts: questions.
        saved: instruction and examples.
    """
    told, examples = saved.instruction, saved.examples
    around = prompt(told, examples=examples)
    return [
        ChatPrompt(
            messages=conversation(text, told=told, examples=examples),
            plain=f"{around.before}{render(text)}{around.after}",
        )
        for text in texts
    ]
