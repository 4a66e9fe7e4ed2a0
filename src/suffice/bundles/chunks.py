"""Messages to chunks of one size."""

from __future__ import annotations

from collections.abc import Iterator

from suffice.errors import SufficeError


def chunks_of(texts: Iterator[str], *, size: int) -> Iterator[list[str]]:
    """Chunks of one size, whenever they are asked for.

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
