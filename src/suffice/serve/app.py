"""The server as an application: the routes, around them what counts responses and tells faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from suffice import __version__
from suffice.serve.body import BodyLimit
from suffice.serve.desk import Desk
from suffice.serve.doors import HostDoor
from suffice.serve.doorway import Doorway, Pulse
from suffice.serve.faults import tell_faults
from suffice.serve.measures import Measures
from suffice.serve.routes import ASKING_PATHS, ROUTERS


def make_app(desk: Desk) -> FastAPI:
    """The server as an application.

    Args:
        desk: takes requests to bundles; it is closed when the application ends.
    """
    pulse = Pulse()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with pulse.beating():
            yield
        await asyncio.to_thread(desk.close)

    app = FastAPI(
        title="suffice",
        version=__version__,
        description="Bundles that answer with one label of a closed set.",
        lifespan=lifespan,
        docs_url=None,  # Its pages would load scripts from elsewhere.
        redoc_url=None,
    )
    app.state.desk = desk
    app.add_middleware(BodyLimit, most=desk.settings.max_body_bytes)
    if desk.settings.hosts != ("*",):
        app.add_middleware(HostDoor, hosts=desk.settings.hosts)
    app.add_middleware(Doorway, pulse=pulse, most_s=desk.settings.most_behind_s, full_s=desk.full_s, asks=ASKING_PATHS)
    app.add_middleware(_Counted, measures=desk.measures)
    tell_faults(app)
    for router in ROUTERS:
        app.include_router(router)
    return app


class _Counted:
    """Counts responses by path and status, as they begin.

    No `BaseHTTPMiddleware`: that takes a fifth of what an answer costs beside its model.
    """

    def __init__(self, app: ASGIApp, *, measures: Measures) -> None:
        self._app, self._measures = app, measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, by the protocol between server and application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, is_counted = perf_counter(), False

        def count(status: int) -> None:
            nonlocal is_counted
            is_counted = True
            path = getattr(scope.get("route"), "path", "other")  # What is asked for in vain is no name of its own.
            self._measures.responses.labels(path, str(status)).inc()
            self._measures.seconds.labels(path).observe(perf_counter() - began)

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                count(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, counted)
        except Exception:
            if not is_counted:
                count(500)  # What is said of it is sent further out.
            raise
