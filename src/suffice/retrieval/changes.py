"""Whether the knowledge is still what an index was made of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from suffice.errors import DataError, Problem
from suffice.records.knowledge import Changes, Knowledge
from suffice.retrieval.document import sha256_of
from suffice.retrieval.read import files_of


def changes_since(knowledge: Knowledge, given: Sequence[Path]) -> Changes:
    """Compares the files as they were indexed with the files as they are.

    Of files from which nothing could be read the hash was kept too, so that one that was mended is told.

    Args:
        knowledge: of the index.
        given: files and folders, as they were given when it was read.

    Raises:
        DataError: one of them is not there.
    """
    known = {file.source: file.sha256 for file in knowledge.files}
    now = {name: _sha256(path, name) for name, path in files_of(given).items()}
    return Changes(
        added=tuple(name for name, sha in now.items() if sha and name not in known),
        changed=tuple(name for name, sha in now.items() if sha and name in known and known[name] != sha),
        removed=tuple(name for name in known if not now.get(name)),
    )


def require_unchanged(knowledge: Knowledge, given: Sequence[Path]) -> None:
    """Refuses an index of knowledge that has changed since: it would cite what is no longer said.

    Args:
        knowledge: of the index.
        given: files and folders, as they were given when it was read.

    Raises:
        DataError: every file that differs.
    """
    changes = changes_since(knowledge, given)
    differing = {"a file added": changes.added, "a file changed": changes.changed, "a file removed": changes.removed}
    if changes.n:
        raise DataError(
            Problem(where=name, rule="knowledge must be as it was indexed", got=got, fix="build the index again")
            for got, names in differing.items()
            for name in names
        )


def _sha256(path: Path, name: str) -> str | None:
    """None for what cannot be opened."""
    try:
        return sha256_of(path, name=name)
    except DataError:
        return None
