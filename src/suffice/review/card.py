"""A row of the queue to what a person sees of it: of a row by which models are judged, nothing that they say."""

from __future__ import annotations

from dataclasses import dataclass

from suffice.records.dataset import Dataset
from suffice.records.evidence import Suspicion
from suffice.records.labels import LabelSet
from suffice.records.splits import SPLIT_NAMES, Splits
from suffice.review.queue import Queued

N_NEIGHBOURS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Neighbour:
    """A training row that says nearly the same."""

    text: str
    """Its message."""
    label: str
    """Its given label."""
    similarity: float
    """Cosine similarity, at most 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One row as a person sees it; of a blind row it holds nothing that models say."""

    queued: Queued
    """The row, and why it is in the queue."""
    number: int
    """Place in the queue, from 1."""
    total: int
    """Rows of the queue."""
    n_ranked: int
    """Training rows, which ranks are places among."""
    split: str
    """Where the row stands."""
    text: str
    """The message."""
    label: str
    """The given label."""
    suggested: str | None
    """The label that models would give; None where the row is blind."""
    margin: float | None
    """Its probability less that of the given one; None where the row is blind."""
    neighbours: tuple[Neighbour, ...]
    """The nearest first, at most three."""


class Cards:
    """What is shown of the rows of one data version."""

    def __init__(self, data: Dataset, splits: Splits, suspicion: Suspicion, labels: LabelSet) -> None:
        """
        Args:
            data: rows of the version.
            splits: where each row stands.
            suspicion: what models say of them.
            labels: the K labels.
        """
        self._texts, self._given, self._names = data.texts, data.labels, labels.names
        self._codes, self._suspicion = splits.codes, suspicion
        self._at = {row: i for i, row in enumerate(suspicion.rows.tolist())}

    def card(self, item: Queued, *, number: int, total: int, n_ranked: int) -> Card:
        """One row as it is shown.

        Args:
            item: the row of the queue.
            number: its place there, from 1.
            total: rows of the queue.
            n_ranked: training rows.
        """
        i = None if item.blind else self._at[item.row]
        return Card(
            queued=item,
            number=number,
            total=total,
            n_ranked=n_ranked,
            split=SPLIT_NAMES[self._codes[item.row]],
            text=self._texts[item.row],
            label=self._given[item.row],
            suggested=None if i is None else self._names[self._suspicion.suggested[i]],
            margin=None if i is None else float(self._suspicion.margin[i]),
            neighbours=() if i is None else self._neighbours(i),
        )

    def _neighbours(self, i: int) -> tuple[Neighbour, ...]:
        """The nearest training rows: a held-out row is seen by itself, or not at all."""
        train = SPLIT_NAMES.index("train")
        near = zip(self._suspicion.neighbours[i].tolist(), self._suspicion.similarities[i].tolist(), strict=True)
        found = [(row, alike) for row, alike in near if row >= 0 and self._codes[row] == train]
        return tuple(
            Neighbour(text=self._texts[row], label=self._given[row], similarity=alike)
            for row, alike in found[:N_NEIGHBOURS]
        )
