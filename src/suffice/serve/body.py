"""How large a request may be; refused in the form that all refusals have, and counted as they are."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """Refuses a body once it is known to be too large: by what the client says of it, and by what comes.

    FastAPI's own limit stands around everything else: its refusals are plain text, and no middleware sees them.
    """

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        """
        Args:
            app: what answers.
            most: bytes of one body.
        """
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, by the protocol between server and application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = Headers(scope=scope).get("content-length", "")
        n = int(said) if said.isdecimal() else 0
        n_read = 0

        async def bounded() -> Message:
            nonlocal n_read
            if n <= self._most:
                message = await receive()
                n_read += len(message.get("body", b""))
                if n_read <= self._most:
                    return message
            raise HTTPException(413, f"a request has at most {self._most:,} bytes; got {max(n, n_read):,} or more")

        await self._app(scope, bounded, send)
