"""Who is let in, before anything of a request's body is read: by the name that the server was asked for, and by key."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from suffice.serve.desk import Desk
from suffice.serve.faults import response_of
from suffice.serve.refusal import Refused

KNOWN = "suffice.host_is_known"


class HostDoor:
    """Refuses names that the server does not go by, in the form that all refusals have.

    Starlette's own middleware reads the header; what it would say itself is plain text.
    """

    def __init__(self, app: ASGIApp, *, hosts: Sequence[str]) -> None:
        """
        Args:
            app: what answers.
            hosts: names that the server goes by.
        """
        self._app = app
        self._knows = TrustedHostMiddleware(_note, allowed_hosts=[*hosts], www_redirect=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, by the protocol between server and application."""
        looked_at = dict(scope)
        await self._knows(looked_at, receive, _nowhere)
        if scope["type"] != "http" or KNOWN in looked_at:
            await self._app(scope, receive, send)
            return
        message = "the header Host must have a name of this machine: this server is asked by nobody else"
        await response_of(Refused(400, message, code="unknown_host"))(scope, receive, send)


async def _note(scope: Scope, receive: Receive, send: Send) -> None:
    scope[KNOWN] = True


async def _nowhere(message: Message) -> None: ...


class _KeyedRoute(APIRoute):
    """Asks for a key first: FastAPI reads and parses a body before it looks at any dependency."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request."""
        answer = super().get_route_handler()

        async def keyed(request: Request) -> Response:
            self.admit(request, request.app.state.desk)
            return await answer(request)

        return keyed

    @staticmethod
    @abstractmethod
    def admit(request: Request, desk: Desk) -> None:
        """Lets a request in.

        Args:
            request: its headers; nothing of its body is there yet.
            desk: knows the keys.

        Raises:
            Refused: no key, or one that may not.
        """


class AskingRoute(_KeyedRoute):
    """For whoever may ask; `request.state.who` says afterwards who does."""

    @staticmethod
    def admit(request: Request, desk: Desk) -> None:
        """As above."""
        request.state.who = desk.asking.admit(request.headers.get("authorization"))


class ChangingRoute(_KeyedRoute):
    """For whoever may change what answers."""

    @staticmethod
    def admit(request: Request, desk: Desk) -> None:
        """As above."""
        if not desk.settings.keys.admin:
            message = "bundles are changed with an admin key, and this server was started without one"
            raise Refused(403, message, code="no_admin_key", kind="permission_error")
        desk.changing.admit(request.headers.get("authorization"))
