"""A small encoder fine-tuned whole, with a label head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.torch import load_file, save_file

from suffice.base_models import BaseModelFiles, Format, choose_precision, load_encoder, locate
from suffice.predict.batching import score_all
from suffice.predict.encoder import EncoderScorer, SentenceEncoder
from suffice.records.labels import LabelSet
from suffice.records.progress import Progress
from suffice.records.run import Training
from suffice.records.task import TooLong
from suffice.rungs.bases import matching_base
from suffice.rungs.gradient import fit_scorer
from suffice.rungs.interface import BaseReference, Scores, Settings, Size, TrainingData
from suffice.store import strict_json
from suffice.text.token_budget import Budgeted
from suffice.train.checkpoint import load_state, trained_state
from suffice.train.schedule import encoder_schedule


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedEncoder:
    """What a saved encoder needs to be put together again."""

    base: BaseReference
    """The encoder that training began with: its architecture and tokenizer."""
    context_tokens: int
    """The most tokens of a message that are read."""
    too_long: TooLong
    """What becomes of longer messages."""
    precision: Format
    """What it multiplied in while it was measured."""


class Encoder:
    """A tuned encoder."""

    def __init__(self, scorer: EncoderScorer, labels: LabelSet, *, saved: SavedEncoder) -> None:
        """
        Args:
            scorer: encoder and head.
            labels: the K labels.
            saved: what puts it together again.
        """
        self._scorer, self.labels, self._saved = scorer, labels, saved
        self.base: BaseReference | None = saved.base
        self.precision = saved.precision
        self.train_seconds = 0.0
        self.training: Training | None = None

    @classmethod
    def fit(
        cls, data: TrainingData, settings: Settings, *, base: str, checkpoints: Path, progress: Progress
    ) -> Encoder:
        """Trains every weight, and keeps the epoch that does best on the rows kept for it."""
        files = locate(base, progress=progress)
        saved = _to_be_saved(files, settings)
        scorer = _scorer(files, data.labels, saved)
        rung = cls(scorer, data.labels, saved=saved)
        rung.train_seconds, rung.training = fit_scorer(
            scorer,
            data,
            schedule=encoder_schedule(len(data.fit_rows), settings.train),
            seed=settings.seed,
            checkpoints=checkpoints,
            progress=progress,
            what="encoder",
        )
        return rung

    @classmethod
    def load(cls, folder: Path, labels: LabelSet, *, base_folder: Path | None) -> Encoder:
        """Reads the tuned weights into the architecture of the base."""
        saved = strict_json.read(folder / "encoder.json", SavedEncoder)
        scorer = _scorer(matching_base(saved.base, base_folder=base_folder), labels, saved)
        load_state(scorer, load_file(folder / "model.safetensors"))
        return cls(scorer, labels, saved=saved)

    def scores(self, texts: Sequence[str]) -> Scores:
        """Logits of the head."""
        return self.scores_of(self.read(texts))

    def read(self, texts: Sequence[str]) -> list[Budgeted]:
        """Token ids of each message within the context."""
        return self._scorer.tokenise(texts)

    def scores_of(self, rows: Sequence[Budgeted]) -> Scores:
        """Logits of messages that were read."""
        logits = score_all(self._scorer, [row.ids for row in rows])
        return Scores(logits=logits, truncated=np.array([row.truncated for row in rows], dtype=np.bool_))

    def save(self, folder: Path) -> None:
        """Writes every weight: nothing of the base's weights is needed any more, only its shape and tokenizer."""
        save_file(trained_state(self._scorer), folder / "model.safetensors")
        strict_json.write(folder / "encoder.json", self._saved)

    def size(self) -> Size:
        """The whole encoder is what training changed."""
        state = trained_state(self._scorer)
        return Size(base_bytes=0, adapter_bytes=sum(t.numel() * t.element_size() for t in state.values()))


def _to_be_saved(files: BaseModelFiles, settings: Settings) -> SavedEncoder:
    return SavedEncoder(
        base=BaseReference(name=files.name, fingerprint=files.fingerprint),
        context_tokens=settings.context_tokens,
        too_long=settings.too_long,
        precision=choose_precision(),
    )


def _scorer(files: BaseModelFiles, labels: LabelSet, saved: SavedEncoder) -> EncoderScorer:
    loaded = load_encoder(files, precision="fp32")
    encoder = SentenceEncoder(
        loaded.model,
        loaded.tokenizer,
        pooling=loaded.pooling,
        context_tokens=min(saved.context_tokens, loaded.context),
        too_long=saved.too_long,
    )
    return EncoderScorer(encoder, labels.names, precision=saved.precision)
