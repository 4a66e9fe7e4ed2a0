"""Two data versions to the rows in which they differ."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from suffice.records.dataset import Dataset, Example


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """A row that both versions have, with another label or another text."""

    source: str
    """Name of the file that it came from."""
    row: int
    """0-based position there, in the second version."""
    id: str
    """Its id in the second version."""
    was: str
    """Label in the first version."""
    became: str
    """Label in the second."""
    text_changed: bool
    """Whether its message is another one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionDiff:
    """Everything in which two data versions differ."""

    first: str
    """Name of the one."""
    second: str
    """Name of the other."""
    n_rows: tuple[int, int]
    """Rows of both."""
    added: tuple[Example, ...]
    """Rows of the second that the first has not."""
    dropped: tuple[Example, ...]
    """Rows of the first that the second has not."""
    changed: tuple[Difference, ...]
    """Rows of both that differ in label or text."""

    @property
    def relabelled(self) -> tuple[Difference, ...]:
        """Rows with another label."""
        return tuple(row for row in self.changed if row.was != row.became)

    @property
    def reworded(self) -> tuple[Difference, ...]:
        """Rows with another text."""
        return tuple(row for row in self.changed if row.text_changed)

    @property
    def pairs(self) -> list[tuple[tuple[str, str], int]]:
        """Label before and after with the rows that changed so, most first."""
        return Counter((row.was, row.became) for row in self.relabelled).most_common()


def diff_versions(first: Dataset, second: Dataset) -> VersionDiff:
    """Pairs the rows of two versions, and tells the others.

    By id; what is left by source and message, since ids that were made change when a row moves; what is left then by
    source and place: these are rows whose message has changed.

    Args:
        first: rows of the one version.
        second: rows of the other.
    """
    left, right = dict(enumerate(first)), dict(enumerate(second))
    pairs: list[tuple[Example, Example]] = []
    keys: tuple[Callable[[Example], Hashable], ...] = (
        lambda row: row.id,
        lambda row: (row.source, row.text),
        lambda row: (row.source, row.row),
    )
    for key in keys:
        waiting: dict[Hashable, list[int]] = defaultdict(list)
        for position in reversed(left):
            waiting[key(left[position])].append(position)
        for position, row in list(right.items()):
            if waiting.get(key(row)):
                pairs.append((left.pop(waiting[key(row)].pop()), right.pop(position)))
    return VersionDiff(
        first=first.name,
        second=second.name,
        n_rows=(len(first), len(second)),
        added=tuple(right.values()),
        dropped=tuple(left.values()),
        changed=tuple(
            Difference(
                source=after.source,
                row=after.row,
                id=after.id,
                was=before.label,
                became=after.label,
                text_changed=before.text != after.text,
            )
            for before, after in sorted(pairs, key=lambda pair: (pair[1].source, pair[1].row))
            if (before.label, before.text) != (after.label, after.text)
        ),
    )
