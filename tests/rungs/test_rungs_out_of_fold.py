"""No row is predicted by a model that saw it, or a row of its group."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from rung_data import LABELS, settings

from suffice.records.progress import SILENT
from suffice.rungs.interface import Scores, TrainingData
from suffice.rungs.out_of_fold import out_of_fold_scores
from suffice.rungs.tfidf import Tfidf
from suffice.split import Strata, folds

N = 60
GROUPS = np.arange(N) // 3
TEXTS = [f"customer {g}" for g in GROUPS]
"""All messages of a customer are the same."""
STRATA = Strata(y=np.arange(N) % 3, groups=GROUPS, keys=tuple(f"g{g}" for g in range(N // 3)))
FOLDS = [folds(np.arange(N), STRATA, n_folds=5, seed=seed) for seed in (0, 1)]


class Memorises:
    """Label 0 for what it has seen, label 1 for what it has not."""

    def __init__(self, data: TrainingData) -> None:
        self.seen, self.labels = set(data.texts), data.labels

    @classmethod
    def fit(cls, data: TrainingData, settings: Any, *, base: str, checkpoints: Path, progress: Any) -> Memorises:
        assert base == "the base"
        return cls(data)

    def scores(self, texts: Sequence[str]) -> Scores:
        logits = np.array([[9.0, 0, 0, 0] if text in self.seen else [0, 9.0, 0, 0] for text in texts])
        return Scores(logits=logits, truncated=np.array([text.endswith("7") for text in texts]))


def rows_of(positions: NDArray[np.int64]) -> TrainingData:
    return TrainingData(
        texts=[TEXTS[i] for i in positions],
        y=STRATA.y[positions],
        labels=LABELS,
        tune=None,
        folds=np.arange(len(positions)) % 3,
    )


def scored(rung: Any, divisions: list[NDArray[np.int64]]) -> Scores:
    return out_of_fold_scores(
        rung, TEXTS, training=rows_of, folds=divisions, settings=settings(), base="the base", progress=SILENT
    )


def test_no_row_is_predicted_by_a_model_that_saw_its_group() -> None:
    assert set(scored(Memorises, FOLDS).logits.argmax(axis=1)) == {1}


def test_a_division_that_splits_groups_would_be_seen() -> None:
    assert 0 in scored(Memorises, [np.arange(N) % 5]).logits.argmax(axis=1)


def test_shortened_texts_are_counted() -> None:
    assert scored(Memorises, FOLDS).truncated.tolist() == [text.endswith("7") for text in TEXTS]


def test_every_row_has_log_probabilities_in_its_own_place() -> None:
    class Copies(Memorises):
        def scores(self, texts: Sequence[str]) -> Scores:
            logits = np.array([[float(text.split()[1]), 0.0, 0.0, 0.0] for text in texts])
            return Scores(logits=logits, truncated=np.zeros(len(texts), dtype=np.bool_))

    logits = scored(Copies, FOLDS).logits
    np.testing.assert_allclose(np.exp(logits).sum(axis=1), 1.0)
    # Log-odds of label 0 against label 1 are the number in the text.
    np.testing.assert_allclose(logits[:, 0] - logits[:, 1], GROUPS, atol=1e-9)


def test_repeats_are_averaged_as_probabilities() -> None:
    class Alternates(Memorises):
        n_fits = 0

        def scores(self, texts: Sequence[str]) -> Scores:
            type(self).n_fits += 1
            p = 0.9 if self.n_fits <= 5 else 0.5
            return Scores(
                logits=np.tile(np.log([p, 1 - p, 1e-300, 1e-300]), (len(texts), 1)),
                truncated=np.zeros(len(texts), dtype=np.bool_),
            )

    # Five folds at 0.9, five at 0.5: 0.7, where the mean of logits would give 0.75.
    np.testing.assert_allclose(np.exp(scored(Alternates, FOLDS).logits[:, 0]), 0.7)


@pytest.mark.parametrize("n_repeats", [1, 2])
def test_a_real_rung_learns_nothing_of_labels_that_follow_no_text(n_repeats: int) -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, size=N // 3)[GROUPS] * 2

    def training(positions: NDArray[np.int64]) -> TrainingData:
        rows = rows_of(positions)
        return TrainingData(texts=rows.texts, y=y[positions], labels=LABELS, tune=None, folds=rows.folds)

    logits = out_of_fold_scores(
        Tfidf, TEXTS, training=training, folds=FOLDS[:n_repeats], settings=settings(), base="", progress=SILENT
    ).logits
    # A model that had seen the group would be right on every row.
    assert (logits.argmax(axis=1) == y).mean() < 0.75
