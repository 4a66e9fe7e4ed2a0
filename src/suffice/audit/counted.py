"""Numbers of things in the words of a finding."""

from __future__ import annotations


def counted(n: int, thing: str) -> str:
    """`1 row`, `1,200 rows`.

    Args:
        n: how many.
        thing: the singular of a word whose plural ends in s.
    """
    return f"{n:,} {thing}" if n == 1 else f"{n:,} {thing}s"
