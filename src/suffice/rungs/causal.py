"""A small language model tuned with LoRA to answer with one label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from suffice.base_models import (
    BaseModelFiles,
    Causal,
    Format,
    choose_precision,
    hub_id_of,
    load_causal,
    locate,
    usable_device,
)
from suffice.kinds.classify import default_instruction, prompt
from suffice.kinds.prompts import Prompt
from suffice.predict.bank import AdapterBank, Resident
from suffice.predict.batching import score_all
from suffice.predict.causal import CausalScorer, name_embeddings
from suffice.predict.frame import Frame
from suffice.predict.label_tokens import LabelTokens, choose_label_tokens
from suffice.predict.lora import LoraShape
from suffice.predict.readout import HeadReadout, TokenReadout
from suffice.predict.scorer import Tokens
from suffice.records.labels import LabelSet
from suffice.records.progress import Progress
from suffice.records.run import Training
from suffice.records.task import BaseWeights, TooLong
from suffice.rungs.adapter_files import load_adapter, save_adapter
from suffice.rungs.bases import matching_base
from suffice.rungs.gradient import fit_scorer
from suffice.rungs.interface import BaseReference, Scores, Settings, Size, TrainingData
from suffice.store import strict_json
from suffice.text.token_budget import Budgeted
from suffice.train.checkpoint import trained_state
from suffice.train.schedule import lora_schedule, rate_of


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedCausal:
    """What a tuned language model needs to be put together again, by us or by another server."""

    base: BaseReference
    """The untouched base model."""
    instruction: str
    """What it is told before every message."""
    before: str
    """The prompt up to the message, the instruction included."""
    after: str
    """The prompt behind the message; the answer follows."""
    label_output: Literal["tokens", "head"]
    """What it answers with."""
    tokens: LabelTokens | None
    """The answer token of each label, in the order of the label set; None with a head."""
    lora: LoraShape
    """Size of the adapter."""
    context_tokens: int
    """The most tokens of a message that are read."""
    too_long: TooLong
    """What becomes of longer messages."""
    precision: Format
    """What it multiplies in."""
    base_weights: BaseWeights = "full"
    """How the base's weights lay in memory while the adapter was trained; they must lie so when it answers."""


class TunedCausal:
    """An adapter over a frozen language model."""

    def __init__(self, scorer: CausalScorer, labels: LabelSet, *, files: BaseModelFiles, saved: SavedCausal) -> None:
        """
        Args:
            scorer: model, adapter and readout.
            labels: the K labels.
            files: the base model.
            saved: what puts it together again.
        """
        self._scorer, self.labels, self._files, self.saved = scorer, labels, files, saved
        self.base: BaseReference | None = saved.base
        self.precision = saved.precision
        self.train_seconds = 0.0
        self.training: Training | None = None

    @classmethod
    def fit(
        cls, data: TrainingData, settings: Settings, *, base: str, checkpoints: Path, progress: Progress
    ) -> TunedCausal:
        """Trains the adapter, and keeps the epoch that does best on the rows kept for it."""
        files = locate(base, progress=progress)
        rung = _assembled(files, data.labels, settings=settings)
        rung.train_seconds, rung.training = fit_scorer(
            rung._scorer,
            data,
            schedule=lora_schedule(len(data.fit_rows), settings.train, rate=rate_of(base, settings.label_output)),
            seed=settings.seed,
            checkpoints=checkpoints,
            progress=progress,
            what=f"{base}, {settings.label_output}",
            device=usable_device(),
        )
        return rung

    @classmethod
    def load(cls, folder: Path, labels: LabelSet, *, base_folder: Path | None) -> TunedCausal:
        """Reads the adapter and puts it on the base."""
        saved = strict_json.read(folder / "causal.json", SavedCausal)
        rung = _built(matching_base(saved.base, base_folder=base_folder), labels, saved)
        load_adapter(folder, rung._scorer)
        rung._scorer.freeze()
        return rung

    def scores(self, texts: Sequence[str]) -> Scores:
        """Logits of the labels behind the shared instruction."""
        return self.scores_of(self.read(texts))

    def read(self, texts: Sequence[str]) -> list[Budgeted]:
        """Token ids of each message within the context."""
        return self._scorer.tokenise(texts)

    def prompts_of(self, texts: Sequence[str]) -> list[Tokens]:
        """Token ids of all that is read for each message, the instruction included, as other engines get them.

        Args:
            texts: messages.
        """
        return [(*self._scorer.frame.before, *row.ids) for row in self.read(texts)]

    def scores_of(self, rows: Sequence[Budgeted]) -> Scores:
        """Logits of messages that were read."""
        logits = score_all(self._scorer, [row.ids for row in rows])
        return Scores(logits=logits, truncated=np.array([row.truncated for row in rows], dtype=np.bool_))

    def under(self, instruction: str) -> TunedCausal:
        """The same adapter told something else; base and adapter are shared, and nothing is trained or loaded.

        Args:
            instruction: taken as it is, empty for none; the default instruction is not put in its place.

        Raises:
            TaskError: it leaves no room for a message.
        """
        told = prompt(instruction)
        saved = replace(self.saved, instruction=instruction, before=told.before, after=told.after)
        scorer = self._scorer.behind(self._scorer.frame.around(told))
        return TunedCausal(scorer, self.labels, files=self._files, saved=saved)

    def beside(self, bank: AdapterBank, name: str) -> Resident:
        """The same adapter beside others on an untouched base.

        Args:
            bank: the same base model, in the same number format.
            name: what it is called there.
        """
        scorer = self._scorer
        return bank.load(name, scorer.updates, shape=self.saved.lora, frame=scorer.frame, readout=scorer.readout)

    def save(self, folder: Path) -> None:
        """Writes the adapter in PEFT's format, the head where there is one, and the exact prompt."""
        save_adapter(folder, self._scorer, lora=self.saved.lora, base=hub_id_of(self._files.name) or self._files.name)
        strict_json.write(folder / "causal.json", self.saved)

    def size(self) -> Size:
        """The base's weights as loaded, and what training added."""
        state = trained_state(self._scorer)
        added = sum(t.numel() * t.element_size() for t in state.values())
        return Size(base_bytes=self._scorer.base_bytes, adapter_bytes=added)


def _assembled(files: BaseModelFiles, labels: LabelSet, *, settings: Settings) -> TunedCausal:
    """A rung that has learned nothing yet."""
    instruction = settings.instruction or default_instruction(labels)
    frame = prompt(instruction)
    train = settings.train
    saved = SavedCausal(
        base=BaseReference(name=files.name, fingerprint=files.fingerprint),
        instruction=instruction,
        before=frame.before,
        after=frame.after,
        label_output=settings.label_output,
        tokens=None,
        lora=LoraShape(rank=train.rank, alpha=train.alpha, dropout=train.dropout, rank_stabilised=train.rslora),
        context_tokens=settings.context_tokens,
        too_long=settings.too_long,
        precision=choose_precision(device=usable_device()),
        base_weights=train.base,
    )
    return _built(files, labels, saved, keep_inputs_alone=train.gradient_checkpointing)


def _built(
    files: BaseModelFiles, labels: LabelSet, saved: SavedCausal, *, keep_inputs_alone: bool = False
) -> TunedCausal:
    """Loads the base, finds the answer tokens where they are not known yet, and attaches an empty adapter."""
    loaded = load_causal(files, precision=saved.precision, device=usable_device(), weights=saved.base_weights)
    if saved.label_output == "tokens" and saved.tokens is None:
        saved = replace(saved, tokens=choose_label_tokens(loaded.tokenizer, labels, after=saved.after))
    frame, readout = frame_of(loaded, saved), readout_of(loaded, labels, saved)
    scorer = CausalScorer(
        loaded.model, frame=frame, readout=readout, lora=saved.lora, keep_inputs_alone=keep_inputs_alone
    )
    return TunedCausal(scorer, labels, files=files, saved=saved)


def frame_of(loaded: Causal, saved: SavedCausal) -> Frame:
    """What stands around every message.

    Args:
        loaded: the base model.
        saved: what is put together again.

    Raises:
        TaskError: the instruction leaves no room for a message.
    """
    return Frame(
        loaded.tokenizer,
        Prompt(before=saved.before, after=saved.after),
        model_context=loaded.context,
        context_tokens=saved.context_tokens,
        too_long=saved.too_long,
    )


def readout_of(loaded: Causal, labels: LabelSet, saved: SavedCausal) -> TokenReadout | HeadReadout:
    """From the last hidden state to a logit for each label; a head is as it begins.

    Args:
        loaded: the base model.
        labels: the K labels.
        saved: what is put together again; its answer tokens are known.
    """
    if saved.tokens is not None:
        return TokenReadout(loaded.model.get_output_embeddings().weight, saved.tokens.ids)
    return HeadReadout(name_embeddings(loaded.model, loaded.tokenizer, labels.names))
