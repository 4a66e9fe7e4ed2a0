"""Refuses requests at once where the server is behind or all queues are full: before anything of them is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from time import monotonic

from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from suffice.serve.refusal import overloaded

BEAT_S = 0.05


class Pulse:
    """How far the event loop is behind in the turn that it is taking.

    A loop that has more to do than it can takes all requests a step further in each turn, and all of them become late
    together. By what one turn has taken so far those at its end are told from those at its beginning, which are still
    answered; what earlier turns took would refuse everybody for as long as there are many. One turn that was held up,
    as by another thread that loads a bundle, is followed by a short one and refuses nobody.
    """

    def __init__(self, *, clock: Callable[[], float] = monotonic) -> None:
        """
        Args:
            clock: seconds.
        """
        self._clock, self._due, self._last_s = clock, float("inf"), 0.0
        self._next: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """Beats while the block runs."""
        self.beat()
        try:
            yield
        finally:
            if self._next is not None:
                self._next.cancel()

    def beat(self) -> None:
        """Marks the turn that begins; called again when the next beat is due, as soon as the loop comes to it."""
        self._last_s = self._since_due_s
        self._due = self._clock() + BEAT_S
        self._next = asyncio.get_running_loop().call_later(BEAT_S, self.beat)

    @property
    def behind_s(self) -> float:
        """Seconds since the last beat was due, no more than the one before it was late."""
        return min(self._last_s, self._since_due_s)

    @property
    def _since_due_s(self) -> float:
        return max(0.0, self._clock() - self._due)


class Doorway:
    """Answers 429 to what is sent while the loop is behind or no queue has room, before anything of it is looked at.

    No bound of a queue reaches what waits in front of it, and a request that is read only to be refused takes time from
    those that are answered.
    """

    def __init__(
        self, app: ASGIApp, *, pulse: Pulse, most_s: float, full_s: Callable[[], float | None], asks: Collection[str]
    ) -> None:
        """
        Args:
            app: what answers otherwise.
            pulse: of the loop.
            most_s: how far it may be behind.
            full_s: seconds until there is room, where no queue has any; None where one has.
            asks: paths of requests that are put into a queue.
        """
        self._app, self._pulse, self._most_s = app, pulse, most_s
        self._full_s, self._asks = full_s, frozenset(asks)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, by the protocol between server and application; `/health` and the like are always let in."""
        wait_s = self._wait_s(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if wait_s is None:
            await self._app(scope, receive, send)
            return
        while (await receive()).get("more_body"):  # A connection that is closed over unread bytes loses its answer.
            pass
        refused = overloaded(wait_s)
        answer = JSONResponse(refused.body.model_dump(), status_code=refused.status, headers=refused.headers)
        await answer(scope, receive, send)

    def _wait_s(self, path: str) -> float | None:
        if self._pulse.behind_s > self._most_s:
            return 1.0
        return self._full_s() if path in self._asks else None
