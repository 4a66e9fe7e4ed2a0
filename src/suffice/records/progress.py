"""How a long step tells whoever waits how far it is, without knowing who waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Progress(Protocol):
    """Shown by the command line as bars with time left, on standard error."""

    def step(self, what: str, *, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """Opens a step of `total` units; the value given by `with` is called with units done since."""
        ...

    def say(self, message: str) -> None:
        """One line for the person: a decision, a count, a warning."""
        ...


class Silent:
    """Progress for nobody: the library's default."""

    @contextmanager
    def step(self, what: str, *, total: int) -> Iterator[Callable[[int], None]]:
        """Shows nothing."""
        yield lambda n: None

    def say(self, message: str) -> None:
        """Says nothing."""


SILENT: Progress = Silent()
