"""Which row stands in which split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from suffice.records.copies import CutComponent

SplitName = Literal["train", "validation", "calibration", "test"]
SPLIT_NAMES: tuple[SplitName, ...] = get_args(SplitName)
MIN_VALIDATION = 200
"""Below this many validation rows, cheap rungs are judged out of fold on train plus validation."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CopyGroups:
    """Which rows belong together."""

    codes: NDArray[np.int64]
    """Group of each row, shape [N], numbered from 0."""
    keys: tuple[str, ...]
    """The name by which each group is placed, length G: it depends on no other group."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Splits:
    """Every row of a data version in exactly one split."""

    codes: NDArray[np.int64]
    """Position in `SPLIT_NAMES` of each row's split, shape [N]."""
    groups: NDArray[np.int64]
    """Group of each row, shape [N]."""
    keys: tuple[str, ...]
    """Name of each group, length G: what keyed hashes are taken of."""
    brought: tuple[SplitName, ...]
    """Splits that the data brought and that were kept as they are."""
    sha256: str
    """Hash of all (row id, split) pairs."""
    test_sha256: str
    """Hash of the test rows' texts and labels: what openings are counted by."""

    @property
    def n_leaked(self) -> dict[SplitName, int]:
        """Rows of each held-out split with a copy, or a row of the same customer or thread, in a split before it.

        Splits come in the order of `SPLIT_NAMES`, so that to test all others are before it. All are 0 unless brought.
        """
        first = np.full(len(self.keys), len(SPLIT_NAMES))
        np.minimum.at(first, self.groups, self.codes)
        counts = np.bincount(self.codes[self.codes > first[self.groups]], minlength=len(SPLIT_NAMES))
        return dict(zip(SPLIT_NAMES[1:], counts[1:].tolist(), strict=True))

    def rows(self, *names: SplitName) -> NDArray[np.int64]:
        """Positions of the rows in any of these splits, ascending."""
        wanted = [SPLIT_NAMES.index(name) for name in names]
        return np.flatnonzero(np.isin(self.codes, wanted)).astype(np.int64)


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitCertificate:
    """How the rows were divided, for whoever has to trust the figures that came of it."""

    n_rows: dict[SplitName, int]
    """Rows of each split."""
    n_groups: dict[SplitName, int]
    """Groups of copies, customers or threads that each split holds a row of."""
    brought: tuple[SplitName, ...]
    """Splits that the data brought; the others were made here."""
    n_leaked: dict[SplitName, int]
    """Rows of each held-out split with a copy or group mate in a split before it, in the order of `SPLIT_NAMES`."""
    threshold: float
    """Least Jaccard similarity of the character 5-grams of two near-copies, which are of one group."""
    method: Literal["exact", "minhash"]
    """How near-copies were looked for."""
    miss_rate: float
    """Chance that a pair right at the threshold was overlooked."""
    cut: tuple[CutComponent, ...]
    """Components of near-copies that were too large for one group; their parts may stand in several splits."""
    sha256: str
    """Hash of all (row id, split) pairs."""
    test_sha256: str
    """Hash of the test rows' texts and labels."""
