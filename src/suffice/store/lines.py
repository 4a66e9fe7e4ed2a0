"""Files that grow by a line at a time, and lose none to a crash."""

from __future__ import annotations

import os
from pathlib import Path

from suffice.errors import Problem, StorageError
from suffice.store.files import storage_errors


def append_line(path: Path, line: str) -> None:
    """Adds a line that outlives a power cut; what a crash cut off before it stays a line of its own.

    Args:
        path: the file; its folder must be there.
        line: without its end.
    """
    cut_off = path.exists() and path.stat().st_size > 0 and not _is_ended(path)
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(("\n" if cut_off else "") + line + "\n")
        file.flush()
        os.fsync(file.fileno())


def require_appendable(path: Path, *, option: str) -> None:
    """Makes sure, before anybody takes pains over it, that a line can be added; leaves nothing behind.

    Args:
        path: the file.
        option: what names another place.

    Raises:
        StorageError: there is no such folder, or it or the file cannot be written.
    """
    if not path.parent.is_dir():
        rule, got = "a file is written into a folder that is there", f"no folder {str(path.parent)!r}"
        raise StorageError(
            Problem(where=str(path), rule=rule, got=got, fix=f"make the folder, or name another file with {option}")
        )
    with storage_errors(path, option=option):
        if path.exists():
            path.open("ab").close()
        else:
            part = path.with_name(f".{path.name}.part")
            part.open("wb").close()
            part.unlink()


def _is_ended(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
