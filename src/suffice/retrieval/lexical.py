"""Passages ranked by the words that they share with a question: BM25, without a model and without torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from suffice.retrieval.words import terms

if TYPE_CHECKING:
    from bm25s import BM25

K1 = 1.5
B = 0.75
"""Saturation of repeated words and weight of a passage's length: defaults of bm25s, within what is recommended.
Source: Robertson and Zaragoza (2009), The Probabilistic Relevance Framework: BM25 and Beyond, who name 1.2 to 2 and 0.5
to 0.8."""


class Lexical:
    """Which words stand in which passages, weighed.

    Source: Kamphuis, de Vries, Boytsov and Lin (2020), Which BM25 Do You Mean?, table 1, "Lucene (accurate)": the idf
    of a word is log(1 + (N - df + 0.5) / (df + 0.5)), which is never negative.
    """

    def __init__(self, scorer: BM25) -> None:
        """
        Args:
            scorer: of bm25s, with its index.
        """
        self._scorer = scorer

    @classmethod
    def build(cls, texts: Sequence[str]) -> Lexical:
        """Counts the words of every text.

        Args:
            texts: what to rank, length N, at least 1.
        """
        import bm25s  # noqa: PLC0415 - an extra
        from bm25s.tokenization import Tokenized  # noqa: PLC0415

        # bm25s numbers words in the order of a set, which is another in every process: so would be the file's bytes.
        words = [terms(text) for text in texts]
        vocabulary = {word: number for number, word in enumerate(sorted({word for row in words for word in row}))}
        scorer = bm25s.BM25(k1=K1, b=B, method="lucene")
        numbers = [[vocabulary[word] for word in row] for row in words]
        scorer.index(Tokenized(ids=numbers, vocab=vocabulary), show_progress=False)
        return cls(scorer)

    @classmethod
    def load(cls, folder: Path) -> Lexical:
        """Reads what `save` wrote, numbers and JSON only.

        Args:
            folder: where it lies; checked against its hashes by the caller.
        """
        import bm25s  # noqa: PLC0415 - an extra

        return cls(bm25s.BM25.load(folder, allow_pickle=False, backend="numpy"))

    def save(self, folder: Path) -> None:
        """Writes arrays without pickle, and JSON.

        Args:
            folder: made if it is not there.
        """
        self._scorer.save(folder, allow_pickle=False, show_progress=False)

    def scores(self, question: str) -> NDArray[np.float32]:
        """BM25 of every passage, shape [N]; 0 where no word is shared.

        Args:
            question: any text.
        """
        known = self._scorer.get_tokens_ids(terms(question))
        return np.asarray(self._scorer.get_scores_from_ids(known), dtype=np.float32)
