"""Requests that come one by one, scored together: one thread and one bounded queue for each model in memory."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

from suffice.bundles.answer import Answer
from suffice.bundles.classifier import CHUNK, ReadMessage
from suffice.bundles.together import scored_together
from suffice.errors import SufficeError
from suffice.serve.refusal import Refused, overdue, overloaded, too_many
from suffice.serve.shelf import Clerk

TELLING, FORGETS = 64, 0.3
"""Messages in a batch that tells how quickly a lane answers when much waits, and the weight of the newest such batch.
"""
HOPED = 0.5
"""Share of a request's time in which it must be expected to be answered to be let in: what is scored when nobody waits
for it any more is work for nothing, and a queue as long as the deadline makes half of all work such work."""
MOSTLY = 0.5
"""Share of the time that a request may take from which on it was its own messages that took it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What a request is answered with."""

    answers: tuple[Answer, ...]
    """One of each message, in order."""
    n_tokens: int
    """Tokens that were read of all messages; words, where the model has no tokenizer."""
    busy_s: float
    """Seconds of the machine, by its share of the batches that it was scored in."""


@dataclass(kw_only=True, slots=True, eq=False)
class Request:
    """Messages of one request that are answered together with others'."""

    clerk: Clerk
    texts: Sequence[str]
    among: Collection[str] | None
    """Labels to choose from; None for all of the bundle's."""
    deadline: float
    """When an answer is no longer waited for, by `monotonic`."""
    future: Future[Answered] = field(default_factory=Future)
    answers: list[Answer] = field(default_factory=list)
    """So far, in order."""
    asked_at: float = field(default_factory=monotonic)
    begun_at: float | None = None
    """When the first of its messages was taken off the queue."""
    n_read: int = 0
    """Messages that were taken off the queue."""
    n_tokens: int = 0
    busy_s: float = 0.0

    @property
    def is_over(self) -> bool:
        """Whether nobody waits for it any more."""
        return self.future.done()

    @property
    def allowed_s(self) -> float:
        """How long it may take."""
        return self.deadline - self.asked_at

    def late(self) -> Refused:
        """What it is told at its deadline: to ask again where others were before it, and to ask less where it was its
        own messages that took the time.
        """
        scored = 0.0 if self.begun_at is None else (monotonic() - self.begun_at) / self.allowed_s
        if scored < MOSTLY:
            return overloaded(1.0)
        if len(self.texts) == 1:
            return overdue(self.allowed_s)
        n_fit = round(len(self.answers) / scored) if self.answers else len(self.texts) // 2
        return too_many(len(self.texts), min(n_fit, len(self.texts) - 1), self.allowed_s)

    def finish(self) -> None:
        """Answers, once every message has an answer."""
        if len(self.answers) == len(self.texts):
            answered = Answered(answers=tuple(self.answers), n_tokens=self.n_tokens, busy_s=self.busy_s)
            with suppress(InvalidStateError):  # Whoever asked may have gone a moment ago.
                self.future.set_result(answered)

    def fail(self, error: BaseException) -> None:
        """Answers with an error.

        Args:
            error: why there are no answers.
        """
        with suppress(InvalidStateError):
            self.future.set_exception(error)


Part = tuple[Request, slice]
"""A request, and which of its messages."""


class Lane:
    """One model that scores a batch at a time, and what waits for it."""

    def __init__(self, *, max_waiting: int, window_s: float, told: Callable[[int, float], None]) -> None:
        """
        Args:
            max_waiting: messages that may wait.
            window_s: how long the first message waits for others, where nothing is being scored.
            told: of every batch: messages and seconds.
        """
        self._max, self._window_s, self._told = max_waiting, window_s, told
        self._waiting: deque[Request] = deque()
        self._changed = threading.Condition()
        self._n_waiting, self._n_scoring, self._per_second, self._ends = 0, 0, 0.0, False
        self._thread = threading.Thread(target=self._work, daemon=True, name="suffice-lane")
        self._thread.start()

    @property
    def n_waiting(self) -> int:
        """Messages that nobody has begun to score."""
        return self._n_waiting

    def full_s(self, n: int, *, allowed_s: float) -> float | None:
        """Seconds until further messages would be answered, where they are not let in; None where they are.

        Args:
            n: how many.
            allowed_s: how long their answers may take.
        """
        wait_s = (self._n_waiting + self._n_scoring + n) / self._per_second if self._per_second else 0.0
        is_full = self._n_waiting + n > self._max or wait_s > HOPED * allowed_s
        return wait_s if self._n_waiting and is_full else None

    def ask(self, request: Request) -> None:
        """Puts a request behind those that wait.

        Args:
            request: one message or more.

        Raises:
            Refused: the queue is full, or what is ahead of it and its own messages would take so long that it may not
                be answered in its time.
        """
        with self._changed:
            wait_s = self.full_s(len(request.texts), allowed_s=request.allowed_s)
            if wait_s is not None:
                n_fit = int(self._per_second * request.allowed_s)
                if 0 < n_fit < len(request.texts):
                    raise too_many(len(request.texts), n_fit, request.allowed_s)
                raise overloaded(wait_s)
            self._waiting.append(request)
            self._n_waiting += len(request.texts)
            self._changed.notify()

    def close(self) -> None:
        """Answers what waits, and ends."""
        with self._changed:
            self._ends = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        while taken := self._take():
            began = monotonic()
            try:
                self._answer(taken)
            except Exception as error:
                for request, _ in taken:
                    request.fail(error)
            n, seconds = sum(which.stop - which.start for _, which in taken), monotonic() - began
            self._told(n, seconds)
            if n >= TELLING:
                rate = n / max(seconds, 1e-6)
                self._per_second = (1 - FORGETS) * (self._per_second or rate) + FORGETS * rate

    def _take(self) -> list[Part]:
        """What is scored next; nothing once the lane is to end and nothing waits."""
        with self._changed:
            self._n_scoring = 0
            while True:
                if not self._waiting:
                    self._changed.wait_for(lambda: self._waiting or self._ends)
                    # Nothing was being scored: whoever comes first waits for others.
                    self._changed.wait_for(lambda: self._n_waiting >= CHUNK or self._ends, timeout=self._window_s)
                if not self._waiting:
                    return []
                taken = self._first()
                self._n_scoring = sum(which.stop - which.start for _, which in taken)
                if taken:
                    return taken

    def _first(self) -> list[Part]:
        """The first messages that are still waited for; a request that waited too long is told so."""
        taken, room = [], CHUNK
        while self._waiting and room:
            request = self._waiting[0]
            left = len(request.texts) - request.n_read
            if request.is_over or monotonic() > request.deadline:
                request.fail(request.late())
                n = left
            else:
                n = min(left, room)
                request.begun_at = request.begun_at or monotonic()
                taken.append((request, slice(request.n_read, request.n_read + n)))
                request.n_read, room = request.n_read + n, room - n
            self._n_waiting -= n
            if n == left:
                self._waiting.popleft()
        return taken

    def _answer(self, taken: Sequence[Part]) -> None:
        began = monotonic()
        pieces = [piece for request, which in taken for piece in _read(request, which)]
        if not pieces:
            return
        scored = scored_together([(request.clerk.classifier, message) for request, message in pieces])
        busy_s = (monotonic() - began) / len(pieces)
        for (request, message), one in zip(pieces, scored, strict=True):
            request.answers.append(request.clerk.classifier.answer(message.text, one, among=request.among))
            request.n_tokens += len(message.row.ids) if message.row else len(message.text.split())
            request.busy_s += busy_s
        for request in dict.fromkeys(request for request, _ in pieces):
            request.finish()


def _read(request: Request, which: slice) -> list[tuple[Request, ReadMessage]]:
    """Messages as they are scored; a request with one that is too long for the task gets the error, and no other."""
    try:
        return [(request, message) for message in request.clerk.classifier.read(request.texts[which])]
    except SufficeError as error:
        request.fail(error)
        return []


class Lanes:
    """One lane for each model in memory; bundles of one base have one."""

    def __init__(self, *, max_waiting: int, window_s: float, told: Callable[[int, float], None]) -> None:
        """
        Args:
            max_waiting: messages that may wait for one model.
            window_s: how long the first message waits for others, where nothing is being scored.
            told: of every batch: messages and seconds.
        """
        self._max_waiting, self._window_s, self._told = max_waiting, window_s, told
        self._lanes: dict[object, Lane] = {}
        self._lock = threading.Lock()

    def ask(self, request: Request) -> None:
        """Puts a request into the lane of its bundle.

        Args:
            request: one message or more.

        Raises:
            Refused: too much waits there.
        """
        key = request.clerk.lane
        with self._lock:  # A lane that `keep` ends is no longer found here, so that nothing is put behind its end.
            if key not in self._lanes:
                self._lanes[key] = Lane(max_waiting=self._max_waiting, window_s=self._window_s, told=self._told)
            self._lanes[key].ask(request)

    def full_s(self, clerks: Sequence[Clerk], *, allowed_s: float) -> float | None:
        """Seconds until one more message would be answered, where no lane lets it in; None where one does.

        Args:
            clerks: all that answer.
            allowed_s: how long an answer may take.
        """
        least: float | None = None
        for key in {clerk.lane for clerk in clerks}:
            lane = self._lanes.get(key)
            wait_s = None if lane is None else lane.full_s(1, allowed_s=allowed_s)
            if wait_s is None:
                return None
            least = wait_s if least is None else min(least, wait_s)
        return least

    def keep(self, clerks: Sequence[Clerk]) -> None:
        """Ends the lanes of bundles that are no longer there, once what waits in them is answered.

        Args:
            clerks: those that are.
        """
        wanted = {clerk.lane for clerk in clerks}
        with self._lock:
            gone = [self._lanes.pop(key) for key in [*self._lanes] if key not in wanted]
        for lane in gone:
            lane.close()

    @property
    def n_waiting(self) -> int:
        """Messages that nobody has begun to score."""
        return sum(lane.n_waiting for lane in list(self._lanes.values()))

    def close(self) -> None:
        """Answers what waits, and ends."""
        self.keep(())
