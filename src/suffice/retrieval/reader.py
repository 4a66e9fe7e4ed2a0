"""What stands before a question: the passages that are found for it, or those that its gold links name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from suffice.records.knowledge import FilledContext, Passage, Reading
from suffice.retrieval.context import filled
from suffice.retrieval.index import Index
from suffice.store import strict_json

INDEX, READING = "index", "reading.json"


class Reader:
    """An index, and how much of it a model is given: one object for figures and for what is served."""

    def __init__(self, index: Index, reading: Reading) -> None:
        """
        Args:
            index: of the knowledge.
            reading: how passages come to stand before a question.
        """
        self.index, self.reading = index, reading

    @classmethod
    def load(cls, folder: Path) -> Reader:
        """Reads what `save` wrote.

        Args:
            folder: where it lies.

        Raises:
            BundleError: a file is missing or changed, or the encoder is another one.
            DataError: the extra is not installed.
            ModelError: the encoder cannot be found.
        """
        return cls(Index.load(folder / INDEX), strict_json.read(folder / READING, Reading))

    def save(self, folder: Path) -> None:
        """Writes the index and how it is read.

        Args:
            folder: made if it is not there.
        """
        folder.mkdir(exist_ok=True)
        self.index.save(folder / INDEX)
        strict_json.write(folder / READING, self.reading)

    def found(self, questions: Sequence[str]) -> list[FilledContext]:
        """The best passages for each question, as a model reads them.

        Args:
            questions: any texts.
        """
        best = self.index.search(questions, k=self.reading.passages, way=self.reading.ranking)
        return [self._filled([one.passage for one in some]) for some in best]

    def gold(self, question: str, links: Collection[str]) -> FilledContext:
        """The passages that gold links name, those first that are ranked best: a link to a file names many.

        Args:
            question: any text.
            links: what names them; what names nothing in the knowledge gives nothing.
        """
        named = [passage for passage in self.index.knowledge.passages if not passage.names.isdisjoint(links)]
        if len(named) <= 1:
            return self._filled(named)
        (ranked,) = self.index.search([question], k=len(self.index.knowledge.passages), way=self.reading.ranking)
        place = {one.passage.id: number for number, one in enumerate(ranked)}
        named.sort(key=lambda passage: place.get(passage.id, len(place)))
        return self._filled(named)

    def _filled(self, passages: Sequence[Passage]) -> FilledContext:
        return filled(passages[: self.reading.passages], budget=self.reading.words)
