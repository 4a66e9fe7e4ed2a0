"""Parsing in a process of its own: what takes too long, too much memory or the process with it is given up and named.

Parsers of HTML, Markdown and PDF have inputs on which they take time beyond any bound. The first is written in C, which
nothing stops from within.
"""

from __future__ import annotations

import os
import resource
import select
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from types import TracebackType

from suffice.errors import DataError, Problem
from suffice.retrieval.document import read_document
from suffice.retrieval.formats.section import Document, unreadable
from suffice.store import strict_json

MAX_SECONDS = 180.0
"""For one file: some ten times what the longest of books takes."""
MAX_MEMORY_BYTES = 6 << 30
"""Of addresses that the process may have; libraries reserve a part of them and never use it."""
PIPE_BYTES = 1 << 16
PROGRAM = "from suffice.retrieval.apart import serve; serve()"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What became of a file."""

    document: Document | None
    """What it says; None where nothing of it can be read."""
    problems: tuple[Problem, ...]
    """Why; empty where there is a document."""


class Apart:
    """Parses files one after the other in a process, which is started when it is first needed."""

    def __init__(self, *, max_seconds: float = MAX_SECONDS) -> None:
        """
        Args:
            max_seconds: for one file.
        """
        self._max_seconds = max_seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Apart:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def parse(self, path: Path, name: str) -> Document:
        """Parses a file as `read_document` does.

        Args:
            path: the file.
            name: what problems call it.

        Raises:
            DataError: it cannot be read, or not within the bounds.
        """
        process = self._process = self._process or _started()
        if not _sent(process, path, name):  # It ended by itself after the file before.
            self._end()
            process = self._process = _started()
            _sent(process, path, name)
        line = _line(process, seconds=self._max_seconds)
        if line is None or not line.endswith(b"\n"):
            self._end()
            took = f"no end after {self._max_seconds:g} seconds"
            got = took if line is None else f"its parser ended without an answer (exit code {process.returncode})"
            fix = "divide it into several files, save it anew from the program that wrote it, or take it out"
            raise unreadable(name, "a file must be parsed within bounds of time and memory", got=got, fix=fix)
        answered = strict_json.loads(line, Answered)
        if answered.document is None:
            raise DataError(answered.problems)
        return answered.document

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def serve() -> None:
    """What the process does: a line with a file in, a line with what became of it out, until there are no more."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What a library prints is no answer.
    allowed = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = MAX_MEMORY_BYTES if allowed == resource.RLIM_INFINITY else min(MAX_MEMORY_BYTES, allowed)
    resource.setrlimit(resource.RLIMIT_AS, (most, allowed))
    for line in sys.stdin.buffer:
        path, name = (bytes.fromhex(part.decode()) for part in line.split(b" "))
        answered = _answered(Path(os.fsdecode(path)), name.decode())
        answers.write(strict_json.dumps(answered, indent=None).encode() + b"\n")
        answers.flush()


def _answered(path: Path, name: str) -> Answered:
    try:
        return Answered(document=read_document(path, name=name), problems=())
    except DataError as error:
        return Answered(document=None, problems=error.problems)


def _started() -> subprocess.Popen[bytes]:
    """A process that finds the modules that this one finds, and none that lie where it was started."""
    command = [sys.executable, "-P", "-c", PROGRAM]
    found = os.pathsep.join(place for place in sys.path if place)
    pipe = subprocess.PIPE
    environment = os.environ | {"PYTHONPATH": found}
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=environment)


def _sent(process: subprocess.Popen[bytes], path: Path, name: str) -> bool:
    """Whether the process was there to take it. In hexadecimal, since names may have any byte in them."""
    assert process.stdin is not None, "a pipe was asked for"
    try:
        process.stdin.write(f"{os.fsencode(path.absolute()).hex()} {name.encode().hex()}\n".encode())
        process.stdin.flush()
    except BrokenPipeError:
        return False
    return True


def _line(process: subprocess.Popen[bytes], *, seconds: float) -> bytes | None:
    """The answer with its end; without one where the process ended; None where time did."""
    assert process.stdout is not None, "a pipe was asked for"
    parts, until = list[bytes](), monotonic() + seconds
    while not (parts and parts[-1].endswith(b"\n")):
        if not select.select([process.stdout], [], [], max(until - monotonic(), 0.0))[0]:
            return None
        parts.append(os.read(process.stdout.fileno(), PIPE_BYTES))
        if not parts[-1]:
            break
    return b"".join(parts)
