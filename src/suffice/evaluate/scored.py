"""What every layer reads: a rung's answers beside the labels that the rows have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suffice.records.evaluation import Predictions
from suffice.records.slices import NO_ASPECTS, Aspects
from suffice.stats.f1 import confusion_counts, invented_counts


@dataclass(frozen=True, kw_only=True, slots=True)
class Scored:
    """Answers and labels of the same rows; that they fit together is checked here, once for all layers."""

    predictions: Predictions
    """The answers, N rows and K labels."""
    y_true: NDArray[np.int64]
    """Positions of the rows' labels, shape [N]."""
    groups: NDArray[np.int64]
    """Group of each row, shape [N]: what resampling draws."""
    n_empty: int
    """Texts with nothing in them, 0 to N: their answers are the prior."""
    seed: int
    """Of all resampling and simulation."""
    aspects: Aspects = NO_ASPECTS
    """Slices and times of the rows."""

    def __post_init__(self) -> None:
        n, n_labels = len(self.predictions.ids), len(self.predictions.labels)
        probs = self.predictions.probs
        if probs is not None:
            assert probs.shape == (n, n_labels), "one probability for each row and label"
            assert np.isfinite(probs).all(), "probabilities are numbers"
        else:
            assert self.predictions.y_pred.shape == (n,), "one answer for each row"
        assert self.y_true.shape == self.groups.shape == (n,), "one label and one group for each row"
        assert ((self.y_true >= 0) & (self.y_true < n_labels)).all(), "labels of scored rows are in the label set"
        assert all(one.member.shape == (n,) for one in self.aspects.slices), "slices say of every row if it is in"
        assert len(self.aspects.times) in {0, n}, "times are those of all rows"
        assert 0 <= self.n_empty <= n, "empty texts are among the rows"

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether the label given is the row's, shape [N]."""
        return np.asarray(self.predictions.y_pred == self.y_true)

    @property
    def confidence(self) -> NDArray[np.float64] | None:
        """Probability of the label given, shape [N]; None where none was stated."""
        probs = self.predictions.probs
        return None if probs is None else np.asarray(probs.max(axis=1), dtype=np.float64)

    @property
    def invented(self) -> NDArray[np.int64] | None:
        """Rows of each label whose answer is no label of the set, shape [K]; None where it can be nothing else."""
        if self.predictions.probs is not None:
            return None
        return invented_counts(self.y_true, self.predictions.y_pred, n_labels=len(self.predictions.labels))

    @property
    def counts(self) -> NDArray[np.int64]:
        """Rows of each label (first index) given each label (second index), shape [K, K]."""
        return confusion_counts(self.y_true, self.predictions.y_pred, n_labels=len(self.predictions.labels))
