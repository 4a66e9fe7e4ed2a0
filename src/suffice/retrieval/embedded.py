"""Passages ranked by what they mean: the cosine between sentence embeddings of question and passage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from suffice.errors import BundleError, Problem
from suffice.records.progress import Progress
from suffice.rungs.bases import matching_base
from suffice.rungs.interface import BaseReference
from suffice.store import strict_json
from suffice.store.arrays import read_arrays, write_arrays

if TYPE_CHECKING:
    from suffice.base_models import BaseModelFiles
    from suffice.rungs.embed import Embedder

CONTEXT_TOKENS = 512
"""The most tokens of a passage that are embedded; most encoders read fewer."""
ARRAYS, RECORD = "embeddings.npz", "embeddings.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedEmbeddings:
    """What embeddings stand on."""

    base: BaseReference
    """The encoder: questions must be embedded by the one that embedded the passages."""
    n_truncated: int
    """Passages that were longer than what it reads, and were embedded by their beginning."""


class Embedded:
    """Embeddings of all passages, and the encoder of questions."""

    def __init__(self, embedder: Embedder, rows: NDArray[np.float32], saved: SavedEmbeddings) -> None:
        """
        Args:
            embedder: texts to rows of unit length.
            rows: embeddings of the passages, shape [N, D].
            saved: what they stand on.
        """
        self._embedder, self._rows, self._saved = embedder, rows, saved

    @property
    def n_truncated(self) -> int:
        """Passages of which the encoder has read only the beginning."""
        return self._saved.n_truncated

    @classmethod
    def build(cls, texts: Sequence[str], *, encoder: str, progress: Progress) -> Embedded:
        """Embeds every text.

        Args:
            texts: what to rank, length N, at least 1.
            encoder: short name, hub id or folder.
            progress: told while it is fetched and of every batch.

        Raises:
            ModelError: the encoder cannot be found.
        """
        from suffice.base_models import locate  # noqa: PLC0415 - words alone are searched without a model

        files = locate(encoder, progress=progress)
        embedder = _embedder(files)
        read = embedder.tokenise(texts)
        with progress.step("embedding passages", total=len(read)) as done:
            rows = embedder.embed(read, done=done)
        base = BaseReference(name=files.name, fingerprint=files.fingerprint)
        return cls(embedder, rows, SavedEmbeddings(base=base, n_truncated=sum(row.truncated for row in read)))

    @classmethod
    def load(cls, folder: Path) -> Embedded:
        """Reads what `save` wrote and finds the encoder.

        Args:
            folder: where it lies.

        Raises:
            BundleError: the encoder is another one, or the file cannot be read.
            ModelError: the encoder cannot be found.
        """
        saved = strict_json.read(folder / RECORD, SavedEmbeddings)
        arrays = read_arrays(folder / ARRAYS) or {}
        if arrays.get("rows") is None:
            fix = "build the index again"
            got = "no arrays that can be read"
            raise BundleError(Problem(where=str(folder / ARRAYS), rule="must hold embeddings", got=got, fix=fix))
        return cls(_embedder(matching_base(saved.base, base_folder=None)), arrays["rows"], saved)

    def save(self, folder: Path) -> None:
        """Writes the embeddings without pickle, and which encoder they stand on.

        Args:
            folder: made if it is not there.
        """
        write_arrays(folder / ARRAYS, {"rows": self._rows})
        strict_json.write(folder / RECORD, self._saved)

    def read(self, questions: Sequence[str]) -> NDArray[np.float32]:
        """Embeddings of questions, shape [Q, D].

        Args:
            questions: length Q; of one that is longer than what the encoder reads, the beginning counts.
        """
        return self._embedder.embed(self._embedder.tokenise(questions))

    def scores(self, question: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosine of every passage with a question, shape [N].

        Args:
            question: as `read` gives it, shape [D].
        """
        return np.asarray(self._rows @ question, dtype=np.float32)


def _embedder(files: BaseModelFiles) -> Embedder:
    from suffice.rungs.embed import Embedder  # noqa: PLC0415 - loads torch

    return Embedder(files, context_tokens=CONTEXT_TOKENS, too_long="head")
