"""What an audit of answers or calls is held on, at a glance."""

from __future__ import annotations

from dataclasses import dataclass

from suffice.records.task import Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedSummary:
    """Rows of a task whose kind is `answer` or `tools`."""

    kind: Kind
    sources: tuple[str, ...]
    """Names of the files."""
    n_rows: int
    """Questions or requests."""
    n_groups: int
    """Groups of copies, near-copies, customers or threads."""
    n_with: dict[str, int]
    """What rows have, in words, and how many have it: `a trace`, `a right call`."""
    split_counts: dict[str, int]
    """Rows of each split that the data brings; empty where it brings none."""
