"""What an audit of answers or calls is held on, at a glance."""

from __future__ import annotations

from dataclasses import dataclass

from suffice.errors import Problem
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


@dataclass(frozen=True, kw_only=True, slots=True)
class KnowledgeRead:
    """What was read of a task's documents."""

    n_files: int
    """Files of formats that are read."""
    n_passages: int
    """Passages that they gave, at least 1."""
    problems: tuple[Problem, ...]
    """What of them could not be read, and rows whose gold links name nothing in them."""
