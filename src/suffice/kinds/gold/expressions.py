"""Whether two expressions are equal, within a time that holds in every thread.

Python cannot stop a thread that computes, and a signal reaches the main thread alone: expressions are therefore
compared in one process beside this one, which is stopped when it takes too long and started anew when it is next asked.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
from contextlib import suppress
from queue import Empty, Queue
from threading import Lock, Thread
from typing import IO

MAX_SIGNS = 1_000
"""Characters of an expression that are compared; longer ones are only equal if they are spelt alike."""
SECONDS = 3.0
"""How long a comparison may take."""
START_SECONDS = 120.0
"""How long the process may take to start."""


def same_expression(one: str, other: str, *, seconds: float = SECONDS) -> bool | None:
    """Whether two expressions in LaTeX are equal; None where that could not be known within the limits.

    Args:
        one: the right answer.
        other: what was answered.
        seconds: how long it may take.
    """
    if max(len(one), len(other)) > MAX_SIGNS:
        return None
    return _PROCESS.ask(one, other, seconds=seconds)


class _Process:
    """The process beside this one, started when it is first asked; one question at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: subprocess.Popen[str] | None = None
        self._said: Queue[str] = Queue()

    def ask(self, one: str, other: str, *, seconds: float) -> bool | None:
        with self._lock:
            running = self._running if self._running is not None and self._running.poll() is None else self._start()
            assert running.stdin is not None, "it was started with a pipe"
            try:
                running.stdin.write(json.dumps({"one": one, "other": other}) + "\n")
                running.stdin.flush()
                said = self._said.get(timeout=seconds)
            except (Empty, BrokenPipeError):
                said = ""
            if not said:
                self._stop()
                return None
            return bool(json.loads(said)["same"])

    def close(self) -> None:
        with self._lock:
            self._stop()

    def _start(self) -> subprocess.Popen[str]:
        self._stop()
        running = subprocess.Popen(
            [sys.executable, "-m", "suffice.kinds.gold.expression_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        assert running.stdout is not None, "it was started with a pipe"
        self._running, self._said = running, Queue()
        Thread(target=_listen, args=(running.stdout, self._said), daemon=True).start()
        try:
            began = self._said.get(timeout=START_SECONDS)
        except Empty:
            began = ""
        if not began:
            self._stop()
            raise RuntimeError("the process that compares expressions did not begin")
        return running

    def _stop(self) -> None:
        if self._running is None:
            return
        self._running.kill()
        self._running.wait()
        if self._running.stdin is not None:
            with suppress(BrokenPipeError):  # What it was not told is in the way of closing.
                self._running.stdin.close()
        self._running = None


def _listen(stream: IO[str], said: Queue[str]) -> None:
    """Passes on every line, and an empty one when there are no more."""
    with stream:
        for line in stream:
            said.put(line)
    said.put("")


_PROCESS = _Process()
atexit.register(_PROCESS.close)
