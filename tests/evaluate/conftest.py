"""Answers by label position, made into probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from suffice.evaluate.scored import Scored
from suffice.records.evaluation import Predictions
from suffice.records.labels import LabelSet
from suffice.records.slices import NO_ASPECTS, Aspects


def answered(y_pred: Sequence[int], *, n_labels: int, confidence: float | Sequence[float]) -> Predictions:
    y = np.asarray(y_pred, dtype=np.int64)
    sure = np.broadcast_to(np.asarray(confidence, dtype=np.float64), y.shape)
    probs = np.repeat((1.0 - sure)[:, None] / (n_labels - 1), n_labels, axis=1)
    probs[np.arange(len(y)), y] = sure
    labels = LabelSet(names=tuple("abcdefghijklmnop"[:n_labels]))
    return Predictions(ids=tuple(f"id{row}" for row in range(len(y))), labels=labels, probs=probs, n_truncated=0)


def given_labels(y_pred: Sequence[int], *, n_labels: int) -> Predictions:
    """Labels as an endpoint gives them, without probabilities; -1 for an answer that is none."""
    y = np.asarray(y_pred, dtype=np.int64)
    labels = LabelSet(names=tuple("abcdefghijklmnop"[:n_labels]))
    return Predictions(
        ids=tuple(f"id{row}" for row in range(len(y))), labels=labels, probs=None, n_truncated=0, given=y
    )


@pytest.fixture
def predict() -> Callable[..., Predictions]:
    """The labels given, each with this probability, the others sharing the rest."""
    return lambda y_pred, *, n_labels=3, confidence=0.8: answered(y_pred, n_labels=n_labels, confidence=confidence)


@pytest.fixture
def score(predict) -> Callable[..., Scored]:
    """Labels and answers of rows that are groups of their own, unless groups are given."""

    def scored(
        y_true: Sequence[int],
        y_pred: Sequence[int],
        *,
        groups: Sequence[int] | None = None,
        seed: int = 0,
        aspects: Aspects = NO_ASPECTS,
        hosted: bool = False,
        **how: object,
    ) -> Scored:
        n = len(y_true)
        return Scored(
            predictions=given_labels(y_pred, n_labels=3) if hosted else predict(y_pred, **how),
            y_true=np.asarray(y_true, dtype=np.int64),
            groups=np.arange(n) if groups is None else np.asarray(groups, dtype=np.int64),
            n_empty=0,
            seed=seed,
            aspects=aspects,
        )

    return scored
