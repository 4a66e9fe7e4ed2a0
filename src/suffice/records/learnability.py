"""What can be learned from a data version: what cheap rungs reach on rows that they did not see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from suffice.records.evaluation import Interval

MoreRows = Literal["helps", "hardly", "unclear"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """One model's accuracy out of fold."""

    rung: str
    """As in `ladder`."""
    n_train: int
    """Rows that each model was fitted on, at most."""
    accuracy: float
    """Rows answered as labelled, a fraction."""
    interval: Interval
    """95%, groups kept together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelReach:
    """One label out of fold."""

    label: str
    """Its name."""
    n: int
    """Its rows."""
    recall: float
    """Of its rows, those answered as labelled, by the dearest of the rungs; a fraction."""
    interval: Interval
    """95%, exact, rows taken to be independent."""
    recall_of_half: float | None
    """The same by models fitted on half as many rows; None where the curve has no such size."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Learnability:
    """The set as a whole, and each label."""

    n: int
    """Rows that were answered out of fold."""
    chance: float
    """Accuracy of a label drawn at random, a fraction."""
    majority: float
    """Accuracy of the commonest label, a fraction."""
    rungs: tuple[Reach, ...]
    """In order of cost."""
    curve: tuple[Reach, ...]
    """The dearest of them from few rows to many."""
    last_doubling: float | None
    """Accuracy gained by the last doubling of the rows; None without a curve."""
    last_doubling_interval: Interval | None
    """95%, paired, groups kept together."""
    more_rows: MoreRows
    """Whether more rows would help: `helps` where the last doubling surely brought half a point or more, `hardly`
    where it surely brought less than a point, `unclear` otherwise."""
    per_label: tuple[LabelReach, ...]
    """In the order of the label set; labels without a row are left out."""
