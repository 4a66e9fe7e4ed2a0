"""Progress for a person: bars with time left on a terminal, a line now and then in a log; always on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from suffice.cli.problems import mask_got, wrapped

LOG_SECONDS = 15.0
"""Between lines of one step where standard error is not a terminal."""


class Bars:
    """Progress on a terminal."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            console=self._console,
            transient=True,
        )
        self._open = 0

    @contextmanager
    def step(self, what: str, *, total: int) -> Iterator[Callable[[int], None]]:
        """Shows a bar for as long as the block runs; steps may stand inside one another."""
        self._open += 1
        if self._open == 1:
            self._bars.start()
        task = self._bars.add_task(what, total=total)
        try:
            yield lambda n: self._bars.advance(task, n)
        finally:
            self._bars.remove_task(task)
            self._open -= 1
            if self._open == 0:
                self._bars.stop()

    def say(self, message: str) -> None:
        """Prints a line above the bars."""
        said = wrapped(mask_got(message), width=self._console.width)
        self._console.print(said, markup=False, soft_wrap=True)

    def measured(self, figures: Mapping[str, float], *, step: int) -> None:
        """Shows nothing: curves are for trackers (`report_to`)."""


class Lines:
    """Progress in a log."""

    @contextmanager
    def step(self, what: str, *, total: int) -> Iterator[Callable[[int], None]]:
        """Writes how far a long step is, every fifteen seconds, with the time left."""
        start = said = monotonic()
        done = 0

        def advance(n: int) -> None:
            nonlocal done, said
            done += n
            now = monotonic()
            if now - said >= LOG_SECONDS and done:
                said = now
                self.say(f"{what}: {done:,} of {total:,}, {(now - start) * (total - done) / done:.0f} s left")

        yield advance

    def say(self, message: str) -> None:
        """Writes a line."""
        print(mask_got(message), file=sys.stderr, flush=True)

    def measured(self, figures: Mapping[str, float], *, step: int) -> None:
        """Shows nothing: curves are for trackers (`report_to`)."""


def progress_for_person() -> Bars | Lines:
    """Bars where standard error is a terminal, lines elsewhere."""
    return Bars() if sys.stderr.isatty() else Lines()
