"""No row is predicted by a model that saw it, or a row of its group."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from rung_data import LABELS, settings
from scipy.special import logsumexp

from suffice.records.progress import SILENT
from suffice.rungs.interface import Scores, TrainingData
from suffice.rungs.logistic import fit_one_vs_rest, fit_softmax
from suffice.rungs.out_of_fold import out_of_fold_log_probs, out_of_fold_scores
from suffice.rungs.tfidf import Tfidf, features
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


ONE_HOT = np.eye(N)
"""Each row's feature says which row it is."""
Y = STRATA.y


class Remembers:
    """Label 0 for rows that it was fitted on, label 2 for others."""

    classes_ = np.array([0, 2])

    def __init__(self, x: NDArray[np.float64]) -> None:
        self.seen = x.any(axis=0)

    def decision_function(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.log(np.where((x @ self.seen[:, None]) > 0, [0.9, 0.1], [0.1, 0.9]))


def log_probs(**more: Any) -> NDArray[np.float64]:
    given = {"n_labels": 4, "fold_of": FOLDS[0], "fit": lambda x, y, *, c: Remembers(x), "c": 1.0} | more
    return out_of_fold_log_probs(ONE_HOT, Y, **given)


def test_no_row_has_log_probabilities_of_a_model_that_saw_it() -> None:
    said = log_probs()
    assert said.shape == (N, 4)
    assert set(said.argmax(axis=1)) == {2}
    np.testing.assert_allclose(np.exp(said).sum(axis=1), 1.0)


def test_a_label_that_the_models_have_not_seen_has_one_in_a_million() -> None:
    np.testing.assert_allclose(np.exp(log_probs()[:, 1]), 1e-6, rtol=1e-4)


def test_a_model_is_fitted_on_what_is_left_of_the_other_folds_with_the_strength_given() -> None:
    fitted_on: list[list[int]] = []

    def fit(x: NDArray[np.float64], y: NDArray[np.int64], *, c: float) -> Remembers:
        rows = x.argmax(axis=1)
        assert (c, y.tolist()) == (20.0, Y[rows].tolist())
        fitted_on.append(rows.tolist())
        return Remembers(x)

    held: list[int] = []
    log_probs(fit=fit, c=20.0, learn_from=lambda rows: rows[rows % 2 == 0], done=held.append)
    assert fitted_on == [[row for row in range(N) if FOLDS[0][row] != fold and row % 2 == 0] for fold in range(5)]
    assert held == np.bincount(FOLDS[0]).tolist()


def test_every_row_has_the_log_probabilities_of_its_own_features() -> None:
    x = np.random.default_rng(0).normal(size=(N, 3))

    class Shows(Remembers):
        classes_ = np.arange(3)

        def decision_function(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
            return x

    said = out_of_fold_log_probs(
        x, Y, n_labels=3, fold_of=FOLDS[0], fit=lambda x, y, *, c: Shows(ONE_HOT[: len(x)]), c=1.0
    )
    np.testing.assert_allclose(said, x - logsumexp(x, axis=1, keepdims=True))


@pytest.mark.parametrize("fit", [fit_one_vs_rest, fit_softmax])
def test_real_models_learn_nothing_of_labels_that_follow_no_text(fit: Any) -> None:
    y = np.random.default_rng(0).integers(0, 2, size=N // 3)[GROUPS] * 2
    said = out_of_fold_log_probs(features(TEXTS), y, n_labels=4, fold_of=FOLDS[0], fit=fit, c=20.0)
    # A model that had seen the group would be right on every row.
    assert (said.argmax(axis=1) == y).mean() < 0.75


def test_rows_of_one_group_say_nothing_of_each_other() -> None:
    found = scored(Memorises, [np.zeros(N, dtype=np.int64)])
    assert np.unique(found.logits).tolist() == [0.0]
    x = np.ones((4, 2))
    one_fold = np.zeros(4, dtype=np.int64)
    log_probs = out_of_fold_log_probs(x, np.array([0, 1, 0, 1]), n_labels=2, fold_of=one_fold, fit=fit_softmax, c=1.0)
    assert np.exp(log_probs) == pytest.approx(0.5)
