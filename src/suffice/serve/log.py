"""What a server says of itself while it runs, on standard error: one line each, and the same one not for ever."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from time import monotonic

from suffice.text.normalise import on_one_line

MOST, PER_S = 5, 60.0
"""Lines of one kind in so many seconds: what goes on for a night fills no disk."""
SERVER = "uvicorn"
"""The logger of the server beneath, which writes of connections that are no HTTP, and of those that ask to go on in
another protocol: before any key, and of each."""
_ADVICE = "No supported WebSocket library"
"""Begins what it adds to the latter: how to serve what is not served here on purpose."""


class Seldom(logging.Filter):
    """Keeps lines back that come too often; the next of their kind that is let through says how many."""

    def __init__(self, *, clock: Callable[[], float] = monotonic) -> None:
        """
        Args:
            clock: seconds.
        """
        super().__init__()
        self._clock = clock
        self._told: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a line is let through: each that tells of no trouble, and of trouble the first ones of a kind, which
        is what is said before figures and names are put in.

        Args:
            record: the line.
        """
        if record.levelno < logging.WARNING:
            return True
        kind, now = str(record.msg), self._clock()
        since, n = self._told.get(kind, (now, 0))
        if now - since >= PER_S:
            n_kept_back, since, n = max(0, n - MOST), now, 0
            if n_kept_back:
                record.msg, record.args = f"{record.getMessage()} ({n_kept_back:,} more like it were not shown)", ()
        self._told[kind] = (since, n + 1)
        return n < MOST


def _is_no_advice(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(_ADVICE)


class _OneLine(logging.Formatter):
    """A name that somebody chose ends no line and begins none."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is the base class's
        return on_one_line(super().formatMessage(record))


def log_to_stderr() -> None:
    """Shows what the package and the server beneath it log, for as long as the process runs."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S%z"))
    handler.addFilter(_is_no_advice)
    handler.addFilter(Seldom())
    for name, level in (("suffice", logging.INFO), (SERVER, logging.WARNING)):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(level)
