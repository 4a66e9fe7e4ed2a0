"""The one way to answer: figures in reports, `classify` and HTTP all come from here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.bundles.answer import Answer
from suffice.bundles.scope import Scope
from suffice.errors import BundleError, DataError, Problem, quoted
from suffice.records.evaluation import Predictions
from suffice.records.labels import LabelSet
from suffice.records.promise import Promise
from suffice.rungs.interface import FittedRung, LoadsOnBase, ReadsAhead, Scores
from suffice.rungs.ladder import describe
from suffice.stats.temperature import softmax
from suffice.store import strict_json
from suffice.text.normalise import is_empty, readable
from suffice.text.token_budget import Budgeted

CHUNK = 256
"""Messages answered together."""
CLASSIFIER_FORMAT = 1
"""Raised when the folder changes in a way that older code cannot read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedClassifier:
    """What stands beside a saved rung."""

    format: int
    """`CLASSIFIER_FORMAT` of the code that wrote it."""
    rung: str
    """Name in the ladder."""
    labels: tuple[str, ...]
    """The closed label set in order."""
    temperature: float
    """Divides the rung's logits."""
    prior: tuple[float, ...]
    """Label shares of the training rows: the answer to an empty text."""
    text: tuple[str, ...]
    """Columns that its messages were made of, joined by a blank line: what `classify` reads of a table."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadMessage:
    """A message as it is scored."""

    text: str
    """As it was given."""
    readable: str | None
    """What a rung reads; None where there is nothing in it."""
    row: Budgeted | None
    """Its tokens; None where there is nothing in it, or the rung has no tokenizer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredMessage:
    """A message as it is answered."""

    logits: NDArray[np.float64]
    """Scores before temperature, shape [K]."""
    truncated: bool
    """Whether it was shortened."""
    far: float | None
    """How far it lies from what the bundle was taught; None of an empty one, and where that is not measured."""


class Classifier:
    """A fitted rung, its label set, its temperature and its prior."""

    def __init__(self, rung: FittedRung, saved: SavedClassifier) -> None:
        """
        Args:
            rung: what scores the labels.
            saved: what makes probabilities and answers of the scores.
        """
        self.rung, self.saved = rung, saved
        self.promise: Promise | None = None  # Which answers may be given; without one all of them are.
        self.scope: Scope | None = None  # What lies outside; without one nothing does.
        self._tokeniser = rung if isinstance(rung, ReadsAhead) else None
        self.labels = LabelSet(names=saved.labels)

    @classmethod
    def load(cls, folder: Path, *, base_folder: Path | None = None, on_base: LoadsOnBase | None = None) -> Classifier:
        """Reads a classifier from a run folder or bundle.

        Args:
            folder: has `classifier.json` and `model/`.
            base_folder: a copy of the base model to use instead of finding it by name.
            on_base: loads a tuned language model on a base that others may stand on, and is called for such a one
                alone; None gives it one of its own.

        Raises:
            BundleError: a file is missing, changed, or of another version.
            ModelError: the base model cannot be found.
        """
        saved = strict_json.read(folder / "classifier.json", SavedClassifier)
        _must_be_ours(saved.format, folder / "classifier.json")
        kind, labels, model = describe(saved.rung), LabelSet(names=saved.labels), folder / "model"
        if on_base is not None and kind.tunes_causal:
            return cls(on_base(model, labels, base_folder=base_folder), saved)
        return cls(kind.load_class().load(model, labels, base_folder=base_folder), saved)

    @classmethod
    def save(cls, folder: Path, rung: FittedRung, saved: SavedClassifier) -> None:
        """Writes a fitted rung where `load` finds it.

        Args:
            folder: an existing folder.
            rung: the fitted rung.
            saved: what stands beside it.
        """
        (folder / "model").mkdir()
        rung.save(folder / "model")
        strict_json.write(folder / "classifier.json", saved)

    def logits(
        self, texts: Sequence[str], *, done: Callable[[int], None] = lambda n: None
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Scores before temperature, shape [N, K], and whether each text was shortened, shape [N].

        Texts are scored in chunks of one size, as `classify` scores those of a file. An empty text has the logarithm of
        the prior, times the temperature that will divide it.

        Args:
            texts: messages, length N.
            done: called with the number of texts scored since the last call.
        """
        chunks: list[ScoredMessage] = []
        for start in range(0, len(texts), CHUNK):
            chunks += self.scored(self.read(texts[start : start + CHUNK]))
            done(min(CHUNK, len(texts) - start))
        logits = np.array([one.logits for one in chunks]).reshape(len(texts), len(self.labels))
        return logits, np.array([one.truncated for one in chunks], dtype=np.bool_)

    def read(self, texts: Sequence[str]) -> list[ReadMessage]:
        """What `answers` takes, one of each text; needs no weights, and may be called in a thread of its own.

        Args:
            texts: messages.

        Raises:
            DataError: a message is too long, and the task said that this is an error.
        """
        plain = [None if is_empty(text) else readable(text) for text in texts]
        told = [text for text in plain if text is not None]
        rows = iter(self._tokeniser.read(told) if self._tokeniser and told else ())
        return [
            ReadMessage(text=text, readable=said, row=None if said is None else next(rows, None))
            for text, said in zip(texts, plain, strict=True)
        ]

    def scores(self, texts: Sequence[str], *, done: Callable[[int], None] = lambda n: None) -> Scores:
        """Scores of messages none of which is empty, in chunks as `logits` has them.

        Args:
            texts: messages, length N, at least one.
            done: called with the number of texts scored since the last call.
        """
        parts = []
        for start in range(0, len(texts), CHUNK):
            parts.append(self._scores(self.read(texts[start : start + CHUNK])))
            done(len(parts[-1].logits))
        features = [part.features for part in parts if part.features is not None]
        return Scores(
            logits=np.concatenate([part.logits for part in parts]),
            truncated=np.concatenate([part.truncated for part in parts]),
            features=np.concatenate(features) if features else None,
        )

    def _scores(self, messages: Sequence[ReadMessage]) -> Scores:
        """Of those that are not empty, at least one."""
        if self._tokeniser is None:
            return self.rung.scores([m.readable for m in messages if m.readable is not None])
        return self._tokeniser.scores_of([m.row for m in messages if m.row is not None])

    def scored(self, messages: Sequence[ReadMessage]) -> list[ScoredMessage]:
        """What each message is answered by, in order.

        Args:
            messages: from `read`, scored together; at most `CHUNK`.
        """
        if not any(message.readable is not None for message in messages):
            return [self.empty for _ in messages]
        told = iter(self.scored_by(self._scores(messages)))
        return [self.empty if message.readable is None else next(told) for message in messages]

    def scored_by(self, scores: Scores) -> list[ScoredMessage]:
        """What each message is answered by, from its rung's scores.

        Args:
            scores: of messages that are not empty.
        """
        far = [None] * len(scores.logits) if self.scope is None else self.scope.of(scores).tolist()
        rows = zip(scores.logits, scores.truncated, far, strict=True)
        return [ScoredMessage(logits=row, truncated=bool(cut), far=one) for row, cut, one in rows]

    def predict(
        self, texts: Sequence[str], ids: Sequence[str], *, done: Callable[[int], None] = lambda n: None
    ) -> Predictions:
        """Calibrated probabilities of every label for each text.

        Args:
            texts: messages, length N.
            ids: their row ids, length N.
            done: called with the number of texts answered since the last call.
        """
        logits, truncated = self.logits(texts, done=done)
        probs = softmax(logits, temperature=self.saved.temperature)
        return Predictions(ids=tuple(ids), labels=self.labels, probs=probs, n_truncated=int(truncated.sum()))

    def classify(self, texts: Sequence[str]) -> list[Answer]:
        """One answer per text, in order; any text at all is answered with a label of the set.

        Args:
            texts: messages.

        Raises:
            DataError: one message instead of a list of them, or members that are no text, all at once.
        """
        _must_be_texts(texts)
        starts = range(0, len(texts), CHUNK)
        return [one for start in starts for one in self.answers(self.read(texts[start : start + CHUNK]))]

    def answers(self, messages: Sequence[ReadMessage]) -> list[Answer]:
        """One answer per message, in order, all scored together.

        Args:
            messages: from `read`, at most `CHUNK`.
        """
        rows = zip(messages, self.scored(messages), strict=True)
        return [self.answer(message.text, scored) for message, scored in rows]

    @property
    def empty(self) -> ScoredMessage:
        """What an empty message is answered by."""
        logits = np.asarray(np.log(self.saved.prior) * self.saved.temperature)
        return ScoredMessage(logits=logits, truncated=False, far=None)

    def answer(self, text: str, scored: ScoredMessage, *, among: Collection[str] | None = None) -> Answer:
        """One answer from the scores of one message.

        What is promised is promised of answers as sure as the threshold among all labels: a choice makes none surer,
        and what is left of the labels may all be unlikely.

        Args:
            text: the message.
            scored: what it is answered by.
            among: labels of the set to choose from, at least one; None for all. The others have no probability then.
        """
        temperature = self.saved.temperature
        free = softmax(scored.logits[None], temperature=temperature)[0]
        probs = free
        if among is not None:
            places = [i for i, name in enumerate(self.labels.names) if name in among]
            probs = np.zeros(len(self.labels))
            probs[places] = softmax(scored.logits[None, places], temperature=temperature)[0]
        best = int(probs.argmax())
        least = None if self.promise is None else self.promise.threshold
        is_unsure = least is not None and float(free[best]) < least
        is_outside = self._is_outside(scored.far)
        return Answer(
            text=text,
            label=self.labels.names[best],
            probability=float(probs[best]),
            probabilities=dict(zip(self.labels.names, probs.tolist(), strict=True)),
            out_of_scope=scored.far,
            outside=is_outside,
            route="review" if is_unsure or is_outside or is_empty(text) else "local",
            truncated=scored.truncated,
        )

    def _is_outside(self, far: float | None) -> bool:
        threshold = None if self.scope is None else self.scope.record.threshold
        return threshold is not None and far is not None and far > threshold


def _must_be_texts(texts: Sequence[str]) -> None:
    fix = "give a list of messages: classify([message])"
    if isinstance(texts, str):
        raise DataError(Problem(where="classify", rule="takes a list of messages", got=quoted(texts), fix=fix))
    problems = [
        Problem(where=f"classify: message {i}", rule="every message must be text", got=quoted(text), fix=fix)
        for i, text in enumerate(texts)
        if not isinstance(text, str)
    ]
    if problems:
        raise DataError(problems)


def _must_be_ours(got: int, path: Path) -> None:
    if got != CLASSIFIER_FORMAT:
        raise BundleError(
            Problem(
                where=str(path),
                rule=f"this version of suffice reads format {CLASSIFIER_FORMAT}",
                got=f"format {got}",
                fix="run the version of suffice that wrote it, or fit again",
            )
        )
