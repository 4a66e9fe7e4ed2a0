"""Word and character n-grams weighted by TF-IDF, and logistic regression: seconds to fit, and often enough."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.pipeline import FeatureUnion, make_union

from suffice.records.labels import LabelSet
from suffice.records.progress import Progress
from suffice.rungs.interface import Scores, Settings, Size, TrainingData
from suffice.rungs.logistic import (
    Division,
    Linear,
    choose_strength,
    divisions,
    fit_one_vs_rest,
    logits_of,
    size_of,
    strength_of,
)
from suffice.rungs.skops_file import load_skops, save_skops

GRID = (5.0, 20.0, 80.0)
"""Inverse strengths tried. TF-IDF rows have unit length, so that the same few serve any set."""


class Tfidf:
    """N-gram counts and a linear model."""

    base = None
    training = None
    precision = "fp64"

    def __init__(self, vectoriser: FeatureUnion, model: Linear, labels: LabelSet, *, train_seconds: float) -> None:
        """
        Args:
            vectoriser: texts to sparse rows.
            model: fitted on label codes.
            labels: the K labels.
            train_seconds: wall time of fitting.
        """
        self._vectoriser, self._model, self.labels, self.train_seconds = vectoriser, model, labels, train_seconds

    @classmethod
    def fit(cls, data: TrainingData, settings: Settings, *, base: str, checkpoints: Path, progress: Progress) -> Tfidf:
        """Chooses the strength on the rows kept for it, then fits on every row."""
        del base, checkpoints
        start = perf_counter()
        texts, most = np.array(data.texts, dtype=object), settings.train.max_features

        def features(division: Division) -> tuple[Any, Any]:
            vectoriser = _vectoriser(texts[division.fit], most=most)
            return vectoriser.fit_transform(texts[division.fit]), vectoriser.transform(texts[division.judge])

        with progress.step("tfidf", total=len(divisions(data)) * len(GRID) + 1) as done:
            c = choose_strength(
                features, data, fit=fit_one_vs_rest, grid=GRID, given=settings.train.strength, done=done
            )
            vectoriser = _vectoriser(texts, most=most)
            model = fit_one_vs_rest(vectoriser.fit_transform(texts), data.y, c=c)
            done(1)
        return cls(vectoriser, model, data.labels, train_seconds=perf_counter() - start)

    @classmethod
    def load(cls, folder: Path, labels: LabelSet, *, base_folder: Path | None) -> Tfidf:
        """Reads the skops file; nothing in it can run code."""
        del base_folder
        vectoriser, model = load_skops(folder / "model.skops")
        return cls(vectoriser, model, labels, train_seconds=0.0)

    def scores(self, texts: Sequence[str]) -> Scores:
        """What speaks for each label; a text of any length is read whole."""
        logits = logits_of(self._model, self._vectoriser.transform(list(texts)), n_labels=len(self.labels))
        return Scores(logits=logits, truncated=np.zeros(len(texts), dtype=np.bool_))

    @property
    def strength(self) -> float:
        """Inverse strength of regularisation that was chosen."""
        return strength_of(self._model)

    def save(self, folder: Path) -> None:
        """Writes vectoriser and model without pickle."""
        save_skops((self._vectoriser, self._model), folder / "model.skops")

    def size(self) -> Size:
        """Weights, and the vocabulary at about what it takes on disk."""
        vocabulary = sum(len(term) + 8 for _, part in self._vectoriser.transformer_list for term in part.vocabulary_)
        return Size(base_bytes=0, adapter_bytes=size_of(self._model) + vocabulary)


def features(texts: Sequence[str]) -> csr_array:
    """N-grams of texts as the rung weighs them, where it would learn from all of them; shape [N, F].

    Args:
        texts: messages, length N.
    """
    return csr_array(_vectoriser(np.array(texts, dtype=object), most=None).fit_transform(texts))


def _vectoriser(texts: NDArray[np.object_], *, most: int | None) -> FeatureUnion:
    """Words and pairs of words; character runs of two to five within words, for typos and endings.

    In a large set the runs that occur once are most of the memory and say nothing.
    """
    parts = (
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b", max_features=most),
        TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=(2, 5),
            sublinear_tf=True,
            min_df=2 if len(texts) > 1_000 else 1,
            max_features=most,
        ),
    )
    return make_union(*([part for part in parts if _finds_any(part, texts)] or [CountVectorizer(vocabulary=["none"])]))


def _finds_any(part: TfidfVectorizer, texts: NDArray[np.object_]) -> bool:
    """Whether there is anything to count: scikit-learn refuses texts without a single word."""
    terms_of = part.build_analyzer()
    return any(terms_of(text) for text in texts)
