"""The server as an application: the routes, around them what counts responses and tells faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import perf_counter

from fastapi import FastAPI
from fastapi import Request as HttpRequest
from fastapi.responses import Response
from starlette.middleware.trustedhost import TrustedHostMiddleware

from suffice import __version__
from suffice.serve.body import BodyLimit
from suffice.serve.desk import Desk
from suffice.serve.faults import tell_faults
from suffice.serve.measures import Measures
from suffice.serve.routes import router


def make_app(desk: Desk) -> FastAPI:
    """The server as an application.

    Args:
        desk: takes requests to bundles; it is closed when the application ends.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
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
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*desk.settings.hosts], www_redirect=False)
    _count_responses(app, desk.measures)
    tell_faults(app)
    app.include_router(router)
    return app


def _count_responses(app: FastAPI, measures: Measures) -> None:
    @app.middleware("http")
    async def counted(request: HttpRequest, call_next: Callable[[HttpRequest], Awaitable[Response]]) -> Response:
        began = perf_counter()
        response = await call_next(request)
        path = getattr(request.scope.get("route"), "path", "other")  # What is asked for in vain is no name of its own.
        measures.responses.labels(path, str(response.status_code)).inc()
        measures.seconds.labels(path).observe(perf_counter() - began)
        return response
