"""`suffice serve` as a process of its own, and what its clients send."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from commands import environment


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A response."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        """Its JSON."""
        return json.loads(self.text)

    @property
    def error(self) -> dict[str, Any]:
        """OpenAI's error."""
        error: dict[str, Any] = self.body["error"]
        return error


@dataclass(frozen=True, kw_only=True)
class Served:
    """A server that is up."""

    url: str
    home: Path
    process: subprocess.Popen[str]
    began: str
    """What it said on standard output until it was up."""

    def ask(self, path: str, body: object = None, *, raw: bytes | None = None, **headers: str) -> Reply:
        """One request; `Host_` and the like are sent as given."""
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        sent = {"content-type": "application/json"} | {k.replace("_", "-"): v for k, v in headers.items()}
        request = urllib.request.Request(self.url + path, data=data, headers=sent)
        try:
            with urllib.request.urlopen(request, timeout=60) as found:
                return Reply(status=found.status, headers=_lower(found.headers), text=found.read().decode())
        except urllib.error.HTTPError as error:
            return Reply(status=error.code, headers=_lower(error.headers), text=error.read().decode())

    def chat(self, model: str, text: str, **more: object) -> Reply:
        """One chat completion."""
        return self.ask("/v1/chat/completions", {"model": model, "messages": [user(text)], **more})

    def end(self) -> str:
        """Tells it to end, and gives what it wrote on standard error."""
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=60)
        return said


def user(text: str) -> dict[str, str]:
    """A user's message."""
    return {"role": "user", "content": text}


@contextmanager
def served(*arguments: object, home: Path, **environment_: str) -> Iterator[Served]:
    """A server on a port of its own, up once the block begins."""
    command = [str(Path(sys.executable).with_name("suffice")), "serve", *map(str, arguments), "--port", "0"]
    process = subprocess.Popen(
        command, env=environment(home) | environment_, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        began, found = "", None
        while found is None and (line := process.stdout.readline()):
            began, found = began + line, re.search(r"answering at (\S+)", line)
        assert found is not None, process.communicate()[1]
        yield Served(url=found[1], home=home, process=process, began=began)
    finally:
        process.kill()
        process.communicate()


def another_version(bundle: Path, folder: Path) -> Path:
    """A copy of a bundle that answers alike and has another card: another version of it."""
    shutil.copytree(bundle, folder)
    (folder / "README.md").write_text("another card\n")
    sums = folder / "SHA256SUMS"
    names = [line.split("  ", 1)[1] for line in sums.read_text().splitlines()]
    sums.write_text("".join(f"{sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names))
    return folder


def _lower(headers: Any) -> dict[str, str]:
    return {key.lower(): value for key, value in headers.items()}
