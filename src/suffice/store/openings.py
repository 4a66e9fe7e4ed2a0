"""The ledger of test openings: every look at a sealed test split is written down before it is taken.

A test whose rows were shown to a person is *spent*: that stands in a file of its own beside the openings.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from suffice.store.files import require_writable, storage_errors
from suffice.store.home import home
from suffice.store.lines import append_line


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """One look at one test split for one hypothesis."""

    test_sha256: str
    """Hash of the test rows."""
    hypothesis: str
    """Hash of what was to be confirmed: the run and the target."""
    number: int
    """Which opening of this test split it is, from 1."""
    opened_at: str
    """ISO 8601, UTC."""


def open_test(test_sha256: str, hypothesis: str) -> Opening:
    """Counts an opening; the same hypothesis on the same rows is the same opening, however often it is run.

    The ledger belongs to the person (SUFFICE_HOME), not to an output folder: another folder is not a fresh test.

    Args:
        test_sha256: hash of the test rows.
        hypothesis: hash of what is to be confirmed.

    Raises:
        StorageError: the ledger cannot be written.
    """
    path = home() / "openings.jsonl"
    with storage_errors(path, option="SUFFICE_HOME"):
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            before = [opening for opening in _read(path) if opening.test_sha256 == test_sha256]
            for opening in before:
                if opening.hypothesis == hypothesis:
                    return opening
            new = Opening(
                test_sha256=test_sha256,
                hypothesis=hypothesis,
                number=len(before) + 1,
                opened_at=datetime.now(UTC).isoformat(timespec="seconds"),
            )
            fields = ("test_sha256", "hypothesis", "number", "opened_at")
            append_line(path, json.dumps({name: getattr(new, name) for name in fields}))
    return new


def spend_test(test_sha256: str) -> None:
    """Writes down that rows of this test split are shown to a person, before they are.

    Args:
        test_sha256: hash of the test rows.

    Raises:
        StorageError: the ledger cannot be written.
    """
    path = home() / "spent.jsonl"
    with storage_errors(path, option="SUFFICE_HOME"):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not is_spent(test_sha256):
            when = datetime.now(UTC).isoformat(timespec="seconds")
            append_line(path, json.dumps({"test_sha256": test_sha256, "spent_at": when}))


def is_spent(test_sha256: str) -> bool:
    """Whether rows of this test split were shown to a person on this machine.

    Args:
        test_sha256: hash of the test rows.

    Raises:
        StorageError: the ledger cannot be read.
    """
    return any(line["test_sha256"] == test_sha256 for line in _lines(home() / "spent.jsonl"))


def require_ledger() -> None:
    """Proves that an opening could be written down, before hours are spent on what it is for.

    Raises:
        StorageError: the ledger's folder cannot be written.
    """
    require_writable(home(), option="SUFFICE_HOME")


def count_openings(test_sha256: str) -> int:
    """How often this test split was opened on this machine, for any hypothesis.

    Args:
        test_sha256: hash of the test rows.

    Raises:
        StorageError: the ledger cannot be read.
    """
    return sum(opening.test_sha256 == test_sha256 for opening in _read(home() / "openings.jsonl"))


def next_opening(test_sha256: str, hypothesis: str | None) -> int:
    """Which opening of this test split it would be to confirm a hypothesis now: its own, where it has had one.

    Args:
        test_sha256: hash of the test rows.
        hypothesis: hash of what is to be confirmed; None where that is not known yet.

    Raises:
        StorageError: the ledger cannot be read.
    """
    before = [one for one in _read(home() / "openings.jsonl") if one.test_sha256 == test_sha256]
    return next((one.number for one in before if one.hypothesis == hypothesis), len(before) + 1)


def _read(path: Path) -> list[Opening]:
    return [Opening(**line) for line in _lines(path)]


def _lines(path: Path) -> list[dict[str, Any]]:
    """Whole lines of the ledger; one that a crash cut off was never acted on and is left out.

    Raises:
        StorageError: the ledger is where nobody may look, and none can be begun there.
    """
    with storage_errors(path, option="SUFFICE_HOME"):
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
