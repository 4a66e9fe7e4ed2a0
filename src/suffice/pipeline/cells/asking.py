"""The questions that cheap rungs are asked about the rows, out of fold, and the answers as arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suffice.copies import nearest_rows, paraphrase_groups
from suffice.records.dataset import Dataset
from suffice.records.labels import LabelSet
from suffice.records.progress import Progress
from suffice.rungs import tfidf
from suffice.rungs.interface import Settings
from suffice.rungs.logistic import fit_one_vs_rest, fit_softmax
from suffice.rungs.out_of_fold import N_FOLDS, out_of_fold_log_probs
from suffice.split import Strata, folds, nested_subset
from suffice.stats.suspicion import judge, neighbour_votes, together

ANSWERS_FORMAT = 3
"""Raised when the same rows would give other answers."""
MIN_ROWS = 20
"""Under this many rows nothing is learned that speaks of a label."""
N_NEIGHBOURS = 20
TFIDF_STRENGTH, EMBED_STRENGTH = 20.0, 10.0
"""From the middle of the rungs' grids: an order of rows hardly minds."""
MAX_TRUSTED_MARGIN = 0.3
"""Rows more suspect than this do not teach the models that are asked a second time."""
PARAPHRASE_COSINE = 0.95
"""Least similarity of two messages that may say the same in other words."""
MAX_LEARNED = 20_000
"""Rows that a model learns from at most: the lighter setting for sets too large to learn whole five times over."""
CURVE_SHARES = (0.125, 0.25, 0.5)
"""Of the training rows, for the learning curve."""
Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """The rows of a data version that models are asked about."""

    data: Dataset
    """All N rows."""
    rows: NDArray[np.int64]
    """Positions of the M rows that are asked about, ascending."""
    y: NDArray[np.int64]
    """Their label codes, shape [M]."""
    labels: LabelSet
    """The K labels."""
    strata: Strata
    """Labels and groups of all N rows."""
    settings: Settings
    """How much of a message is read, and the seed of the folds."""
    encoder: str
    """The base model of sentence embeddings."""
    no_embeddings: str | None
    """Why that is not asked; None where it is."""


def ask(asked: Asked, *, progress: Progress) -> dict[str, NDArray[Any]]:
    """Asks the rungs; minutes for ten thousand rows.

    Args:
        asked: the rows.
        progress: told of every step.
    """
    texts = asked.data.texts
    fold_of = folds(asked.rows, asked.strata, n_folds=N_FOLDS, seed=asked.settings.seed)
    arrays: dict[str, NDArray[Any]] = {"fold_of": fold_of}
    words = tfidf.features([texts[row] for row in asked.rows])
    with progress.step("asking tfidf out of fold", total=len(asked.rows)) as done:
        arrays["tfidf"] = _answers(asked, words, "tfidf", fold_of, done=done)
    if asked.no_embeddings is not None:
        return arrays | _curve(asked, words, "tfidf", fold_of, progress=progress)
    from suffice.rungs import embed  # noqa: PLC0415 - it brings torch, which a ladder of n-grams alone does without

    x = embed.features(texts, asked.settings, base=asked.encoder, progress=progress)
    own = np.ascontiguousarray(x[asked.rows])
    with progress.step("nearest messages", total=len(x) + len(own)) as done:
        arrays["paraphrases"] = paraphrase_groups(x, threshold=PARAPHRASE_COSINE, done=done)
        near = nearest_rows(own, asked.strata.groups[asked.rows], k=N_NEIGHBOURS, done=done)
    arrays |= {"neighbours": near.neighbours, "similarities": near.similarities.astype(np.float32)}
    with progress.step("asking embed out of fold", total=2 * len(own)) as done:
        arrays["embed"] = _answers(asked, own, "embed", fold_of, done=done)
        trusted = trusted_rows(asked, arrays)
        arrays["embed_again"] = _answers(asked, own, "embed", fold_of, trusted=trusted, done=done)
    return arrays | _curve(asked, own, "embed", fold_of, progress=progress)


def votes(asked: Asked, answers: Arrays, trusted: NDArray[np.bool_] | None) -> NDArray[np.float64]:
    """What the nearest rows' labels say, as log probabilities, shape [M, K].

    Args:
        asked: the rows.
        answers: with `neighbours` and `similarities`.
        trusted: rows that have a vote, shape [M]; None for all.
    """
    near, similarities = answers["neighbours"], answers["similarities"]
    return neighbour_votes(near, similarities, asked.y, n_labels=len(asked.labels), trusted=trusted)


def trusted_rows(asked: Asked, answers: Arrays) -> NDArray[np.bool_]:
    """Whether the first answers do not speak against each row, shape [M].

    Args:
        asked: the rows.
        answers: with `tfidf`, `embed`, `neighbours` and `similarities`.
    """
    first = together([answers["tfidf"], answers["embed"], votes(asked, answers, None)], asked.y)
    return np.asarray(judge(first, asked.y).margin <= MAX_TRUSTED_MARGIN)


def n_train(fold_of: NDArray[np.int64]) -> int:
    """Rows that each model is fitted on.

    Args:
        fold_of: fold of each row, shape [M].
    """
    return min(MAX_LEARNED, len(fold_of) - round(len(fold_of) / N_FOLDS))


def _answers(
    asked: Asked,
    x: Any,
    rung: str,
    fold_of: NDArray[np.int64],
    *,
    n: int = MAX_LEARNED,
    trusted: NDArray[np.bool_] | None = None,
    done: Callable[[int], None],
) -> NDArray[np.float32]:
    """Log probabilities out of fold, by models that learn from at most n of the trusted rows outside each fold."""

    def learn_from(rows: NDArray[np.int64]) -> NDArray[np.int64]:
        if trusted is not None and trusted[rows].any():
            rows = rows[trusted[rows]]
        if len(rows) <= n:
            return rows
        some = nested_subset(asked.rows[rows], asked.strata, n=n, seed=asked.settings.seed)
        return np.searchsorted(asked.rows, some) if len(some) else rows

    fit, c = (fit_one_vs_rest, TFIDF_STRENGTH) if rung == "tfidf" else (fit_softmax, EMBED_STRENGTH)
    log_probs = out_of_fold_log_probs(
        x, asked.y, n_labels=len(asked.labels), fold_of=fold_of, fit=fit, c=c, learn_from=learn_from, done=done
    )
    return log_probs.astype(np.float32)


def _curve(
    asked: Asked, x: Any, rung: str, fold_of: NDArray[np.int64], *, progress: Progress
) -> dict[str, NDArray[Any]]:
    """Whether each row is answered as labelled by models that learned from fewer rows."""
    sizes = [n for n in (round(share * n_train(fold_of)) for share in CURVE_SHARES) if n >= MIN_ROWS]
    with progress.step(f"learning curve of {rung}", total=len(sizes) * len(asked.y)) as done:
        answers = [_answers(asked, x, rung, fold_of, n=n, done=done).argmax(axis=1) for n in sizes]
    correct = np.array(answers, dtype=np.int64).reshape(len(sizes), len(asked.y)) == asked.y
    return {"curve_sizes": np.array(sizes, dtype=np.int64), "curve": correct}
