"""The right answer of the training question that is most alike: below language models, the one rung that reads at all.

Alike is what frozen sentence embeddings say, by cosine; of equally alike questions the first counts. It answers what
was asked before, in other words or the same, and works nothing out: where it does well, so would a table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Self

import numpy as np
from numpy.typing import NDArray

from suffice.base_models import locate
from suffice.errors import BundleError, Problem
from suffice.records.completion import Completion, Decoding
from suffice.records.progress import SILENT, Progress
from suffice.rungs.answering import AnswerData, AnswerSettings, AnyAsked
from suffice.rungs.bases import matching_base
from suffice.rungs.commonest import looked_up, require_questions
from suffice.rungs.embed import Embedder, SavedEmbed, embedder_of
from suffice.rungs.interface import BaseReference, Size
from suffice.rungs.speeches import speech_of
from suffice.store import strict_json
from suffice.store.arrays import read_arrays, write_arrays
from suffice.store.completions import Kept

AT_ONCE = 512
"""Questions that are held against all training questions together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedAlike:
    """What a saved rung needs to answer again."""

    embed: SavedEmbed
    """How questions become vectors."""
    answers: tuple[str, ...]
    """The answer of each training question in the form that is asked for, its trace before it where it has one."""


class Alike:
    """Training questions as vectors, and their answers."""

    precision = "fp32"
    training = None

    def __init__(
        self, embedder: Embedder, vectors: NDArray[np.float32], answers: Sequence[str], *, train_seconds: float
    ) -> None:
        """
        Args:
            embedder: texts to rows of unit length.
            vectors: of the N training questions, shape [N, F].
            answers: of each, length N.
            train_seconds: wall time of fitting, embedding included.
        """
        self._embedder, self._vectors, self.answers = embedder, vectors, tuple(answers)
        self.train_seconds = train_seconds
        self.base: BaseReference | None = BaseReference(
            name=embedder.files.name, fingerprint=embedder.files.fingerprint
        )

    @classmethod
    def fit(
        cls, data: AnswerData, settings: AnswerSettings, *, base: str, checkpoints: Path, progress: Progress
    ) -> Self:
        """Embeds every training question once.

        Raises:
            DataError: there is no row.
            ModelError: the encoder cannot be found.
        """
        del checkpoints
        require_questions(rows := data.questions)
        embedder = embedder_of(locate(base, progress=progress), settings.context_tokens, settings.too_long)
        start = perf_counter()
        vectors = embedder.remembered(embedder.tokenise([row.given for row in rows]), progress=progress)
        answers = [speech_of(settings.answer).said(row).strip() for row in rows]
        return cls(embedder, vectors, answers, train_seconds=perf_counter() - start)

    @classmethod
    def load(cls, folder: Path, *, base_folder: Path | None) -> Self:
        """Reads the vectors and finds the encoder.

        Raises:
            BundleError: the vectors are missing or damaged.
        """
        saved = strict_json.read(folder / "alike.json", SavedAlike)
        arrays = read_arrays(folder / "questions.npz")
        if arrays is None or len(arrays["vectors"]) != len(saved.answers):
            rule, fix = "must hold a vector for each answer", "fit again, or copy the folder again"
            raise BundleError(Problem(where=str(folder / "questions.npz"), rule=rule, got="another file", fix=fix))
        files = matching_base(saved.embed.base, base_folder=base_folder)
        embedder = embedder_of(files, saved.embed.context_tokens, saved.embed.too_long)
        return cls(embedder, arrays["vectors"], saved.answers, train_seconds=0.0)

    def completions(
        self,
        asked: Sequence[AnyAsked],
        *,
        decoding: Decoding,
        kept: Kept,
        done: Callable[[int], None] = lambda n: None,
    ) -> list[Completion]:
        """The answer of the most alike training question, its trace included."""
        del decoding
        texts: list[str] = []
        for start in range(0, len(asked), AT_ONCE):
            some = asked[start : start + AT_ONCE]
            vectors = self._embedder.remembered(self._embedder.tokenise([one.text for one in some]), progress=SILENT)
            texts += [
                self.most_alike(one, cosines) for one, cosines in zip(some, vectors @ self._vectors.T, strict=True)
            ]
        return looked_up(asked, texts, kept=kept, done=done)

    def most_alike(self, asked: AnyAsked, cosines: NDArray[np.float32]) -> str:
        """The answer of the most alike training question.

        Args:
            asked: a question.
            cosines: to each training question, shape [N].
        """
        del asked
        return self.answers[int(cosines.argmax())]

    def save(self, folder: Path) -> None:
        """Writes vectors and answers, and which encoder they stand on."""
        assert self.base is not None, "embeddings stand on an encoder"
        embedder = self._embedder
        embed = SavedEmbed(base=self.base, context_tokens=embedder.context_tokens, too_long=embedder.too_long)
        write_arrays(folder / "questions.npz", {"vectors": self._vectors})
        strict_json.write(folder / "alike.json", SavedAlike(embed=embed, answers=self.answers))

    def size(self) -> Size:
        """The encoder's weights; the vectors and answers of the training questions."""
        n_bytes = self._vectors.nbytes + sum(len(answer.encode()) for answer in self.answers)
        return Size(base_bytes=self._embedder.n_bytes, adapter_bytes=n_bytes)
