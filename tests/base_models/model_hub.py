"""A model hub on this machine: a real HTTP server that answers as the hub does."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """What the hub has, and what it was asked for."""

    address: str
    files: dict[str, bytes]
    status: int = 200
    error_code: str = ""
    asked: list[str] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)


@contextmanager
def running_hub(repo: str, folder: Path) -> Iterator[Hub]:
    """Serves the files of a folder as one repository."""
    hub = Hub(address="", files={str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(body=True)

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def _answer(self, *, body: bool) -> None:
            path = urlsplit(self.path).path
            hub.tokens.add(self.headers.get("authorization"))
            if hub.status != 200:
                self._send(hub.status, b"{}", body=body, headers={"X-Error-Code": hub.error_code})
            elif path.startswith(f"/api/models/{repo}/tree/"):
                tree = [{"type": "file", "path": n, "size": len(c), "oid": _oid(c)} for n, c in hub.files.items()]
                self._send(200, json.dumps(tree).encode(), body=body)
            elif path.startswith(f"/api/models/{repo}"):
                siblings = [{"rfilename": name, "size": len(content)} for name, content in hub.files.items()]
                info = {"id": repo, "sha": COMMIT, "siblings": siblings, "tags": [], "private": False}
                self._send(200, json.dumps(info).encode(), body=body)
            elif path.startswith(f"/{repo}/resolve/") and (name := path.split("/", 5)[5]) in hub.files:
                hub.asked.append(name)
                content = hub.files[name]
                self._send(200, content, body=body, headers={"ETag": f'"{_oid(content)}"', "X-Repo-Commit": COMMIT})
            else:
                self._send(404, b"{}", body=body, headers={"X-Error-Code": "RepoNotFound"})

        def _send(self, status: int, content: bytes, *, body: bool, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            if body:
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the base class's)
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _oid(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()
