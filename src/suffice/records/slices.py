"""Kinds of rows that runs are judged on apart, and what keeps a name meaning the same rows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice:
    """Which of some rows are in a slice."""

    name: str
    """As in the task file's `slices`."""
    says: str
    """What its rows have in common, in words: `region is north or south`."""
    member: NDArray[np.bool_]
    """Whether each row is in it, shape [N]."""

    def take(self, rows: NDArray[np.int64]) -> Slice:
        """The slice over the rows at these positions.

        Args:
            rows: positions, in the order wanted.
        """
        return replace(self, member=self.member[rows])


@dataclass(frozen=True, kw_only=True, slots=True)
class Aspects:
    """What is known of some rows beside their text, label and group, for judging them apart."""

    slices: tuple[Slice, ...]
    """In the order of the task file, each over all N rows; empty where it has none."""
    times: tuple[str | None, ...]
    """ISO 8601 time of each row, length N; empty where no row has one."""

    def take(self, rows: NDArray[np.int64]) -> Aspects:
        """The same of the rows at these positions.

        Args:
            rows: positions, in the order wanted.
        """
        times = tuple(self.times[row] for row in rows.tolist()) if self.times else ()
        return Aspects(slices=tuple(one.take(rows) for one in self.slices), times=times)


NO_ASPECTS = Aspects(slices=(), times=())
"""Of rows of which nothing more is known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FrozenSlice:
    """Which rows of a data version a slice had when it was first used."""

    says: str
    """What its rows have in common, in words."""
    n_rows: int
    """Rows of the data version that are in it, whatever their split."""
    n_validation: int
    """Those of them in validation."""
    sha256: str
    """Hash of the ids of all its rows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FrozenSlices:
    """The slices of an output folder."""

    versions: dict[str, dict[str, FrozenSlice]]
    """By hash of the data version, then by name."""
