"""Numbers of things in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from suffice.errors import quoted


def counted(n: int, noun: str) -> str:
    """A count with its noun: `1 row`, `1,200 rows`.

    Args:
        n: the count.
        noun: in the singular, with a regular plural.
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def times(n: int) -> str:
    """How often something is there: `once`, `1,200 times`.

    Args:
        n: the count.
    """
    return "once" if n == 1 else f"{n:,} times"


def listed(names: Sequence[str], *, shown: int = 5) -> str:
    """The first of some names, quoted, and how many more there are: `'a', 'b' and 3 more`.

    Args:
        names: in the order in which they are told.
        shown: how many are told at most.
    """
    more = f" and {len(names) - shown:,} more" if len(names) > shown else ""
    return ", ".join(quoted(name) for name in names[:shown]) + more
