"""How a long step tells whoever waits how far it is, without knowing who waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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

    def measured(self, figures: Mapping[str, float], *, step: int) -> None:
        """Figures of a run under way, for whoever draws curves; `step` counts optimiser steps."""
        ...


class Silent:
    """Progress for nobody: the library's default."""

    @contextmanager
    def step(self, what: str, *, total: int) -> Iterator[Callable[[int], None]]:
        """Shows nothing."""
        yield lambda n: None

    def say(self, message: str) -> None:
        """Says nothing."""

    def measured(self, figures: Mapping[str, float], *, step: int) -> None:
        """Keeps nothing."""


class Part:
    """Progress of one part of a run, whose figures have a name of their own."""

    def __init__(self, whole: Progress, name: str) -> None:
        """
        Args:
            whole: told of everything.
            name: put before the names of figures.
        """
        self._whole, self._name = whole, name

    def step(self, what: str, *, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """A step of the whole."""
        return self._whole.step(what, total=total)

    def say(self, message: str) -> None:
        """Said by the whole."""
        self._whole.say(message)

    def measured(self, figures: Mapping[str, float], *, step: int) -> None:
        """Told to the whole under the part's name."""
        self._whole.measured({f"{self._name}/{name}": value for name, value in figures.items()}, step=step)


SILENT: Progress = Silent()
