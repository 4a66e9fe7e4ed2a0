"""Two models on the same rows: who is right where, whether they differ, and by how much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suffice.stats.groups import codes_or_rows
from suffice.stats.scored import require_rows


@dataclass(frozen=True, kw_only=True, slots=True)
class PairedCounts:
    """All that a paired comparison of accuracies depends on."""

    n: int
    """Rows that both were scored on, at least 1."""
    n_only_first: int
    """Rows that only the first gets right."""
    n_only_second: int
    """Rows that only the second gets right."""

    @property
    def difference(self) -> float:
        """Accuracy of the first minus that of the second, -1 to 1."""
        return (self.n_only_first - self.n_only_second) / self.n

    @property
    def swapped(self) -> PairedCounts:
        """The same comparison seen from the second."""
        return PairedCounts(n=self.n, n_only_first=self.n_only_second, n_only_second=self.n_only_first)


def paired_counts(first_right: NDArray[np.bool_], second_right: NDArray[np.bool_]) -> PairedCounts:
    """Counts the rows on which two models differ.

    Args:
        first_right: whether the first is right on each row, shape [N].
        second_right: the same for the second, on the same rows in the same order.

    Raises:
        DataError: nothing was scored.
    """
    require_rows(len(first_right))
    assert len(first_right) == len(second_right), "both were scored on the same rows"
    only_first = int((first_right & ~second_right).sum())
    only_second = int((second_right & ~first_right).sum())
    return PairedCounts(n=len(first_right), n_only_first=only_first, n_only_second=only_second)


def grouped_p(first_right: NDArray[np.bool_], second_right: NDArray[np.bool_], groups: NDArray[np.int64]) -> float:
    """The exact two-sided p-value of "both are equally accurate" where rows come in groups.

    If it were so, either sign of what a group gains (rows that only the first gets right, less those that only the
    second does) were as likely as the other, whatever its rows share. All ways to give groups a sign are counted; the
    p-value is the share of them with a sum at least as far from 0; 1 where the two never differ. With rows that are
    their own groups it is McNemar's. A large value never shows that two models are equal: that is what
    `tango.non_inferiority` is for.

    Args:
        first_right: whether the first is right on each row, shape [N].
        second_right: the same for the second, on the same rows in the same order.
        groups: group of each row as a number, shape [N].

    Raises:
        DataError: nothing was scored.

    Source:
        Tests by sign flips of what is exchangeable, here the group: Pesarin and Salmaso (2010), Permutation Tests for
        Complex Data, section 1.8; that pairs in clusters need it: Durkalski et al. (2003), Statistics in Medicine 22.
        Rows alone: McNemar (1947), Psychometrika 12; exact, given the discordant rows: Agresti (2013), Categorical Data
        Analysis, 3rd ed., section 11.1.
    """
    require_rows(len(first_right))
    codes, _ = codes_or_rows(len(first_right), groups)
    gains = np.bincount(codes, weights=first_right.astype(np.float64) - second_right)
    sizes = np.abs(gains[gains != 0.0]).astype(np.int64)
    total = int(sizes.sum())
    share = np.zeros(2 * total + 1)
    share[total] = 1.0
    for size in sizes.tolist():
        share = (np.roll(share, size) + np.roll(share, -size)) / 2.0
    far = np.abs(np.arange(-total, total + 1)) >= abs(int(gains.sum()))
    return min(1.0, float(share[far].sum()))
