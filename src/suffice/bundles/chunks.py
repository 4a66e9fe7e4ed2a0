"""Messages to chunks: of one size from a file, of whatever has come in from a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Thread

from suffice.errors import SufficeError

QUEUED_CHUNKS = 4
"""Chunks read ahead of the answers: what a pipe may hold in memory."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _End:
    """The stream has ended."""

    error: BaseException | None
    """What ended it before its time."""


def fixed_chunks(texts: Iterator[str], *, size: int) -> Iterator[list[str]]:
    """Chunks of one size, whenever they are asked for: what is scored together does not depend on timing.

    Args:
        texts: messages.
        size: messages in a chunk; the last may have fewer.

    Raises:
        DataError: from the stream, after the messages before the bad one have been given.
    """
    chunk: list[str] = []
    try:
        for text in texts:
            chunk.append(text)
            if len(chunk) == size:
                yield chunk
                chunk = []
    except SufficeError:
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk


def chunks_as_they_come(texts: Iterator[str], *, size: int) -> Iterator[list[str]]:
    """Everything that has come in by now, at least one message: nobody waits for a chunk to fill.

    Args:
        texts: messages, read in a thread of their own.
        size: most messages in a chunk.

    Raises:
        DataError: from the stream, after the messages before the bad one have been given.
    """
    waiting: Queue[str | _End] = Queue(maxsize=QUEUED_CHUNKS * size)
    Thread(target=_read, args=(texts, waiting), daemon=True).start()
    end: _End | None = None
    while end is None:
        chunk, end = _taken(waiting, size=size)
        if chunk:
            yield chunk
    if end.error is not None:
        raise end.error


def _read(texts: Iterator[str], waiting: Queue[str | _End]) -> None:
    error: BaseException | None = None
    try:
        for text in texts:
            waiting.put(text)
    except BaseException as raised:
        error = raised
    waiting.put(_End(error=error))


def _taken(waiting: Queue[str | _End], *, size: int) -> tuple[list[str], _End | None]:
    """Waits for one message, then takes what else is there."""
    chunk: list[str] = []
    item = waiting.get()
    while not isinstance(item, _End):
        chunk.append(item)
        if len(chunk) == size:
            return chunk, None
        try:
            item = waiting.get_nowait()
        except Empty:
            return chunk, None
    return chunk, item
