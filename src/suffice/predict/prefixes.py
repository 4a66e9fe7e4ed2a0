"""Instructions as adapters read them, kept within a bound of memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from suffice.predict.packed import Prefix

Owner = TypeVar("Owner", bound=Hashable)


class Prefixes(Generic[Owner]):
    """The most recently used prefixes; several threads may ask at once."""

    def __init__(self, most_bytes: int) -> None:
        """
        Args:
            most_bytes: what all together may take; the last one is kept whatever it takes.
        """
        self._most, self._lock = most_bytes, threading.Lock()
        self._kept: OrderedDict[Owner, Prefix] = OrderedDict()

    def get(self, owner: Owner, make: Callable[[], Prefix], *, wanted: Callable[[], bool]) -> Prefix:
        """The prefix of an owner.

        Args:
            owner: whose it is.
            make: computes it where it is not kept.
            wanted: whether it is to be kept; asked once it is made, when `drop` may have been called.
        """
        with self._lock:
            if owner in self._kept:
                self._kept.move_to_end(owner)
                return self._kept[owner]
        made = make()
        with self._lock:
            if wanted():
                self._kept[owner] = made
            while len(self._kept) > 1 and self.n_bytes > self._most:
                self._kept.popitem(last=False)
        return made

    def drop(self, owner: Owner | None) -> None:
        """Lets go of one; nothing where it is not kept."""
        with self._lock:
            self._kept.pop(owner, None)  # type: ignore[arg-type]

    @property
    def n_bytes(self) -> int:
        """What all that are kept take."""
        return sum(t.numel() * t.element_size() for one in self._kept.values() for keys in one.values() for t in keys)
