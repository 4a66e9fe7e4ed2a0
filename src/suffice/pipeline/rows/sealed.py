"""The test split behind its seal: a number of rows and a hash, until an opening is written into the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suffice.records.dataset import Dataset
from suffice.records.labels import LabelSet
from suffice.records.slices import NO_ASPECTS, Aspects
from suffice.stats.groups import least_design_effect
from suffice.store.openings import Opening, count_openings, next_opening, open_test, require_ledger


@dataclass(frozen=True, kw_only=True, slots=True)
class TestRows:
    """The test split, opened."""

    __test__ = False  # pytest takes every class whose name begins with Test for a test.

    opening: Opening
    """Which opening it is."""
    ids: tuple[str, ...]
    """Row ids, length N."""
    texts: tuple[str, ...]
    """Messages, length N."""
    data: Dataset
    """The rows themselves."""
    y: NDArray[np.int64]
    """Label codes, shape [N]."""
    groups: NDArray[np.int64]
    """Group codes, shape [N]."""
    aspects: Aspects
    """Their slices and times."""


class SealedTest:
    """Rows that nothing may read while rungs are fitted and chosen."""

    def __init__(
        self,
        data: Dataset,
        *,
        labels: LabelSet,
        groups: NDArray[np.int64],
        sha256: str,
        aspects: Aspects = NO_ASPECTS,
    ) -> None:
        """
        Args:
            data: the test rows.
            labels: the K labels.
            groups: group codes, shape [N].
            sha256: hash of the rows, by which openings are counted.
            aspects: their slices and times.
        """
        self.__data, self.__labels, self.__groups, self.__aspects = data, labels, groups, aspects
        self.sha256 = sha256

    def __len__(self) -> int:
        return len(self.__data)

    def n_fresh(self, groups: NDArray[np.int64]) -> int:
        """How many rows have no copy and no group mate among others; all of them where none is without.

        Args:
            groups: group codes of the others.
        """
        return int((~np.isin(self.__groups, groups)).sum()) or len(self)

    def label_rows(self, labels: Iterable[str]) -> dict[str, int]:
        """How many rows have each of these labels: a count, which the seal lets through.

        Args:
            labels: names of the label set.
        """
        given = self.__data.labels
        return {label: given.count(label) for label in labels}

    @property
    def design_effect(self) -> float | None:
        """The least that the rows' groups have; None where no two rows share one."""
        return least_design_effect(self.__groups) if len(self) else None

    def rows_where(self, is_so: Callable[[Sequence[str]], NDArray[np.bool_]]) -> list[tuple[str, int]]:
        """Source and position of the rows whose text has a property: places, and neither text nor label.

        Args:
            is_so: texts to whether each has it.
        """
        found = self.__data.take(np.flatnonzero(is_so(self.__data.texts)))
        return [(row.source, row.row) for row in found]

    def openings(self) -> int:
        """How often these rows have been opened on this machine."""
        return count_openings(self.sha256)

    def next_opening(self, hypothesis: str | None) -> int:
        """Which opening of these rows it would be to confirm a hypothesis now.

        Args:
            hypothesis: hash of what is to be confirmed; None where that is not known yet.
        """
        return next_opening(self.sha256, hypothesis)

    def require_ledger(self) -> None:
        """Proves that an opening could be written down, before hours are spent on what it is for.

        Raises:
            StorageError: the ledger's folder cannot be written.
        """
        if len(self):
            require_ledger()

    def open(self, hypothesis: str) -> TestRows:
        """Writes the opening into the ledger, then gives the rows.

        Args:
            hypothesis: hash of what is to be confirmed; the same one again is the same opening.

        Raises:
            StorageError: the ledger cannot be written; the rows stay sealed.
        """
        opening = open_test(self.sha256, hypothesis)
        return TestRows(
            opening=opening,
            ids=tuple(self.__data.ids),
            texts=tuple(self.__data.texts),
            data=self.__data,
            y=self.__labels.encode(self.__data.labels),
            groups=self.__groups,
            aspects=self.__aspects,
        )
