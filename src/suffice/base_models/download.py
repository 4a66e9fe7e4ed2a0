"""What the sources of base models share: why one had nothing, and how far a download is."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from suffice.records.progress import Progress

POLL_SECONDS = 0.2


class Unavailable(Exception):
    """A source that has no files to give; the reason is told to the person when every source has failed."""


@contextmanager
def growth(folder: Path, what: str, *, total: int, progress: Progress) -> Iterator[None]:
    """Shows a download inside the block as a step, by the bytes that its folder grows by.

    Pip and the hub's client tell a caller no bytes, and both write what they receive to a folder that we name.

    Args:
        folder: where the download lands; need not exist yet.
        what: the step, for the person.
        total: bytes expected; the step is at its end when the block ends without an error.
        progress: who shows it.
    """
    over, before, shown = threading.Event(), _size(folder), [0]

    def watch() -> None:
        while not over.wait(POLL_SECONDS):
            advance(_size(folder) - before)

    def advance(received: int) -> None:
        if (news := min(received, total) - shown[0]) > 0:
            shown[0] += news
            done(news)

    with progress.step(what, total=total) as done:
        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
        advance(total)


def _size(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):  # Passes by folders that are removed while we look.
        for name in names:
            with suppress(OSError):  # Renamed or removed meanwhile.
                total += Path(parent, name).lstat().st_size
    return total
