"""A server process: listens, answers, and finishes what it has begun when it is told to end."""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from ipaddress import ip_address
from types import FrameType

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from suffice.errors import Problem, StorageError, TaskError
from suffice.serve.settings import Keys

log = logging.getLogger(__name__)
LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "::1")
"""Names of this machine for itself."""

KEPT_S = 75
"""How long a connection is kept that nobody uses: one that is closed just as a client takes it up again is an error
there."""


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config, *, up: Callable[[], None]) -> None:
        super().__init__(config)
        self._up = up

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ends when told so by SIGTERM, once what was begun is answered: that is no failure, and the exit code is 0.

        uvicorn hands every signal that it takes on to the process once it has ended, which made the code 143.
        """
        if sig == signal.SIGTERM:
            self.should_exit = True
        else:
            super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._up()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        log.info("told to end; requests under way, which are answered first: %d", len(self.server_state.tasks))
        await super().shutdown(sockets)
        log.info("ended")


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Takes an address, before minutes are spent on loading what is to answer there.

    Args:
        host: the address to listen at.
        port: 0 for any that is free.

    Raises:
        StorageError: the port is taken, or the address is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections have it from here: asyncio sets it only on sockets whose protocol was named. Without it the body
        # of an answer waits until its head is acknowledged, which takes a client that keeps its connection 40 ms.
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            taken.bind((host, port))
        except OSError as error:
            fix = "end what listens there, or name another --port"
            problem = Problem(where=f"{host}:{port}", rule="must be free to listen at", got=str(error), fix=fix)
            raise StorageError(problem) from error
        yield taken


class _Quiet:
    """Lets no error out that was answered and logged: the server would log what it says, which may be a message."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, by the protocol between server and application."""
        with suppress(Exception) if scope["type"] == "http" else nullcontext():
            await self._app(scope, receive, send)


def serve(app: FastAPI, taken: socket.socket, *, drain_s: float, ready: Callable[[str], None]) -> None:
    """Answers until the process is told to end (SIGTERM, SIGINT).

    Args:
        app: from `make_app`.
        taken: from `listening`.
        drain_s: how long requests that are under way may take then.
        ready: told the server's URL once it listens.
    """
    config = uvicorn.Config(
        _Quiet(app),
        log_config=None,  # Its lines go where ours go, and no more often: `suffice.serve.log`.
        access_log=False,
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=int(drain_s),
        timeout_keep_alive=KEPT_S,
    )
    host, port = taken.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    _Server(config, up=lambda: ready(url)).run(sockets=[taken])


def require_key_or_loopback(host: str, keys: Keys) -> None:
    """Refuses to listen where others can reach it, unless there is a key.

    Args:
        host: the address to listen at.
        keys: who may ask.

    Raises:
        TaskError: others could ask without a key.
    """
    if keys.api or is_loopback(host):
        return
    rule, fix = "a server that others can reach asks for a key", "set SUFFICE_API_KEY, or leave out --host"
    raise TaskError(Problem(where="--host", rule=rule, got=f"{host}, and no SUFFICE_API_KEY", fix=fix))


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine can reach an address.

    Args:
        host: an address or a name.
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
