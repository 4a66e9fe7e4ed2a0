"""What one thread gives and another takes: in order, a bounded number ahead, and an error that reaches both."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")
WAIT_S = 0.5
"""Longest single wait, in seconds. Python handles a signal that comes just before a wait only when the wait is over:
of 60 interruptions right after an answer, 8 went unheard without this."""


class Handover(Generic[T]):
    """Items between two threads. Python's own queues can be neither ended nor broken off before 3.13."""

    def __init__(self, *, most: int) -> None:
        """
        Args:
            most: items held before the giver waits, at least 1; what is given at once is held at once.
        """
        self._most = most
        self._held: deque[T] = deque()
        self._ended = self._broken_off = False
        self._error: BaseException | None = None
        self._changed = Condition()

    def give(self, items: Iterable[T]) -> None:
        """Hands items over, as soon as there is room.

        Args:
            items: in order.

        Raises:
            BaseException: what it was broken off with.
        """
        with self._changed:
            self._wait(lambda: self._broken_off or len(self._held) < self._most)
            if self._broken_off and self._error is not None:
                raise self._error
            self._held.extend(items)
            self._changed.notify_all()

    def end(self, error: BaseException | None = None) -> None:
        """Says that nothing more is given.

        Args:
            error: what the taker gets after the items that are held.
        """
        with self._changed:
            if not self._broken_off:
                self._ended, self._error = True, error
                self._changed.notify_all()

    def take(self, *, least: int, most: int) -> list[T]:
        """Waits for items and takes them.

        Args:
            least: how many to wait for; once it has ended there may be fewer, and in the end none.
            most: how many to take of those that are there.

        Raises:
            BaseException: what it was broken off with, or what it ended with when nothing is left.
        """
        with self._changed:
            self._wait(lambda: self._ended or len(self._held) >= least)
            if not self._held and self._error is not None:
                raise self._error
            taken = [self._held.popleft() for _ in range(min(most, len(self._held)))]
            self._changed.notify_all()
            return taken

    def break_off(self, error: BaseException) -> None:
        """Drops what is held; whoever gives or takes from now on, or is waiting to, gets the error.

        Args:
            error: why.
        """
        with self._changed:
            self._held.clear()
            self._ended = self._broken_off = True
            self._error = error
            self._changed.notify_all()

    def _wait(self, until: Callable[[], bool]) -> None:
        while not self._changed.wait_for(until, timeout=WAIT_S):
            pass
