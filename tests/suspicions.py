"""What models would say of the made messages: their own words give the label away."""

from __future__ import annotations

import numpy as np

from messages import WORDS
from suffice.pipeline.rows.prepare import ReadRows
from suffice.records.evidence import Suspicion


def by_words(read: ReadRows) -> Suspicion:
    """Suspicion of train and validation rows: near 1 where the words speak of another label; two neighbours each."""
    data, names = read.placed.data, read.labels.names
    rows = read.placed.splits.rows("train", "validation")
    given = read.labels.encode(data.take(rows).labels)
    said = np.array([names.index(true_label(data.texts[row])) for row in rows], dtype=np.int64)
    draws = np.random.default_rng(0).random(len(rows))
    wrong = said != given
    return Suspicion(
        rows=rows,
        score=np.where(wrong, 0.8, 0.1) + 0.1 * draws,
        suggested=said,
        margin=np.where(wrong, 0.7, -0.9),
        disputed=np.zeros(len(rows)),
        neighbours=np.stack([np.roll(rows, -1), np.roll(rows, -2)], axis=1),
        similarities=np.tile([0.9, 0.8], (len(rows), 1)),
    )


def true_label(text: str) -> str:
    """The label that the words of a made message speak of."""
    return next(label for label, words in WORDS.items() if set(words) & set(text.split()))
