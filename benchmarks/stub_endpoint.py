"""An endpoint of set accuracy that speaks OpenAI's chat protocol: what a hosted model is in a planted case."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

INPUT_TOKENS = 100
"""Of every call; answers are free, so that the price of a message is that of its input."""


@contextmanager
def stub_endpoint(answers: dict[str, str]) -> Iterator[str]:
    """Starts one on a free port; gives its address.

    Args:
        answers: message to what is said to it.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # Head and body in one packet.

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            said = {"role": "assistant", "content": answers[body["messages"][-1]["content"]]}
            choice = {"index": 0, "finish_reason": "stop", "message": said}
            usage = {"prompt_tokens": INPUT_TOKENS, "completion_tokens": 1, "total_tokens": INPUT_TOKENS + 1}
            answer: dict[str, Any] = {"id": "1", "object": "chat.completion", "created": 0, "model": "stub"}
            content = json.dumps(answer | {"choices": [choice], "usage": usage}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the base class's)
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
