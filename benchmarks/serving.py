"""What the benchmarks of `suffice serve` share: bundles, the server in a process of its own, and requests to it.

A bundle is fitted hastily by `suffice fit` on twenty labels of Banking77 and kept beside the cells: how quickly it
answers does not depend on how well. Requests arrive by chance (Poisson) whether or not earlier ones were answered, and
a latency counts from when a request was due, so that a server that is late is not spared the requests it holds up.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from cells import Measured
from closed_tasks import pool

SET = "banking77/20/0"
BASE = "smollm2-135m"
SPLITS = {"train": 160, "validation": 80, "test": 80}
SUFFICE = Path(sys.executable).with_name("suffice")
CHAT = "/v1/chat/completions"
NO_ANSWER = 0
"""Stands for the status where a connection ended without one."""
PATIENCE_S = 60.0
"""After so long a request counts as one without an answer."""


def texts_of(data: Path) -> tuple[str, ...]:
    """Messages to ask with, none of them among those that bundles are fitted on.

    Args:
        data: folder of the data sets.
    """
    return pool(SET, data=data).texts[sum(SPLITS.values()) :]


def bundle_of(rung: str, *, data: Path, folder: Path) -> Path:
    """A bundle, fitted where there is none yet.

    Args:
        rung: as in the ladder.
        data: folder of the data sets.
        folder: where bundles are kept from run to run.
    """
    found = folder / "fits" / rung / "out" / "bundles" / rung
    if found.is_dir():
        return found
    here = folder / "fits" / rung
    shutil.rmtree(here, ignore_errors=True)
    here.mkdir(parents=True)
    rows, names = pool(SET, data=data), [name for name, n in SPLITS.items() for _ in range(n)]
    lines = [
        {"text": text, "label": rows.labels[k], "split": split}
        for text, k, split in zip(rows.texts, rows.y.tolist(), names, strict=False)
    ]
    (here / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    task = {
        "name": "serving",
        "data": {"path": "rows.jsonl"},
        "target": {"at_least": 0.05},
        "ladder": [rung],
        "train": {"epochs": 1, "label_output": "tokens"},
    }
    (here / "task.yaml").write_text(yaml.safe_dump(task), encoding="utf-8")
    command = [SUFFICE, "fit", here / "task.yaml", "--out", here / "out"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.is_dir(), ran.stderr[-2_000:]
    return found


def copies_of(bundle: Path, n: int, *, folder: Path) -> list[Path]:
    """Bundles of the same base with adapters of their own: the weights of one, each changed a little by chance.

    Args:
        bundle: of a tuned language model.
        n: how many.
        folder: where they are kept.
    """
    from safetensors.numpy import load_file, save_file  # noqa: PLC0415

    made = [folder / f"bundle-{i:03d}" for i in range(n)]
    for i, place in enumerate(made):
        if (place / "SHA256SUMS").is_file():
            continue
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(bundle, place, ignore=shutil.ignore_patterns("SHA256SUMS"))
        file, draw = place / "model" / "adapter_model.safetensors", np.random.default_rng(i)
        weights = {
            name: w * draw.uniform(0.9, 1.1, size=w.shape).astype(w.dtype) for name, w in load_file(file).items()
        }
        save_file(weights, file, metadata={"format": "pt"})
        seal(place)
    return made


def seal(bundle: Path) -> None:
    """Writes the hashes of a bundle that was changed on purpose, as `sha256sum` does.

    Args:
        bundle: the folder.
    """
    (bundle / "SHA256SUMS").unlink(missing_ok=True)
    files = sorted(path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file())
    sums = (f"{hashlib.sha256((bundle / name).read_bytes()).hexdigest()}  {name}\n" for name in files)
    (bundle / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Served:
    """A server that is ready."""

    url: str
    process: subprocess.Popen[str]
    ready_s: float
    """From its start until `/ready` said so."""
    ready_cpu_s: float
    """Of the processor until then, which says more than `ready_s` where others use the machine as well."""

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        return host, int(port)

    @property
    def memory_bytes(self) -> int:
        """Resident, pages included that it shares with other servers."""
        lines = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Rss:")) * 1_024

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a path.

        Args:
            path: with its slash.
        """
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as found:  # noqa: S310 - our own server
                return found.status, found.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def end(self) -> None:
        """Tells it to end, and waits until it has."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


@contextmanager
def served(*arguments: object, home: Path, **environment: str) -> Iterator[Served]:
    """A server on a port of its own; killed when the block ends, where it has not ended before.

    Args:
        arguments: of `suffice serve`.
        home: its folder for what outlives it; base models are found where they always are.
        environment: variables of its own.
    """
    home.mkdir(parents=True, exist_ok=True)
    own = {"SUFFICE_HOME": str(_with_models(home)), "COLUMNS": "80"}
    command = [SUFFICE, "serve", *map(str, arguments), "--port", "0"]
    began = time.perf_counter()
    with (home / "said.txt").open("a", encoding="utf-8") as said:
        process = subprocess.Popen(
            list(map(str, command)), env=os.environ | own | environment, stdout=subprocess.PIPE, stderr=said, text=True
        )
    try:
        assert process.stdout is not None
        line = next((line for line in process.stdout if "answering at " in line), None)
        assert line is not None, (home / "said.txt").read_text(encoding="utf-8")[-2_000:]
        up = Served(url=line.split("answering at ")[1].split()[0], process=process, ready_s=0.0, ready_cpu_s=0.0)
        while up.get("/ready")[0] != 200:
            time.sleep(0.005)
        ready_s = time.perf_counter() - began
        yield Served(url=up.url, process=process, ready_s=ready_s, ready_cpu_s=_cpu_s(process.pid))
    finally:
        process.kill()
        process.communicate()


def _cpu_s(pid: int) -> float:
    """Seconds of the processor that a process has taken, those of the system for it included."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _with_models(home: Path) -> Path:
    """A home whose base models are those of the person."""
    theirs = Path(os.environ.get("SUFFICE_HOME") or "~/.suffice").expanduser() / "models"
    if theirs.is_dir() and not (home / "models").exists():
        (home / "models").symlink_to(theirs)
    return home


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What became of a request."""

    text: str
    """The message."""
    due: float
    """When it was to be sent, by `perf_counter`."""
    seconds: float
    """From then to its answer."""
    status: int
    """`NO_ANSWER` where none came."""
    body: bytes

    @property
    def label(self) -> str | None:
        """The answer; None where there is none."""
        return None if self.status != 200 else str(json.loads(self.body)["choices"][0]["message"]["content"])


@dataclass(frozen=True, kw_only=True)
class Load:
    """All requests of a stretch of time."""

    replies: list[Reply]
    """In the order in which they were due."""

    @cached_property
    def statuses(self) -> dict[int, int]:
        """How many there were of each."""
        return dict(sorted(Counter(reply.status for reply in self.replies).items()))

    def latency_ms(self, q: float) -> float | None:
        """A quantile of the answered ones; None where nothing was answered.

        Args:
            q: from 0 to 1.
        """
        seconds = [reply.seconds for reply in self.replies if reply.status == 200]
        return float(np.quantile(seconds, q)) * 1e3 if seconds else None

    def answered_per_second(self, *, skip_s: float = 0.0) -> float:
        """Answers that came in a second, between the beginning and the last request's time.

        Args:
            skip_s: seconds of the beginning that do not count.
        """
        start, end = self.replies[0].due + skip_s, self.replies[-1].due
        came = [one.due + one.seconds for one in self.replies if one.status == 200]
        return sum(start < at <= end for at in came) / (end - start)


class _Lines:
    """Connections that are kept open; each carries one request at a time.

    The one that was used last is taken up first. After a crowd the others rest until the server closes them, and the
    next crowd must not take that for requests without an answer.
    """

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    def _rested(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """One that is still open; those that the server has closed are closed here as well."""
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        return None

    async def ask(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and body; `NO_ANSWER` where the connection ended or nothing came for long."""
        line = None
        try:
            async with asyncio.timeout(PATIENCE_S):
                line = self._rested() or await asyncio.open_connection(*self._address)
                status, answer, stays = await self._exchange(*line, path, body)
        except (OSError, EOFError, TimeoutError, ValueError):
            status, answer, stays = NO_ANSWER, b"", False
        if line is not None:
            if stays:
                self._idle.append(line)
            else:
                line[1].close()
        return status, answer

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, body: bytes
    ) -> tuple[int, bytes, bool]:
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        answer = await reader.readexactly(int(headers["content-length"]))
        return int(lines[0].split()[1]), answer, headers.get("connection") != "close"

    def close(self) -> None:
        """Closes all of them."""
        for _, writer in self._idle:
            writer.close()


Body = Callable[[str, int], dict[str, Any]]
"""A message and the number of its request, to the request."""


def chat(model: str, **more: Any) -> Body:
    """A chat completion of a message.

    Args:
        model: that is asked.
        more: of the request.
    """
    return lambda text, _: {"model": model, "messages": [{"role": "user", "content": text}], **more}


def by_chance(
    address: tuple[str, int],
    texts: Sequence[str],
    *,
    rate: float,
    seconds: float,
    seed: int,
    body: Body,
    path: str = CHAT,
    told: Callable[[Reply], None] = lambda _: None,
) -> Load:
    """Requests that arrive by chance, whether or not earlier ones were answered.

    Args:
        address: of the server.
        texts: messages, asked in turn.
        rate: requests a second, in the mean.
        seconds: how long they arrive.
        seed: of the arrivals.
        body: the request of a message.
        path: where it goes.
        told: of every reply, as soon as it is there.
    """
    draw = random.Random(seed)  # noqa: S311
    dues, at = [], draw.expovariate(rate)
    while at < seconds:
        dues.append(at)
        at += draw.expovariate(rate)

    async def run() -> list[Reply]:
        lines, start = _Lines(address), time.perf_counter() + 0.05

        async def one(i: int, due: float) -> Reply:
            text = texts[i % len(texts)]
            status, answer = await lines.ask(path, json.dumps(body(text, i)).encode())
            reply = Reply(text=text, due=due, seconds=time.perf_counter() - due, status=status, body=answer)
            told(reply)
            return reply

        tasks = []
        for i, due in enumerate(dues):
            await asyncio.sleep(start + due - time.perf_counter())
            tasks.append(asyncio.create_task(one(i, start + due)))
        replies = await asyncio.gather(*tasks)
        lines.close()
        return list(replies)

    return Load(replies=asyncio.run(run()))


def one_by_one(
    address: tuple[str, int], texts: Sequence[str], *, body: Body, path: str = CHAT, n_at_once: int = 1
) -> Load:
    """Requests of which each waits for the one before.

    Args:
        address: of the server.
        texts: messages.
        body: the request of a message.
        path: where it goes.
        n_at_once: clients that do so side by side.
    """

    async def run() -> list[Reply]:
        lines, waiting = _Lines(address), iter(enumerate(texts))
        replies: list[Reply] = []

        async def client() -> None:
            for i, text in waiting:
                due = time.perf_counter()
                status, answer = await lines.ask(path, json.dumps(body(text, i)).encode())
                seconds = time.perf_counter() - due
                replies.append(Reply(text=text, due=due, seconds=seconds, status=status, body=answer))

        await asyncio.gather(*(client() for _ in range(n_at_once)))
        lines.close()
        return sorted(replies, key=lambda reply: reply.due)

    return Load(replies=asyncio.run(run()))


def latencies(load: Load) -> Measured:
    """Median and 99th percentile in milliseconds, and what else came.

    Args:
        load: requests.
    """
    return {
        "p50_ms": load.latency_ms(0.5),
        "p99_ms": load.latency_ms(0.99),
        "statuses": {str(status): n for status, n in load.statuses.items()},
    }
