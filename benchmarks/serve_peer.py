"""The same tuned model behind `suffice serve` and behind the servers that people put it behind now.

    python benchmarks/serve_peer.py --cells bench-out/serve_peer.jsonl --data DATA [--requests 10]

A tuned 135M language model, its adapter merged into its base by `suffice export`, behind `transformers serve` (with and
without continuous batching) and, where `make peers` has installed it, behind vLLM's build for processors; the other
side is the bundle behind `suffice serve`. The peers get the prompt that the model was tuned with, at `/v1/completions`,
greedy, with `max_tokens` 8, as one writes out a label's name, and 1, which is all that this model needs. An answer is
invalid where it does not begin with one of the answers that stand for a label. One request at a time for median and
99th percentile, then sixteen clients side by side for requests a second; sides by turns, each in a process of its own.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from cells import Measured, measure, options, print_json
from peers import PYTHONS
from ratios import ratio
from serving import BASE, SUFFICE, Body, Load, bundle_of, chat, one_by_one, served, texts_of

MINUTES = 30
"""On two cores."""
OURS, TRANSFORMERS, CONTINUOUS, VLLM = (
    "suffice serve",
    "transformers serve",
    "transformers serve --continuous-batching",
    "vllm serve",
)
N_REPEATS, N_REQUESTS, N_AT_ONCE, N_WARM = 3, 100, 16, 3
LENGTHS = (8, 1)
STARTS_S = 300.0
COMPLETIONS = "/v1/completions"


def exported(bundle: Path, folder: Path) -> Path:
    """The merged model, written where there is none yet.

    Args:
        bundle: of a tuned language model.
        folder: where it is kept.
    """
    place = folder / "merged"
    if not (place / "suffice.json").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        command = [SUFFICE, "export", bundle, "--to", "merged", "--out", place]
        subprocess.run(list(map(str, command)), check=True, capture_output=True)
    return place


@contextmanager
def peer(side: str, model: Path) -> Iterator[tuple[str, int]]:
    """A peer's server, up once the block begins; its address.

    Args:
        side: which one.
        model: folder of the merged model.
    """
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    with tempfile.TemporaryFile("w+") as log:
        own = {"HF_HUB_OFFLINE": "1"}
        process = subprocess.Popen(
            _command(side, model, port), env=os.environ | own, stdout=log, stderr=subprocess.STDOUT, text=True
        )
        try:
            _wait(process, port)
            yield "127.0.0.1", port
        except ConnectionError as error:
            log.seek(0)
            raise ConnectionError(log.read()[-2_000:]) from error
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _command(side: str, model: Path, port: int) -> list[str]:
    if side == VLLM:
        python = next(python for python in PYTHONS if (python.parent / "vllm").is_file())
        serve = [str(python.parent / "vllm"), "serve", str(model), "--served-model-name", str(model)]
        return [*serve, "--dtype", "bfloat16", "--max-model-len", "1024", "--port", str(port)]
    serve = [str(Path(sys.executable).with_name("transformers")), "serve", str(model), "--device", "cpu"]
    more = ["--continuous-batching"] if side == CONTINUOUS else []
    return [*serve, "--dtype", "bfloat16", "--port", str(port), "--host", "127.0.0.1", *more]


def _wait(process: subprocess.Popen[str], port: int) -> None:
    began = time.perf_counter()
    while time.perf_counter() - began < STARTS_S and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise ConnectionError(f"no server after {STARTS_S} s")


def completion(model: Path, *, max_tokens: int) -> Body:
    """A request to a peer: the exact prompt, greedy.

    Args:
        model: folder of the merged model.
        max_tokens: of the answer.
    """
    contract = json.loads((model / "suffice.json").read_text(encoding="utf-8"))
    before, after = contract["before"], contract["after"]
    more = {"model": str(model), "max_tokens": max_tokens, "temperature": 0.0}
    return lambda text, _: {"prompt": f"{before} {text.strip()}{after}", **more}


def measured(address: tuple[str, int], texts: Sequence[str], *, body: Body, path: str) -> tuple[Measured, Load]:
    """Latencies of requests one by one, and requests a second of sixteen clients.

    Args:
        address: of a server.
        texts: messages of one part; as many of another follow.
        body: the request of a message.
        path: where it goes.
    """
    n = (len(texts) - N_WARM) // 2
    one_by_one(address, texts[:N_WARM], body=body, path=path)
    alone = one_by_one(address, texts[N_WARM : N_WARM + n], body=body, path=path)
    began = time.perf_counter()
    together = one_by_one(address, texts[N_WARM + n :], body=body, path=path, n_at_once=N_AT_ONCE)
    seconds = time.perf_counter() - began
    every = Load(replies=alone.replies + together.replies)
    found = {
        "p50_ms": alone.latency_ms(0.5),
        "p99_ms": alone.latency_ms(0.99),
        "per_second": together.statuses.get(200, 0) / seconds,
        "statuses": {str(status): n for status, n in every.statuses.items()},
    }
    return found, every


def cell(side: str, max_tokens: int, bundle: Path, texts: Sequence[str], *, folder: Path) -> Measured:
    """One side in one repeat.

    Args:
        side: `OURS` or a peer.
        max_tokens: of a peer's answers.
        bundle: of the tuned model.
        texts: messages.
        folder: where the merged model is kept.
    """
    model = exported(bundle, folder)
    contract = json.loads((model / "suffice.json").read_text(encoding="utf-8"))
    if side == OURS:
        known = set(contract["labels"])
        with tempfile.TemporaryDirectory() as home, served(f"clerk={bundle}", home=Path(home)) as up:
            body = chat("clerk", max_tokens=max_tokens)
            found, every = measured(up.address, texts, body=body, path="/v1/chat/completions")
            up.end()
        return found | {"invalid": sum(one.status == 200 and one.label not in known for one in every.replies)}
    answers = tuple(contract["answers"])
    try:
        with peer(side, model) as address:
            body = completion(model, max_tokens=max_tokens)
            found, every = measured(address, texts, body=body, path=COMPLETIONS)
    except ConnectionError as error:
        return {"not_run": str(error)}
    said = [json.loads(one.body)["choices"][0]["text"] for one in every.replies if one.status == 200]
    return found | {
        "invalid": sum(not _begins(text, answers) for text in said),
        "more_than_a_label": sum(text.strip() not in {one.strip() for one in answers} for text in said),
        "examples": said[:3],
    }


def _begins(text: str, answers: tuple[str, ...]) -> bool:
    return text.lstrip().startswith(tuple(answer.strip() for answer in answers))


def summary(cells: dict[str, Measured]) -> dict[str, Any]:
    """How many times as fast we are as each peer, and how many answers were invalid."""
    by: dict[str, list[Measured]] = {}
    for name, found in cells.items():
        by.setdefault(name.split(", repeat")[0], []).append(found)
    table: dict[str, Any] = {}
    for side, found in by.items():
        length = side.rpartition(", ")[2]
        ours = by[f"{OURS}, {length}"]
        if any("not_run" in one or one["p50_ms"] is None for one in found):
            table[side] = {
                "not_run": next((one["not_run"] for one in found if "not_run" in one), "nothing was answered")
            }
            continue
        table[side] = {
            **{
                key: round(float(np.median([one[key] for one in found])), 1)
                for key in ("p50_ms", "p99_ms", "per_second")
            },
            "invalid": sum(one["invalid"] for one in found),
            "n": sum(sum(one["statuses"].values()) for one in found),
            "ours_is_faster": ratio([one["per_second"] for one in ours], [one["per_second"] for one in found]),
            "ours_answers_sooner": ratio([1 / one["p50_ms"] for one in ours], [1 / one["p50_ms"] for one in found]),
        }
    return {"sides": table, "cells": cells}


def main() -> None:
    """Measures the cells that are missing and prints all."""
    parser = options(__doc__ or "")
    parser.add_argument("--requests", type=int, default=N_REQUESTS, help="one by one, and as many side by side")
    parser.add_argument("--only", nargs="+", help="peers to be asked; by default those that are installed")
    parser.add_argument("--repeats", type=int, default=N_REPEATS)
    parser.add_argument(
        "--bundle", type=Path, help="a well tuned one; by default one is fitted on 160 messages, hastily"
    )
    given = parser.parse_args()
    data, files = Path(given.data), given.cells.parent
    peers = given.only or [TRANSFORMERS, CONTINUOUS]
    if given.only is None and any((python.parent / "vllm").is_file() for python in PYTHONS):
        peers.append(VLLM)
    sides = [(side, n) for n in LENGTHS for side in (OURS, *peers)]
    names = [
        f"{side}, {n} tokens, repeat {r} {given.requests} {given.bundle}"
        for r in range(given.repeats)
        for side, n in sides
    ]
    texts = texts_of(data)

    def run(name: str) -> Measured:
        side, length, last = name.split(", ")
        _, number, n, _ = last.split(" ", 3)
        order = np.random.default_rng(int(number)).permutation(len(texts))[: N_WARM + 2 * int(n)]
        some, bundle = [texts[i] for i in order], given.bundle or bundle_of(BASE, data=data, folder=files)
        folder = files / "exported" / str(bundle.resolve()).strip("/").replace("/", "-")
        return cell(side, int(length.split(" ")[0]), bundle, some, folder=folder)

    print_json(summary(measure(names, run, kept=given.cells)))


if __name__ == "__main__":
    main()
