from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest

from suffice.bundles.chunks import chunks_as_they_come, fixed_chunks
from suffice.errors import DataError, Problem

BAD = DataError(Problem(where="new.txt:4", rule="must be UTF-8", got="byte 0xe9", fix="convert the file"))


def _then_bad(n: int) -> Iterator[str]:
    yield from (f"message {i}" for i in range(n))
    raise BAD


def test_a_file_goes_in_chunks_of_one_size():
    assert list(fixed_chunks(iter("abcdefg"), size=3)) == [["a", "b", "c"], ["d", "e", "f"], ["g"]]


@pytest.mark.parametrize("chunked", [fixed_chunks, chunks_as_they_come])
@pytest.mark.parametrize("n", [0, 1, 3, 4, 1000])
def test_every_message_comes_once_and_in_order(chunked, n):
    texts = [str(i) for i in range(n)]
    chunks = list(chunked(iter(texts), size=3))
    assert [text for chunk in chunks for text in chunk] == texts
    assert all(1 <= len(chunk) <= 3 for chunk in chunks)


@pytest.mark.parametrize("chunked", [fixed_chunks, chunks_as_they_come])
def test_messages_before_a_bad_one_are_given_before_the_error(chunked):
    given: list[str] = []
    with pytest.raises(DataError, match=r"byte 0xe9[\s\S]*convert the file"):
        given.extend(text for chunk in chunked(_then_bad(5), size=3) for text in chunk)
    assert given == [f"message {i}" for i in range(5)]


def test_a_pipe_is_answered_before_its_chunk_is_full():
    more = Event()

    def slowly() -> Iterator[str]:
        yield "first"
        more.wait(timeout=10)  # Comes only after the first was answered.
        yield "second"

    chunks = chunks_as_they_come(slowly(), size=256)
    assert next(chunks) == ["first"]
    more.set()
    assert list(chunks) == [["second"]]


def test_a_pipe_is_read_ahead_by_a_few_chunks_only():
    read = 0

    def endless() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield "again"

    chunks = chunks_as_they_come(endless(), size=10)
    for _ in range(5):
        assert next(chunks) == ["again"] * 10 or read < 100
    assert read <= 10 * 5 + 4 * 10 + 2


def test_a_fault_of_ours_in_the_stream_is_not_swallowed():
    def broken() -> Iterator[str]:
        yield "first"
        raise ZeroDivisionError("ours")

    with pytest.raises(ZeroDivisionError, match="ours"):
        list(chunks_as_they_come(broken(), size=1))
