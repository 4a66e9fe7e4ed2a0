"""Frozen sentence embeddings and logistic regression."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suffice.base_models import BaseModelFiles, load_encoder, locate
from suffice.predict.encoder import SentenceEncoder
from suffice.records.labels import LabelSet
from suffice.records.progress import SILENT, Progress
from suffice.records.task import TooLong
from suffice.rungs.bases import matching_base
from suffice.rungs.interface import BaseReference, Scores, Settings, Size, TrainingData
from suffice.rungs.logistic import (
    Division,
    Linear,
    choose_strength,
    divisions,
    fit_softmax,
    logits_of,
    size_of,
    strength_of,
)
from suffice.rungs.skops_file import load_skops, save_skops
from suffice.store import strict_json
from suffice.text.token_budget import Budgeted

GRID = (3.0, 10.0, 30.0, 100.0)
"""Inverse strengths tried; embeddings have unit length."""
MAX_REMEMBERED = 50_000
"""Embeddings kept while fitting, so that folds of the same rows are embedded once: about 75 MB."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedEmbed:
    """What a saved rung needs to embed again."""

    base: BaseReference
    """The encoder."""
    context_tokens: int
    """The most tokens of a message that are read."""
    too_long: TooLong
    """What becomes of longer messages."""


class Embedder:
    """A frozen encoder that remembers, while fitting, what it has embedded."""

    def __init__(self, files: BaseModelFiles, *, context_tokens: int, too_long: TooLong) -> None:
        """
        Args:
            files: the encoder.
            context_tokens: the most tokens of a message that are read.
            too_long: what becomes of longer messages.
        """
        self.files, self.context_tokens, self.too_long = files, context_tokens, too_long
        loaded = load_encoder(files, precision="fp32")
        self._encoder = SentenceEncoder(
            loaded.model,
            loaded.tokenizer,
            pooling=loaded.pooling,
            context_tokens=min(context_tokens, loaded.context),
            too_long=too_long,
        )
        self.n_bytes = sum(p.numel() * p.element_size() for p in loaded.model.parameters())
        self._memory: dict[tuple[int, ...], NDArray[np.float32]] = {}

    def tokenise(self, texts: Sequence[str]) -> list[Budgeted]:
        """Token ids of each message within the context."""
        return self._encoder.tokenise(texts)

    def embed(self, rows: Sequence[Budgeted], *, done: Callable[[int], None] = lambda n: None) -> NDArray[np.float32]:
        """Embeddings, shape [N, D]."""
        return self._encoder.embed([row.ids for row in rows], done=done)

    def remembered(self, rows: Sequence[Budgeted], *, progress: Progress) -> NDArray[np.float32]:
        """Embeddings, shape [N, D], of messages many of which may have been embedded before."""
        keys = [tuple(row.ids) for row in rows]
        new = {key: row for key, row in zip(keys, rows, strict=True) if key not in self._memory}
        if len(self._memory) + len(new) > MAX_REMEMBERED:
            self._memory, new = {}, dict(zip(keys, rows, strict=True))
        if new:
            with progress.step("embedding messages", total=len(new)) as done:
                self._memory |= dict(zip(new, self.embed(list(new.values()), done=done), strict=True))
        return np.stack([self._memory[key] for key in keys])


@lru_cache(maxsize=2)
def embedder_of(files: BaseModelFiles, context_tokens: int, too_long: TooLong) -> Embedder:
    """One encoder per process and setting: folds and bundles of one base share it."""
    return Embedder(files, context_tokens=context_tokens, too_long=too_long)


def features(texts: Sequence[str], settings: Settings, *, base: str, progress: Progress) -> NDArray[np.float32]:
    """Embeddings as the rung learns from them; shape [N, D], rows of unit length.

    Args:
        texts: messages, length N.
        settings: how much of a message is read.
        base: the encoder.
        progress: told while it is fetched and of every batch.

    Raises:
        ModelError: the encoder cannot be found.
    """
    embedder = embedder_of(locate(base, progress=progress), settings.context_tokens, settings.too_long)
    return embedder.remembered(embedder.tokenise(texts), progress=progress)


class Embed:
    """A frozen encoder and a linear model."""

    precision = "fp32"

    def __init__(
        self,
        embedder: Embedder,
        model: Linear,
        labels: LabelSet,
        *,
        train_seconds: float,
        remembers: bool,
    ) -> None:
        """
        Args:
            embedder: texts to rows of unit length.
            model: fitted on label codes.
            labels: the K labels.
            train_seconds: wall time of fitting, embedding included.
            remembers: embeds no message twice, as long as there is room: for fitting many times on the same rows.
        """
        self._embedder, self._model, self.labels, self.train_seconds = embedder, model, labels, train_seconds
        self._remembers = remembers
        self.base: BaseReference | None = BaseReference(
            name=embedder.files.name, fingerprint=embedder.files.fingerprint
        )
        self.training = None

    @classmethod
    def fit(cls, data: TrainingData, settings: Settings, *, base: str, checkpoints: Path, progress: Progress) -> Embed:
        """Embeds every row once, chooses the strength on the rows kept for it, then fits on every row."""
        del checkpoints
        embedder = embedder_of(locate(base, progress=progress), settings.context_tokens, settings.too_long)
        start = perf_counter()
        x = embedder.remembered(embedder.tokenise(data.texts), progress=progress)

        def features(division: Division) -> tuple[Any, Any]:
            return x[division.fit], x[division.judge]

        with progress.step("embed", total=len(divisions(data)) * len(GRID) + 1) as done:
            c = choose_strength(features, data, fit=fit_softmax, grid=GRID, given=settings.train.strength, done=done)
            model = fit_softmax(x, data.y, c=c)
            done(1)
        return cls(embedder, model, data.labels, train_seconds=perf_counter() - start, remembers=True)

    @classmethod
    def load(cls, folder: Path, labels: LabelSet, *, base_folder: Path | None) -> Embed:
        """Reads the skops file and finds the encoder."""
        saved = strict_json.read(folder / "embed.json", SavedEmbed)
        files = matching_base(saved.base, base_folder=base_folder)
        embedder = embedder_of(files, saved.context_tokens, saved.too_long)
        return cls(embedder, load_skops(folder / "model.skops"), labels, train_seconds=0.0, remembers=False)

    def scores(self, texts: Sequence[str]) -> Scores:
        """What speaks for each label in each text's embedding."""
        return self.scores_of(self.read(texts))

    def read(self, texts: Sequence[str]) -> list[Budgeted]:
        """Token ids of each message within the context."""
        return self._embedder.tokenise(texts)

    def scores_of(self, rows: Sequence[Budgeted]) -> Scores:
        """What speaks for each label in messages that were read."""
        x = self._embedder.remembered(rows, progress=SILENT) if self._remembers else self._embedder.embed(rows)
        logits = logits_of(self._model, x, n_labels=len(self.labels))
        return Scores(logits=logits, truncated=np.array([row.truncated for row in rows], dtype=np.bool_), features=x)

    @property
    def strength(self) -> float:
        """Inverse strength of regularisation that was chosen."""
        return strength_of(self._model)

    def save(self, folder: Path) -> None:
        """Writes the linear model without pickle, and which encoder it stands on."""
        assert self.base is not None, "embeddings stand on an encoder"
        save_skops(self._model, folder / "model.skops")
        embedder = self._embedder
        saved = SavedEmbed(base=self.base, context_tokens=embedder.context_tokens, too_long=embedder.too_long)
        strict_json.write(folder / "embed.json", saved)

    def size(self) -> Size:
        """The encoder's weights and the linear model's."""
        return Size(base_bytes=self._embedder.n_bytes, adapter_bytes=size_of(self._model))
