"""Numbers of things in a sentence."""

from __future__ import annotations


def counted(n: int, noun: str) -> str:
    """A count with its noun: `1 row`, `1,200 rows`.

    Args:
        n: the count.
        noun: in the singular, with a regular plural.
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
