"""An endpoint that speaks OpenAI's chat protocol, in a process of its own: as right, as broken and as slow as is asked.

It knows the label of every message from a file, and writes a line into a log for every call before it answers.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

KEY = "sk-Test-5ecret/never+told"
"""What the endpoint asks for where it asks for a key."""
DOES_NOT_KNOW = "I do not know."
"""Its answer to a message that it was told nothing of."""
INPUT_TOKENS, OUTPUT_TOKENS = 100, 5
"""Of every call, so that figures can be checked by hand."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """An endpoint that is up."""

    url: str
    log: Path
    process: subprocess.Popen[str]

    def calls(self) -> list[dict[str, Any]]:
        """Every call so far, in order: the message, its status, the body and headers of interest."""
        written = self.log.read_text(encoding="utf-8") if self.log.exists() else ""
        # The last line may be half written.
        return [json.loads(line) for line in written.rpartition("\n")[0].splitlines()]

    def answered(self) -> Counter[str]:
        """How often each question was answered, and so would be charged, by the key that all its calls have."""
        return Counter(call["headers"]["idempotency-key"] for call in self.calls() if call["status"] == 200)

    def spec(self, **more: object) -> dict[str, object]:
        """It as the task file describes it."""
        price = {"input": 10.0, "output": 20.0}
        return {"base_url": self.url, "model": "stub", "price_per_million": price, "max_cost": 100.0, **more}


@contextmanager
def endpoint(folder: Path, labels: dict[str, str], **how: object) -> Iterator[Running]:
    """Starts one; `how` is as in `Behaviour`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "behaviour.json").write_text(json.dumps({"labels": labels, **how}), encoding="utf-8")
    arguments = [sys.executable, __file__, str(folder)]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        yield Running(url=f"http://127.0.0.1:{port}/v1", log=folder / "calls.jsonl", process=process)
    finally:
        process.kill()
        process.communicate()


class Behaviour:
    """What the endpoint does."""

    def __init__(
        self,
        labels: dict[str, str],
        *,
        wrong: float = 0.0,
        invented: float = 0.0,
        says: str | None = None,
        unsteady: float = 0.0,
        fail_first: tuple[int, ...] = (),
        retry_after: str | None = None,
        seconds: float = 0.0,
        dies_after: int | None = None,
        needs_key: bool = False,
        no_usage: bool = False,
        newer_limit: bool = False,
        filters: str | None = None,
        error_code: str = "",
        echoes_key: bool = False,
        redirects_to: str | None = None,
        port: int = 0,
        sends: str | None = None,
        as_type: str = "application/json",
        needs: dict[str, str] | None = None,
        takes_schemas: bool = True,
    ) -> None:
        """
        Args:
            labels: message to label.
            wrong: share of messages that are given another label.
            invented: share of messages whose answer is no label.
            says: how a label is said: a format of `label`.
            unsteady: share of messages whose answer changes from call to call.
            fail_first: status codes of the first calls, before any is answered.
            retry_after: header of these.
            seconds: that an answer takes.
            dies_after: so many answers, with no word to whoever waits.
            needs_key: whether a call without the key is refused.
            no_usage: whether it keeps to itself how many tokens there were.
            newer_limit: whether it knows the limit on tokens as max_completion_tokens alone.
            filters: a word; messages with it are withheld.
            error_code: in the body of refusals.
            echoes_key: whether refusals quote the key that came.
            redirects_to: an address that every call is sent on to.
            port: where it listens; 0 for any that is free.
            sends: what it sends instead of an answer, with status 200.
            as_type: what it calls that.
            needs: question to the sentence that must stand before it for the answer to be known.
            takes_schemas: whether it knows response_format, or refuses a call that has it.
        """
        self.labels, self.wrong, self.invented, self.says, self.unsteady = labels, wrong, invented, says, unsteady
        self.failures, self.retry_after, self.seconds, self.dies_after = (
            list(fail_first),
            retry_after,
            seconds,
            dies_after,
        )
        self.needs_key, self.no_usage, self.newer_limit, self.filters = needs_key, no_usage, newer_limit, filters
        self.error_code, self.echoes_key, self.redirects_to = error_code, echoes_key, redirects_to
        self.port, self.sends, self.as_type, self.needs = port, sends, as_type, needs
        self.takes_schemas = takes_schemas
        self.names, self.n_answered, self.lock = sorted(set(labels.values())), 0, threading.Lock()
        self.seen: Counter[str] = Counter()

    def answer(self, text: str) -> str:
        """What is said to a message: the same every time, unless it is among the unsteady ones."""
        place = share(text, "which")
        if self.needs is not None:
            before, _, question = text.rpartition("\n\n")
            knows = question in self.needs and self.needs[question] in before
            return f"#### {self.labels[question]}" if knows else DOES_NOT_KNOW
        if text not in self.labels:
            return DOES_NOT_KNOW
        label = self.labels[text]
        others = [name for name in self.names if name != label]
        if share(text, "unsteady") < self.unsteady:
            return self.names[self.seen[text] % len(self.names)]
        if place < self.invented:
            return "something else entirely"
        if place < self.invented + self.wrong:
            return others[0]
        return label if self.says is None else self.says.format(label=label, spaced=label.replace("_", " ").upper())

    def answer_again(self, text: str, *, by_schema: bool) -> str:
        """What is said to whoever shows the first answer to a question and asks for it in its form."""
        return json.dumps({"answer": self.labels[text]}) if by_schema else f"#### {self.labels[text]}"


def share(text: str, purpose: str) -> float:
    """A number from 0 to 1 that a message always has."""
    return int(hashlib.sha256(f"{purpose} {text}".encode()).hexdigest()[:8], 16) / 2**32


def serve(folder: Path) -> None:
    """Answers until it is killed; says on which port."""
    how = Behaviour(**json.loads((folder / "behaviour.json").read_text(encoding="utf-8")))
    log = (folder / "calls.jsonl").open("a", encoding="utf-8", buffering=1)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # Head and body in one packet: in two, the second waits for word of the first.

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, said = self._decide(body)
            user = body["messages"][-1]["content"]
            headers = {name.lower(): value for name, value in self.headers.items()}
            line = {
                "user": user,
                "status": status,
                "body": body,
                "headers": headers,
                "path": self.path,
                "at": time.time(),
            }
            with how.lock:
                log.write(json.dumps(line) + "\n")
            self._send(status, said)

        def _decide(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            text, by_schema = body["messages"][-1]["content"], "response_format" in body
            key = self.headers.get("Authorization", "").removeprefix("Bearer ")
            if how.redirects_to:
                return 307, {}
            if how.needs_key and key != KEY:
                return 401, refusal("no such key", "invalid_api_key")
            with how.lock:
                failure = how.failures.pop(0) if how.failures else None
            if failure is not None:
                return failure, refusal(f"busy {key if how.echoes_key else ''}", how.error_code)
            if how.newer_limit and "max_tokens" in body:
                return 400, refusal("Use 'max_completion_tokens' instead of 'max_tokens'.", "unsupported_parameter")
            if by_schema and not how.takes_schemas:
                return 400, refusal("Unrecognized request argument supplied: response_format", "")
            if how.filters and how.filters in text:
                return 400, refusal("withheld", "content_filter")
            time.sleep(how.seconds)
            with how.lock:
                if how.dies_after is not None and how.n_answered >= how.dies_after:
                    os._exit(1)
                how.n_answered += 1
                is_shown = len(body["messages"]) > 1 and body["messages"][-2]["role"] == "assistant"
                first = body["messages"][-3]["content"] if is_shown else text
                said = how.answer_again(first, by_schema=by_schema) if is_shown else how.answer(text)
                how.seen[text] += 1
            usage = {"prompt_tokens": INPUT_TOKENS, "completion_tokens": OUTPUT_TOKENS, "total_tokens": 105}
            choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": said}}
            answer = {"id": "1", "object": "chat.completion", "created": 0, "model": "stub", "choices": [choice]}
            return 200, answer if how.no_usage else answer | {"usage": usage}

        def _send(self, status: int, said: dict[str, Any]) -> None:
            content = (json.dumps(said) if how.sends is None else how.sends).encode()
            self.send_response(status)
            self.send_header("Content-Type", how.as_type)
            self.send_header("Content-Length", str(len(content)))
            if how.retry_after is not None and status != 200:
                self.send_header("Retry-After", how.retry_after)
            if how.redirects_to is not None:
                self.send_header("Location", how.redirects_to)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the base class's)
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", how.port), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


def refusal(message: str, code: str) -> dict[str, Any]:
    """The body of an error."""
    return {"error": {"message": message, "type": "error", "param": None, "code": code or None}}


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
