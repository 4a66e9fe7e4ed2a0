"""The ledger of test openings: every look at a sealed test split is written down before it is taken."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from suffice.store.files import require_writable, storage_errors
from suffice.store.home import home


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
            _append(path, new)
    return new


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
    """
    return sum(opening.test_sha256 == test_sha256 for opening in _read(home() / "openings.jsonl"))


def _read(path: Path) -> list[Opening]:
    """Whole lines of the ledger; one that a crash cut off was never acted on and is left out."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Opening(**json.loads(line)) for line in lines if line.startswith("{") and line.endswith("}")]


def _append(path: Path, opening: Opening) -> None:
    """Adds a line that outlives a power cut: what is looked at after it must not be forgotten."""
    fields = ("test_sha256", "hypothesis", "number", "opened_at")
    line = json.dumps({name: getattr(opening, name) for name in fields})
    cut_off = path.exists() and not path.read_bytes().endswith(b"\n") and path.stat().st_size > 0
    with path.open("a", encoding="utf-8") as ledger:
        ledger.write(("\n" if cut_off else "") + line + "\n")
        ledger.flush()
        os.fsync(ledger.fileno())
