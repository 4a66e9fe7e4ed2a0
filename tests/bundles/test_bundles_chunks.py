from __future__ import annotations

from collections.abc import Iterator

import pytest

from suffice.bundles.chunks import chunks_of
from suffice.errors import DataError, Problem

BAD = DataError(Problem(where="new.txt:4", rule="must be UTF-8", got="byte 0xe9", fix="convert the file"))


def _then_bad(n: int) -> Iterator[str]:
    yield from (f"message {i}" for i in range(n))
    raise BAD


def test_a_file_goes_in_chunks_of_one_size():
    assert list(chunks_of(iter("abcdefg"), size=3)) == [["a", "b", "c"], ["d", "e", "f"], ["g"]]


@pytest.mark.parametrize("n", [0, 1, 3, 4, 1000])
def test_every_message_comes_once_and_in_order(n):
    texts = [str(i) for i in range(n)]
    chunks = list(chunks_of(iter(texts), size=3))
    assert [text for chunk in chunks for text in chunk] == texts
    assert all(1 <= len(chunk) <= 3 for chunk in chunks)


def test_messages_before_a_bad_one_are_given_before_the_error():
    given: list[str] = []
    with pytest.raises(DataError, match=r"byte 0xe9[\s\S]*convert the file"):
        given.extend(text for chunk in chunks_of(_then_bad(5), size=3) for text in chunk)
    assert given == [f"message {i}" for i in range(5)]
