"""Kinds of rows on which a system fails more often than elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from suffice.records.evaluation import Interval

FoundBy = Literal["words", "feature", "subject"]
"""A phrase of the text, a feature of the row, or failures that lie close together in meaning."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterRows:
    """N rows of any kind of task, of which it is known whether the system failed on them."""

    ids: tuple[str, ...]
    """Length N."""
    texts: tuple[str, ...]
    """What the system was given, length N."""
    vectors: NDArray[np.float32]
    """Meaning of each text as a vector of unit length, shape [N, D]."""
    vectors_of: str
    """What made the vectors, for a person: `minilm-l6`."""
    failed: NDArray[np.bool_]
    """Whether the system failed, shape [N]."""
    groups: NDArray[np.int64]
    """Group of each row, shape [N]: rows of one group are no independent ones."""
    features: Mapping[str, tuple[tuple[str, ...], ...]]
    """Name to values of each row (none, one or several), known without a look at whether it failed: a cluster may be
    made of these."""
    errors: Mapping[str, tuple[tuple[str, ...], ...]]
    """Name to values of each row that say what went wrong: they bring failures together and describe them, and never
    decide whether a row belongs to a cluster, since of a row that did not fail they say nothing."""

    def __post_init__(self) -> None:
        n = len(self.ids)
        assert len(self.texts) == len(self.vectors) == len(self.failed) == len(self.groups) == n, "one of each per row"
        named = [*self.features.values(), *self.errors.values()]
        assert all(len(values) == n for values in named), "every feature has values for every row"


@dataclass(frozen=True, kw_only=True, slots=True)
class FailureCluster:
    """One kind of row on which the system fails more often; found on one half of the rows, measured on the other."""

    name: str
    """The rule by which a row belongs to it, failed or not: `says "twice as many"`. A row belongs to the first rule
    that fits, in the order in which they were found."""
    found_by: FoundBy
    words: tuple[str, ...]
    """Phrases that set its rows apart from all others, the most telling first."""
    features: tuple[str, ...]
    """Features that do: `last operation: -`."""
    went_wrong: tuple[str, ...]
    """What goes wrong in it more often than in other failures; empty where its failures are like all others."""
    n: int
    """Rows of it in the half that it was measured on."""
    n_failed: int
    """Of those, rows that failed."""
    share: float
    """`n` over the rows of that half."""
    share_of_loss: float
    """`n_failed` over all failures of that half."""
    accuracy: float
    """Rows of it that did not fail, over `n`."""
    interval: Interval
    """95%, exact; rows in groups count as fewer than they are."""
    accuracy_outside: float
    """The same of the rows of that half that are not in it."""
    interval_outside: Interval
    difference: Interval
    """95% of accuracy inside minus outside."""
    q_value: float
    """One-sided test for more failures inside than outside, by Benjamini and Hochberg over all candidates."""
    typical: tuple[str, ...]
    """Ids of its most typical failures of both halves, at most ten, the most typical first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FailureClusters:
    """Where failures come together, and how many are scattered."""

    clusters: tuple[FailureCluster, ...]
    """Those whose excess of failures is shown on rows that they were not found on; the largest loss first."""
    n_found_on: int
    """Rows that candidates were looked for on."""
    n_measured_on: int
    """Rows that they were measured on: all others."""
    n_candidates: int
    """Clusters that were found on the first half."""
    n_failed: int
    """Failures of the second half."""
    n_scattered: int
    """Of those, failures that lie in no cluster."""
    vectors_of: str
    """What made the vectors."""
