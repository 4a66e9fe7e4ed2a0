"""The most frequent label, whatever the message: what every other rung must beat."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from suffice.records.labels import LabelSet
from suffice.records.progress import Progress
from suffice.rungs.interface import Scores, Settings, Size, TrainingData
from suffice.store import strict_json


class Majority:
    """Label shares of the training rows."""

    base = None
    training = None
    precision = "fp64"

    def __init__(self, log_shares: NDArray[np.float64], labels: LabelSet, *, train_seconds: float) -> None:
        """
        Args:
            log_shares: logarithm of each label's share, shape [K].
            labels: the K labels.
            train_seconds: wall time of fitting.
        """
        self._log_shares, self.labels, self.train_seconds = log_shares, labels, train_seconds

    @classmethod
    def fit(
        cls, data: TrainingData, settings: Settings, *, base: str, checkpoints: Path, progress: Progress
    ) -> Majority:
        """Counts labels; one is added to each count, so that no label has probability zero (Laplace)."""
        del settings, base, checkpoints, progress
        start = perf_counter()
        counts = np.bincount(data.y, minlength=len(data.labels)) + 1.0
        return cls(np.log(counts / counts.sum()), data.labels, train_seconds=perf_counter() - start)

    @classmethod
    def load(cls, folder: Path, labels: LabelSet, *, base_folder: Path | None) -> Majority:
        """Reads the shares."""
        del base_folder
        shares = strict_json.read(folder / "shares.json", list[float])
        return cls(np.log(np.array(shares)), labels, train_seconds=0.0)

    def scores(self, texts: Sequence[str]) -> Scores:
        """The same for every text."""
        n = len(texts)
        return Scores(logits=np.tile(self._log_shares, (n, 1)), truncated=np.zeros(n, dtype=np.bool_))

    def save(self, folder: Path) -> None:
        """Writes the shares."""
        strict_json.write(folder / "shares.json", np.exp(self._log_shares).tolist())

    def size(self) -> Size:
        """A number per label."""
        return Size(base_bytes=0, adapter_bytes=self._log_shares.nbytes)
