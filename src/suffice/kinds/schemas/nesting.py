"""How deep a value is nested and how much it holds, told without Python's own stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 64
"""The deepest nesting of schemas and of arguments. Real ones have five levels; Python's own stack ends near 1,000."""


def deeper_than(value: Any, most: int) -> bool:
    """Whether lists and objects nest more than so many levels.

    Args:
        value: as JSON gives it.
        most: levels; a scalar has none.
    """
    level = [value]
    for _ in range(most + 1):
        level = [one for outer in level for one in _within(outer)]
        if not level:
            return False
    return True


def n_values(value: Any) -> int:
    """How many values there are in one: itself, and all that it holds; what holds nothing counts as two.

    Args:
        value: as JSON gives it.
    """
    n, level = 0, [value]
    while level:
        n += len(level)
        level = [one for outer in level for one in _within(outer)]
    return n


def _within(value: Any) -> list[Any]:
    """What stands in a container; a container without anything in it still is a level, hence the None."""
    if isinstance(value, Mapping):
        return [*value.values()] or [None]
    return [*value] or [None] if isinstance(value, list | tuple) else []
