"""What becomes of answers when things go wrong under load: a killed server, a full disk, a ledger that is gone, an
endpoint that is slow, wrong or down.

    python benchmarks/serve_faults.py --cells bench-out/serve_faults.jsonl --data DATA [--kills 3 --seconds 2]

Every request has a message of its own, so that its row in the ledger is found by the keyed hash of the message.
Promised is: an answer is in the ledger once; a killed server loses no more than those of its last second; a ledger that
cannot be written is caught up with when it can be again; an endpoint that fails, or is late, leaves the bundle's own
answer within the deadline. Asked beyond that: nothing but answers and 429, no label outside the set, and ready again
within 10 seconds for a tuned 135M language model and 2 for n-grams.
"""

from __future__ import annotations

import json
import random
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml
from cells import Measured, measure, options, print_json
from closed_tasks import pool
from serving import BASE, SET, Reply, Served, bundle_of, by_chance, chat, served, texts_of

from suffice.bundles.folder import add_calibration
from suffice.records.promise import Promise
from suffice.store.requests import hashed

MINUTES = 25
"""On two cores."""
N_KILLS, N_STARTS, SECONDS = 20, 5, 5.0
RATES = {"tfidf": 60.0, BASE: 15.0}
"""Requests a second: under what each can do on a slow core, since refusals are not what is looked at."""
LOSES_S = 1.0
"""Before a kill: answers since then may be missing from the ledger."""
MODEL = "clerk"
DISK_BYTES = 2 << 20
ENDPOINTS = ("slow", "wrong", "broken", "garbage", "down")
LATEST_S = 11.0
"""The deadline of a request, and what is left to the machine."""
RESTS_S = 31.0
"""After failures an endpoint is left alone for half a minute."""


def rows_of(ledger: Path, home: Path, texts: Sequence[str]) -> Counter[str]:
    """How often each message stands in a ledger.

    Args:
        ledger: a SQLite file.
        home: of the server: it has the key of the hashes.
        texts: messages.
    """
    key = (home / "text_hash.key").read_bytes()
    with closing(sqlite3.connect(ledger)) as connection:
        found = Counter(row[0] for row in connection.execute("select text_hash from answers"))
    counted = Counter({text: found.pop(hashed(text, key=key), 0) for text in texts})
    assert not found, "rows of messages that nobody sent"
    return counted


def books(load: Sequence[Reply], counted: Counter[str], *, killed_at: float = float("inf")) -> Measured:
    """Holds replies against the ledger.

    Args:
        load: all replies, each to a message of its own.
        counted: how often each message stands in the ledger.
        killed_at: when the server was killed, by `perf_counter`.
    """
    answered = [one for one in load if one.status == 200]
    missing = [one for one in answered if not counted[one.text]]
    before = [killed_at - (one.due + one.seconds) for one in missing]
    return {
        "asked": len(load),
        "statuses": {str(status): n for status, n in sorted(Counter(one.status for one in load).items())},
        "answered": len(answered),
        "missing": len(missing),
        "missing_beyond_what_is_promised": sum(seconds > LOSES_S for seconds in before),
        "oldest_missing_s": max(before) if before and killed_at < float("inf") else None,
        "twice": sum(n > 1 for n in counted.values()),
        "written_but_not_answered": sum(bool(counted[one.text]) for one in load if one.status != 200),
        "slowest_s": max((one.seconds for one in answered), default=None),
    }


def numbered(texts: Sequence[str], n: int, *, of: str) -> list[str]:
    """Messages of which no two are the same.

    Args:
        texts: to begin with.
        n: how many.
        of: what they are sent in.
    """
    return [f"{texts[i % len(texts)]} {of} {i}" for i in range(n)]


def ask(up: Served, texts: Sequence[str], *, rate: float, seconds: float, seed: int, of: str) -> list[Reply]:
    """Requests by chance, each with a message of its own.

    Args:
        up: the server.
        texts: to make messages of.
        rate: requests a second.
        seconds: how long.
        seed: of the arrivals.
        of: tells these messages from others.
    """
    some = numbered(texts, int(3 * rate * seconds) + 50, of=of)
    return by_chance(up.address, some, rate=rate, seconds=seconds, seed=seed, body=chat(MODEL)).replies


def ready(rung: str, bundle: Path) -> Measured:
    """Seconds from a start to ready.

    Args:
        rung: of the bundle.
        bundle: that is served.
    """
    with tempfile.TemporaryDirectory() as home, served(f"{MODEL}={bundle}", home=Path(home)) as up:
        return {"rung": rung, "ready_s": up.ready_s, "ready_cpu_s": up.ready_cpu_s}


def kill(rung: str, bundle: Path, texts: Sequence[str], *, number: int, seconds: float) -> Measured:
    """One server is killed under load at a time by chance; another one goes on with its ledger.

    Args:
        rung: of the bundle.
        bundle: that is served.
        texts: messages.
        number: of the kill: decides when.
        seconds: of load, at most.
    """
    rate, after_s = RATES[rung], random.Random(number).uniform(0.3, 1.0) * seconds  # noqa: S311
    killed_at = float("inf")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with served(f"{MODEL}={bundle}", home=home) as up:

            def strike() -> None:
                nonlocal killed_at
                killed_at = time.perf_counter()
                up.process.kill()

            timer = threading.Timer(after_s, strike)
            timer.start()
            first = ask(up, texts, rate=rate, seconds=after_s + 0.5, seed=number, of="before")
            timer.join()
        with served(f"{MODEL}={bundle}", home=home) as up:
            again_s = up.ready_s
            second = ask(up, texts, rate=rate, seconds=1.0, seed=number + 1_000, of="after")
            up.end()
        counted = rows_of(home / "answers.sqlite", home, [one.text for one in (*first, *second)])
    return {
        "ready_again_s": again_s,
        "before": books(first, counted, killed_at=killed_at),
        "after": books(second, counted),
    }


def disk_full(bundle: Path, texts: Sequence[str], *, seconds: float) -> Measured:
    """The disk that the ledger lies on is full, and then has room again.

    Args:
        bundle: that is served.
        texts: messages.
        seconds: of load in each state.
    """
    with tempfile.TemporaryDirectory() as folder:
        disk = Path(folder) / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(disk)]
        tried = subprocess.run(mount, capture_output=True, text=True, check=False)
        if tried.returncode != 0:
            return {"not_run": f"a small disk needs the right to mount one: {tried.stderr.strip()}"}
        filler = disk / "filler"

        def fill() -> None:
            with filler.open("wb", buffering=0) as file:
                try:
                    while file.write(b"\0" * 4_096):
                        pass
                except OSError:
                    return

        try:
            return _with_and_without(
                bundle, texts, disk / "a.sqlite", broken=fill, mended=filler.unlink, seconds=seconds
            )
        finally:
            subprocess.run(["umount", "--lazy", str(disk)], check=True)


def ledger_gone(bundle: Path, texts: Sequence[str], *, seconds: float) -> Measured:
    """The ledger's folder is taken away with all that is in it, and put back.

    Args:
        bundle: that is served.
        texts: messages.
        seconds: of load in each state.
    """
    with tempfile.TemporaryDirectory() as folder:
        place, away = Path(folder) / "ledger", Path(folder) / "away"
        place.mkdir()

        def take() -> None:
            place.rename(away)
            place.write_text("no folder", encoding="utf-8")

        def back() -> None:
            place.unlink()
            away.rename(place)

        return _with_and_without(bundle, texts, place / "a.sqlite", broken=take, mended=back, seconds=seconds)


def _with_and_without(
    bundle: Path,
    texts: Sequence[str],
    ledger: Path,
    *,
    broken: Callable[[], object],
    mended: Callable[[], object],
    seconds: float,
) -> Measured:
    rate = RATES["tfidf"]
    with tempfile.TemporaryDirectory() as home:
        with served(f"{MODEL}={bundle}", "--ledger", f"sqlite:///{ledger}", home=Path(home)) as up:
            before = ask(up, texts, rate=rate, seconds=seconds, seed=1, of="before")
            broken()
            while_broken = ask(up, texts, rate=rate, seconds=seconds, seed=2, of="broken")
            told = up.get("/ready")[0]
            mended()
            began = time.perf_counter()
            while up.get("/ready")[0] != 200 and time.perf_counter() - began < 60.0:
                time.sleep(0.05)
            caught_up_s = time.perf_counter() - began
            after = ask(up, texts, rate=rate, seconds=seconds, seed=3, of="after")
            up.end()
        every = [*before, *while_broken, *after]
        counted = rows_of(ledger, Path(home), [one.text for one in every])
    found = books(every, counted)
    return found | {"ready_said_while_broken": told, "ready_again_after_s": caught_up_s}


class Endpoint:
    """An endpoint in OpenAI's protocol that answers as it is told to."""

    def __init__(self, label: str) -> None:
        """
        Args:
            label: what is said to every message where nothing is wrong.
        """
        self.label, self.does, self.n_calls, self.lock = label, "right", 0, threading.Lock()
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.port: int = taken.getsockname()[1]

    @contextmanager
    def up(self, does: str) -> Iterator[None]:
        """Answers in one way while the block runs; where it is `down`, not at all.

        Args:
            does: `right`, or one of `ENDPOINTS`.
        """
        self.does = does
        if does == "down":
            yield
            return
        server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        told = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # Head and body in one packet.

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                with told.lock:
                    told.n_calls += 1
                if told.does == "slow":
                    time.sleep(30.0)
                content = told.content()
                self.send_response(500 if told.does == "broken" else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the base class's)
                """Quiet."""

        return Handler

    def content(self) -> bytes:
        """What it sends."""
        if self.does == "garbage":
            return b"\x00<html>no JSON"
        said = {"role": "assistant", "content": "no label at all" if self.does == "wrong" else self.label}
        usage = {"prompt_tokens": 100, "completion_tokens": 1, "total_tokens": 101}
        answer: dict[str, Any] = {"id": "1", "object": "chat.completion", "created": 0, "model": "stub", "usage": usage}
        return json.dumps(answer | {"choices": [{"index": 0, "finish_reason": "stop", "message": said}]}).encode()


def endpoint(does: str, bundle: Path, texts: Sequence[str], *, labels: Sequence[str], seconds: float) -> Measured:
    """A bundle that is never sure asks an endpoint that fails in one way, and later one that is well.

    Args:
        does: one of `ENDPOINTS`.
        bundle: that is served.
        texts: messages.
        labels: of the bundle.
        seconds: of load in each state.
    """
    stub = Endpoint(labels[0])
    with tempfile.TemporaryDirectory() as folder:
        home, unsure = Path(folder) / "home", Path(folder) / MODEL
        shutil.copytree(bundle, unsure)
        tried = Promise(
            max_error=0.02, confidence=0.95, threshold=1.0, n=1, n_answered=1, n_wrong=0, labels=(), tried=()
        )
        add_calibration(unsure, promise=tried, scope=None)
        hosted = {
            "base_url": f"http://127.0.0.1:{stub.port}/v1",
            "model": "stub",
            "price_per_million": {"input": 1.0, "output": 1.0},
            "max_cost": 100.0,
            "timeout_seconds": 5,
        }
        task = {"name": "serving", "data": {"path": "rows.jsonl"}, "target": {"at_least": 0.5}}
        (Path(folder) / "rows.jsonl").write_text("", encoding="utf-8")
        file = Path(folder) / "task.yaml"
        file.write_text(yaml.safe_dump(task | {"hosted": {"stub": hosted}}), encoding="utf-8")
        with served(unsure, "--escalate", "stub", "--task", file, home=home) as up:
            with stub.up(does):
                broken = ask(up, texts, rate=20.0, seconds=seconds, seed=1, of=does)
                n_calls = stub.n_calls
            time.sleep(RESTS_S)
            with stub.up("right"):
                well = ask(up, texts, rate=2.0, seconds=max(seconds, 3.0), seed=2, of="well")
            up.end()
        every = [*broken, *well]
        counted = rows_of(home / "answers.sqlite", home, [one.text for one in every])
        with closing(sqlite3.connect(home / "answers.sqlite")) as connection:
            routes = dict(connection.execute("select route, count(*) from answers group by route").fetchall())
    answered = [one for one in every if one.status == 200]
    return books(every, counted) | {
        "labels_outside": sum(one.label not in labels for one in answered),
        "beyond_the_deadline": sum(one.seconds > LATEST_S for one in answered),
        "calls_while_broken": n_calls,
        "routes": routes,
        "escalated_once_it_was_well": sum(_route(one, labels[0]) for one in well),
        "asked_once_it_was_well": len(well),
    }


def _route(reply: Reply, label: str) -> bool:
    return reply.label == label


def summary(cells: dict[str, Measured]) -> dict[str, Any]:
    """The slowest starts, and everything that is beyond what is promised."""
    starts = {rung: [c["ready_s"] for n, c in cells.items() if n.startswith(f"ready {rung} ")] for rung in RATES}
    kills = {name: cell for name, cell in cells.items() if name.startswith("kill")}
    again = {rung: [c["ready_again_s"] for n, c in kills.items() if n.startswith(f"kill {rung} ")] for rung in RATES}
    parts = [part for cell in kills.values() for part in (cell["before"], cell["after"])]
    parts += [cell for name, cell in cells.items() if name not in kills and "asked" in cell]
    cpu = {rung: [c["ready_cpu_s"] for n, c in cells.items() if n.startswith(f"ready {rung} ")] for rung in RATES}
    return {
        "processor_seconds_of_a_start": {rung: round(min(found), 2) for rung, found in cpu.items() if found},
        "slowest_start_s": {rung: round(max(found), 2) for rung, found in starts.items() if found},
        "slowest_start_after_a_kill_s": {rung: round(max(found), 2) for rung, found in again.items() if found},
        "kills": len(kills),
        "answers": sum(part["answered"] for part in parts),
        "missing_beyond_what_is_promised": sum(part["missing_beyond_what_is_promised"] for part in parts),
        "missing_of_a_last_second": sum(part["missing"] for part in parts),
        "twice": sum(part["twice"] for part in parts),
        "labels_outside": sum(cell.get("labels_outside", 0) for cell in cells.values()),
        "beyond_the_deadline": sum(cell.get("beyond_the_deadline", 0) for cell in cells.values()),
        "cells": cells,
    }


def main() -> None:
    """Runs every fault and prints what was lost."""
    parser = options(__doc__ or "")
    parser.add_argument("--kills", type=int, default=N_KILLS, help="of each rung")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of load in each state")
    parser.add_argument("--rungs", nargs="+", default=list(RATES), choices=list(RATES), help="that are killed")
    given = parser.parse_args()
    data, files = Path(given.data), given.cells.parent
    names = [f"ready {rung} {i}" for rung in given.rungs for i in range(N_STARTS)]
    names += [f"kill {rung} {i} {given.seconds}" for rung in given.rungs for i in range(given.kills)]
    names += [f"{what} tfidf {given.seconds}" for what in ("disk_full", "ledger_gone")]
    names += [f"endpoint tfidf {does} {given.seconds}" for does in ENDPOINTS]

    def run(name: str) -> Measured:
        what, rung, *rest = name.split(" ")
        bundle, texts = bundle_of(rung, data=data, folder=files), texts_of(data)
        if what == "ready":
            return ready(rung, bundle)
        seconds = float(rest[-1])
        if what == "kill":
            return kill(rung, bundle, texts, number=int(rest[0]), seconds=seconds)
        if what == "endpoint":
            return endpoint(rest[0], bundle, texts, labels=pool(SET, data=data).labels, seconds=seconds)
        faults = {"disk_full": disk_full, "ledger_gone": ledger_gone}
        return faults[what](bundle, texts, seconds=seconds)

    print_json(summary(measure(names, run, kept=given.cells)))


if __name__ == "__main__":
    main()
