"""Files that grow by a line at a time, and lose none to a crash."""

from __future__ import annotations

import os
from pathlib import Path


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


def _is_ended(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
