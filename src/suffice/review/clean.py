"""Decisions and safe rules to the rows of the next data version, and why each row went or changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from suffice.copies import stay_for
from suffice.records.copies import Copies
from suffice.records.dataset import Dataset
from suffice.records.splits import Splits
from suffice.review.settle import Settled
from suffice.text.normalise import canonical

Reason = Literal[
    "decided: another label",
    "decided: ambiguous",
    "decided: drop",
    "two labels, a person settled on the other",
    "two labels, nobody decided",
    "copy: the same message",
    "copy: the same but for case and punctuation",
    "copy: nearly the same",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What became of one row, and why."""

    id: str
    """Id of the row."""
    source: str
    """Name of the file that it came from."""
    row: int
    """0-based position in the source."""
    what: Literal["dropped", "relabelled"]
    """What became of it."""
    why: Reason
    """The decision or rule that did it."""
    was: str
    """Its label."""
    became: str | None
    """Its new label; None for a row that went."""
    stays: str | None
    """Id of the row that stays in its place; None where it is no copy."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cleaned:
    """The rows of the next data version."""

    rows: NDArray[np.int64]
    """Positions of the rows that stay, ascending."""
    labels: tuple[str, ...]
    """Their labels."""
    changes: tuple[Change, ...]
    """Rows that went or changed, in the order of the data."""
    waiting: int
    """Held-out rows that decisions would change, and that were left as they are."""
    seen: int
    """Held-out rows that decisions would change, had they been taken without a look at the models."""
    emptied: tuple[str, ...]
    """Labels that have no training row left."""
    contradicting: tuple[tuple[str, ...], ...]
    """Ids of the training rows of each message that still stands under several labels, since people kept it so or
    disagree."""


def clean_rows(data: Dataset, splits: Splits, copies: Copies, settled: Settled, *, also_test: bool) -> Cleaned:
    """Applies people's decisions, then the safe rules, in this order:

    1. A row that was given another label gets it; one that was called ambiguous goes, and so do its copies that nobody
       decided about, for it is the message that is ambiguous; one that was dropped goes.
    2. Training rows with the same canonical text and several labels are a conflict. Where people settled on one label,
       undecided rows with another go; where nobody decided, all of them go; rows that people decided about stay.
       So do those, under this rule and the next, that people disagree about: nothing changes them until it is settled.
    3. Of training rows with one label, each goes that is a copy or near-copy of one that stays: those stay first that a
       person decided about, then those that come first. What a chain of near-copies joins, but is near none that stays,
       stays too.

    Held-out rows change by decisions alone, only where `also_test` says so, and only by decisions that were taken
    blind: a rule that drops what models find odd would make every model look better than it is.

    Args:
        data: rows of the version as read.
        splits: where each row stands.
        copies: which of them are copies.
        settled: decisions as they stand.
        also_test: whether decisions about validation, calibration and test rows apply.
    """
    draft = _Draft(data, splits, settled)
    waiting, seen = draft.decide(blind=settled.blind, also_test=also_test)
    draft.drop_ambiguous(copies.normalised)
    draft.drop_conflicts(copies.normalised)
    draft.drop_copies(copies)
    rows = np.flatnonzero(draft.stays).astype(np.int64)
    return Cleaned(
        rows=rows,
        labels=tuple(draft.labels[row] for row in rows.tolist()),
        changes=tuple(draft.changes[row] for row in sorted(draft.changes)),
        waiting=waiting,
        seen=seen,
        emptied=draft.emptied(),
        contradicting=draft.contradicting(copies.normalised),
    )


class _Draft:
    """The rows while they are cleaned."""

    def __init__(self, data: Dataset, splits: Splits, settled: Settled) -> None:
        self.labels, self.stays = data.labels, np.ones(len(data), dtype=np.bool_)
        self.changes: dict[int, Change] = {}
        self._given, self._ids = tuple(data.labels), data.ids
        self._outcomes, self._looked_at = settled.outcomes, settled.by.keys()
        self._texts = data.texts
        self._sources, self._rows = data.table["source"].to_pylist(), data.table["row"].to_pylist()
        self._train = splits.rows("train")
        self._is_train = frozenset(self._train.tolist())

    def decide(self, *, blind: frozenset[int], also_test: bool) -> tuple[int, int]:
        """Applies decisions; held-out rows that were left as they are: waiting, and decided with a suggestion."""
        waiting = seen = 0
        for row, (action, label) in self._outcomes.items():
            if label == self.labels[row]:
                continue
            if row not in self._is_train and not also_test:
                waiting += 1
            elif row not in self._is_train and row not in blind:
                seen += 1
            elif label is None:
                self._drop(row, "decided: ambiguous" if action == "ambiguous" else "decided: drop")
            else:
                self.labels[row] = label
                self._change(row, "decided: another label", became=label)
        return waiting, seen

    def drop_ambiguous(self, codes: NDArray[np.int64]) -> None:
        """Takes undecided copies of ambiguous messages out of train."""
        ambiguous = {
            int(codes[row])
            for row, outcome in self._outcomes.items()
            if outcome.action == "ambiguous" and row in self._is_train
        }
        for row in self._train.tolist():
            if int(codes[row]) in ambiguous and row not in self._looked_at:
                self._drop(row, "decided: ambiguous")

    def drop_conflicts(self, codes: NDArray[np.int64]) -> None:
        """Takes one message with several labels out of train, but for what people settled."""
        for rows in self._alike(codes.tolist()):
            settled = {self.labels[row] for row in rows if row in self._outcomes}
            if len({self.labels[row] for row in rows}) > 1:
                why: Reason = "two labels, a person settled on the other" if settled else "two labels, nobody decided"
                for row in rows:
                    if row not in self._looked_at and settled != {self.labels[row]}:
                        self._drop(row, why)

    def drop_copies(self, copies: Copies) -> None:
        """Takes rows out of train that are near one with the same label that stays there."""
        for alike in self._alike(list(zip(copies.near.tolist(), self.labels, strict=True))):
            rows = sorted(alike, key=lambda row: row not in self._looked_at)
            stays = stay_for([canonical(self._texts[row]) for row in rows], threshold=copies.threshold)
            for row, place in zip(rows, stays.tolist(), strict=True):
                if row != rows[place] and (row in self._outcomes or row not in self._looked_at):
                    self._drop(row, _how_alike(copies, row, rows[place]), stays=rows[place])

    def emptied(self) -> tuple[str, ...]:
        """Labels that had training rows and have none left."""
        left = {self.labels[row] for row in self._train.tolist() if self.stays[row]}
        return tuple(sorted({self._given[row] for row in self._train.tolist()} - left))

    def contradicting(self, codes: NDArray[np.int64]) -> tuple[tuple[str, ...], ...]:
        """Ids of the rows of each message that stands in train under several labels."""
        several = (rows for rows in self._alike(codes.tolist()) if len({self.labels[row] for row in rows}) > 1)
        return tuple(tuple(self._ids[row] for row in rows) for rows in several)

    def _alike(self, codes: Sequence[Hashable]) -> list[list[int]]:
        """Training rows that are still there and share a code with another one."""
        groups: dict[Hashable, list[int]] = defaultdict(list)
        for row in self._train.tolist():
            if self.stays[row]:
                groups[codes[row]].append(row)
        return [rows for rows in groups.values() if len(rows) > 1]

    def _drop(self, row: int, why: Reason, *, stays: int | None = None) -> None:
        self.stays[row] = False
        self._change(row, why, stays=stays)

    def _change(self, row: int, why: Reason, *, became: str | None = None, stays: int | None = None) -> None:
        self.changes[row] = Change(
            id=self._ids[row],
            source=self._sources[row],
            row=self._rows[row],
            what="dropped" if became is None else "relabelled",
            why=why,
            was=self._given[row],
            became=became,
            stays=None if stays is None else self._ids[stays],
        )


def _how_alike(copies: Copies, row: int, stays: int) -> Reason:
    if copies.exact[row] == copies.exact[stays]:
        return "copy: the same message"
    if copies.normalised[row] == copies.normalised[stays]:
        return "copy: the same but for case and punctuation"
    return "copy: nearly the same"
