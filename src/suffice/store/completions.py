"""Completions on the disk, a line each: a run that was killed goes on where it ended."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from suffice.errors import Problem, StorageError
from suffice.records.completion import Completion, KeptCompletion
from suffice.store import strict_json
from suffice.store.files import storage_errors
from suffice.store.lines import append_line, require_appendable


class Kept(Protocol):
    """Where completions are kept as they end."""

    def find(self, key: str) -> Completion | None:
        """The completion with this key, if it is there."""
        ...

    def add(self, key: str, completion: Completion) -> None:
        """Keeps a completion."""
        ...


class NothingKept:
    """For completions that nobody asks for again: those that are served, and those that are timed."""

    def find(self, key: str) -> Completion | None:
        """None."""
        del key
        return None

    def add(self, key: str, completion: Completion) -> None:
        """Keeps nothing."""


class CompletionFile:
    """The file of a run's completions; one writer at a time."""

    def __init__(self, path: Path) -> None:
        """
        Args:
            path: the file, made with its folder; what is in it is read.

        Raises:
            StorageError: it cannot be written, or a line in it is no completion.
        """
        self._path = path
        with storage_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        require_appendable(path, option="--out")
        self._kept: dict[str, Completion] = {}
        if path.exists():
            whole = _without_cut_off(path)
            for number, line in enumerate(whole.splitlines(), start=1):
                kept = self._read(line, number)
                self._kept[kept.key] = kept.completion

    def find(self, key: str) -> Completion | None:
        """The completion with this key, if it is there.

        Args:
            key: hash of all that decides it.
        """
        return self._kept.get(key)

    def add(self, key: str, completion: Completion) -> None:
        """Writes a completion down; it outlives a power cut from then on.

        Args:
            key: hash of all that decides it.
            completion: what was written.
        """
        with storage_errors(self._path):
            append_line(self._path, strict_json.dumps(KeptCompletion(key=key, completion=completion), indent=None))
        self._kept[key] = completion

    def _read(self, line: bytes, number: int) -> KeptCompletion:
        try:
            return strict_json.loads(line, KeptCompletion)
        except ValueError as error:
            problem = Problem(
                where=f"{self._path}:{number}",
                rule="every line of the file is a completion",
                got=str(error),
                fix="the file was changed or another version wrote it: move it away and run the command again",
            )
            raise StorageError(problem) from error


def _without_cut_off(path: Path) -> bytes:
    """What the file holds up to its last whole line; what a crash cut off behind it is taken away, and done again."""
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        with storage_errors(path), path.open("r+b") as file:
            file.truncate(len(whole))
    return whole
