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


class Rerouted:
    """A progress whose figures go elsewhere, and everything else where it went."""

    def __init__(self, progress: Progress, to: Callable[[Mapping[str, float], int], None]) -> None:
        """
        Args:
            progress: told of steps, and what is said.
            to: told the figures, and at which step they were measured.
        """
        self._progress, self._to = progress, to

    def step(self, what: str, *, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """As the progress behind it."""
        return self._progress.step(what, total=total)

    def say(self, message: str) -> None:
        """As the progress behind it."""
        self._progress.say(message)

    def measured(self, figures: Mapping[str, float], *, step: int) -> None:
        """Goes elsewhere."""
        self._to(figures, step)


def part(progress: Progress, name: str) -> Progress:
    """Progress of one part of a run, whose figures have a name of their own.

    Args:
        progress: of the whole run.
        name: put before the names of figures.
    """
    return Rerouted(
        progress,
        lambda figures, step: progress.measured({f"{name}/{key}": v for key, v in figures.items()}, step=step),
    )


SILENT: Progress = Silent()
