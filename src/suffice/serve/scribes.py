"""Bundles whose answers are free text or calls: one thread and one bounded queue for each; what comes at once is
written side by side.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, time

from suffice.bundles import Answerer, load_answerer
from suffice.bundles.folder import verify, version_of
from suffice.bundles.passages import Reply
from suffice.errors import SufficeError
from suffice.records.completion import Decoding
from suffice.rungs.answering import AnyAsked, WritesTokens
from suffice.serve.refusal import overloaded
from suffice.serve.shelf import apart, tell_loading

log = logging.getLogger(__name__)
AT_ONCE = 64
"""Questions that are written side by side; they must be decoded alike."""


@dataclass(kw_only=True, slots=True, eq=False)
class Wish:
    """A question or request that waits to be answered."""

    asked: AnyAsked
    """A question, or a request with tools; its id is of no matter."""
    decoding: Decoding
    deadline: float
    """When nobody waits for its beginning any more, by `monotonic`; what was begun is finished."""
    future: Future[Reply] = field(default_factory=Future)

    def finish(self, reply: Reply) -> None:
        """Answers.

        Args:
            reply: what was written, and what stood before the question.
        """
        with suppress(InvalidStateError):  # Whoever asked may have gone a moment ago.
            self.future.set_result(reply)

    def fail(self, error: BaseException) -> None:
        """Answers with an error.

        Args:
            error: why there is no reply.
        """
        with suppress(InvalidStateError):
            self.future.set_exception(error)


class Scribe:
    """One bundle that answers in its own words."""

    def __init__(self, name: str, folder: Path, *, max_waiting: int, told: Callable[[int, float], None]) -> None:
        """
        Args:
            name: what clients call it.
            folder: the bundle; every file is held against its hash.
            max_waiting: questions that may wait.
            told: of every batch: questions and seconds.

        Raises:
            BundleError: not such a bundle, or one that was changed.
            ModelError: its base model cannot be found.
        """
        base = verify(folder).base
        self.name, self.version, self.since = name, version_of(folder), int(time())
        self.parent = None if base is None else base.name
        if base is not None:
            tell_loading(name, base.name)
        self.answerer: Answerer = apart(lambda: load_answerer(folder))
        rung = self.answerer.rung
        self.context = rung.context if isinstance(rung, WritesTokens) else None
        self._max, self._told = max_waiting, told
        self._waiting: deque[Wish] = deque()
        self._changed = threading.Condition()
        self._ends, self._works = False, False
        self._thread: threading.Thread | None = None

    @property
    def way(self) -> str:
        """How it answers."""
        return "calls tools" if self.answerer.calls_tools else "answers in its own words"

    @property
    def n_waiting(self) -> int:
        """Questions that nobody has begun to answer."""
        return len(self._waiting)

    def ask(self, wish: Wish) -> None:
        """Puts a question behind those that wait. One that was closed still answers: whoever asks it may have found it
        before another took its place.

        Args:
            wish: the question.

        Raises:
            Refused: the queue is full.
        """
        with self._changed:
            if len(self._waiting) >= self._max:
                raise overloaded(1.0)
            self._waiting.append(wish)
            if not self._works:
                self._works = True
                self._thread = threading.Thread(target=self._work, daemon=True, name=f"suffice-scribe-{self.name}")
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Answers what waits, and ends its thread."""
        with self._changed:
            self._ends = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        while taken := self._take():
            began = monotonic()
            try:
                self._answer(taken)
            except Exception as error:
                for wish in taken:
                    wish.fail(error)
            self._told(len(taken), monotonic() - began)

    def _take(self) -> list[Wish]:
        """The first question that is still waited for, and those behind it that are decoded alike."""
        with self._changed:
            while True:
                self._changed.wait_for(lambda: self._waiting or self._ends)
                if not self._waiting:
                    self._works = False
                    return []
                late = [wish for wish in self._waiting if monotonic() > wish.deadline]
                for wish in late:
                    wish.fail(overloaded(1.0))
                self._waiting = deque(wish for wish in self._waiting if wish not in late)
                if not self._waiting:
                    continue
                first = self._waiting[0]
                taken = [wish for wish in self._waiting if wish.decoding == first.decoding][:AT_ONCE]
                self._waiting = deque(wish for wish in self._waiting if wish not in taken)
                return taken

    def _answer(self, taken: Sequence[Wish]) -> None:
        """Side by side; those that are drawn one after the other, so that a seed draws the same whatever else is asked
        meanwhile, and so are those of which one cannot be answered: the others can.
        """
        if taken[0].decoding.temperature == 0.0 and self._written(taken):
            return
        for wish in taken:
            self._written([wish])

    def _written(self, wishes: Sequence[Wish]) -> bool:
        """Whether all are answered, one alone perhaps with an error."""
        try:
            replies = self.answerer.replies([wish.asked for wish in wishes], decoding=wishes[0].decoding)
        except SufficeError as error:
            if len(wishes) > 1:
                return False
            wishes[0].fail(error)
            return True
        for wish, reply in zip(wishes, replies, strict=True):
            wish.finish(reply)
        return True


class Scribes:
    """Those that answer, by name."""

    def __init__(self, *, max_waiting: int, told: Callable[[int, float], None]) -> None:
        """
        Args:
            max_waiting: questions that may wait for one of them.
            told: of every batch: questions and seconds.
        """
        self._max_waiting, self._told = max_waiting, told
        self._scribes: dict[str, Scribe] = {}
        self._has_loaded_bases = False

    def put(self, name: str, folder: Path) -> Scribe:
        """Loads a bundle; one of the same name answers until this one can, and finishes what it was asked.

        Args:
            name: what clients are to call it.
            folder: the bundle.

        Raises:
            BundleError: not such a bundle, or one that was changed.
            ModelError: its base model cannot be found.
        """
        scribe = Scribe(name, folder, max_waiting=self._max_waiting, told=self._told)
        self._has_loaded_bases |= scribe.parent is not None
        replaced = self._scribes.get(name)
        self._scribes = {**self._scribes, name: scribe}
        if replaced is None:
            rung = scribe.answerer.saved.rung
            log.info("%s is loaded: %s, %s (not in the ledger), %s", name, rung, scribe.way, scribe.version)
        else:
            replaced.close()
            log.info("%s is replaced: %s by %s", name, replaced.version, scribe.version)
        return scribe

    def drop(self, name: str) -> Scribe | None:
        """Takes a bundle off; what it was asked is answered.

        Args:
            name: what clients call it.

        Returns:
            What was taken off; None where there is none of this name.
        """
        gone = self._scribes.get(name)
        if gone is None:
            return None
        self._scribes = {other: scribe for other, scribe in self._scribes.items() if other != name}
        gone.close()
        log.info("%s is taken off: %s", name, gone.version)
        return gone

    def get(self, name: str) -> Scribe | None:
        """The one of this name; None where there is none.

        Args:
            name: what clients call it.
        """
        return self._scribes.get(name)

    @property
    def all(self) -> tuple[Scribe, ...]:
        """Those that answer, in the order in which they came."""
        return tuple(self._scribes.values())

    @property
    def n_waiting(self) -> int:
        """Questions that nobody has begun to answer."""
        return sum(scribe.n_waiting for scribe in self.all)

    def give_back(self) -> None:
        """Gives the memory of bundles back that nobody holds any more."""
        if self._has_loaded_bases:
            from suffice.base_models.memory import give_back_freed_memory  # noqa: PLC0415 - torch comes with it

            give_back_freed_memory()

    def close(self) -> None:
        """Answers what waits, and ends."""
        for scribe in self.all:
            scribe.close()
