"""What a person may look at: suspect labels with their evidence, and labels that are confused, with texts.

Of training rows only: whoever labels a held-out row must not have seen what a model says of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from suffice.report.texts import ExampleText


@dataclass(frozen=True, kw_only=True, slots=True)
class Suspect:
    """A training row whose label is likely wrong."""

    where: str
    """Source and row."""
    example: ExampleText
    suggested: str
    """The label that the models would give."""
    margin: float
    """By how much more probable they find it, a fraction."""
    neighbours: tuple[ExampleText, ...]
    """The nearest training rows that are no copies, nearest first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfusedLabels:
    """Two labels that are taken for each other."""

    first: str
    """One of them; the one that comes first in the label set."""
    second: str
    """The other."""
    inseparable: bool
    """Whether the data cannot tell them apart."""
    auc: float
    """Chance that of two rows, one of each label, the order of the odds is right."""
    n_rows: int
    """Rows of either label."""
    n_confused: int
    """Rows that are taken for the other label."""
    gain: float
    """Accuracy that merging them would bring, a fraction."""
    examples: tuple[ExampleText, ...]
    """Training rows that are taken for the other label."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Leads:
    """All that the page of an audit shows of rows."""

    n_flagged: int
    """Rows that models flag, held-out ones among them."""
    suspects: tuple[Suspect, ...]
    """The most suspect training rows, most suspect first."""
    confused: tuple[ConfusedLabels, ...]
    """Most confused first."""
