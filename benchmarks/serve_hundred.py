"""A hundred bundles of one base behind one server: what they take of memory, and what a random one costs.

    python benchmarks/serve_hundred.py --cells bench-out/serve_hundred.jsonl --data DATA [--bundles 5 --requests 20]

A hundred copies of one tuned 135M language model, each with adapter weights of its own. Two servers are up side by
side, one with one bundle and one with all, and requests that come one by one go to them by turns; to the second, each
to a bundle by chance. Memory is read after one request to every bundle, which computes its instruction's cache. Asked:
memory under that of the server with one bundle, plus a hundred times adapter and instruction's cache, plus 300 MB; a
median of at most 1.25 times that of one bundle and a 99th percentile of at most 1.4 times.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from cells import Measured, measure, options, print_json
from ratios import ratio
from serving import BASE, Load, Served, bundle_of, chat, copies_of, one_by_one, served, texts_of

MINUTES = 12
"""On two cores."""
N_REPEATS, N_BUNDLES, N_REQUESTS, N_WARM, TURN = 5, 100, 200, 20, 10
"""Requests of one side in a repeat, those that go before, and how many go to one side before it is the other's turn."""
ROOM_MB = 300.0


def repeat(number: int, bundles: list[Path], texts: list[str], *, n_requests: int) -> Measured:
    """Latencies of both sides, and what both take.

    Args:
        number: of the repeat: decides which bundle is asked what.
        bundles: the second side's; the first one has the first of them.
        texts: messages.
        n_requests: of each side.
    """
    draw = random.Random(number)  # noqa: S311
    some = draw.sample(texts, N_WARM + n_requests)
    with (
        tempfile.TemporaryDirectory() as home,
        served(bundles[0], home=Path(home) / "one") as one,
        served(*bundles, home=Path(home) / "all") as every,
    ):
        for bundle in bundles:
            _asked(every, [bundle], some[:1], draw)
        _asked(one, bundles[:1], some[:N_WARM], draw)
        memory = {"one_mb": one.memory_bytes / 1e6, "all_mb": every.memory_bytes / 1e6}
        seconds: dict[str, list[float]] = {"one": [], "all": []}
        for start in range(N_WARM, len(some), TURN):
            turn = some[start : start + TURN]
            seconds["one"] += _seconds(_asked(one, bundles[:1], turn, draw))
            seconds["all"] += _seconds(_asked(every, bundles, turn, draw))
        ready = {"one_ready_s": one.ready_s, "all_ready_s": every.ready_s}
        every.end()
        one.end()
    found = {f"{side}_p{q}_ms": float(np.quantile(of, q / 100)) * 1e3 for side, of in seconds.items() for q in (50, 99)}
    return found | memory | ready


def _asked(up: Served, bundles: list[Path], texts: list[str], draw: random.Random) -> Load:
    chosen = [draw.choice(bundles).name for _ in texts]
    return one_by_one(up.address, texts, body=lambda text, i: chat(chosen[i])(text, i))


def _seconds(load: Load) -> list[float]:
    assert set(load.statuses) == {200}, load.statuses
    return [reply.seconds for reply in load.replies]


def own_mb(bundle: Path) -> Measured:
    """What a bundle takes beside its base: its adapter as it lies in its file, and the cache of its instruction.

    Args:
        bundle: of a tuned language model.
    """
    from suffice.bundles import load_bundle  # noqa: PLC0415
    from suffice.rungs.shared_bases import Beside, OnSharedBase, SharedBases  # noqa: PLC0415

    rung = load_bundle(bundle, on_base=SharedBases().load).rung
    assert isinstance(rung, OnSharedBase)
    assert isinstance(rung.form, Beside)
    config = rung.form.base._loaded.model.config
    heads, size = config.num_key_value_heads, config.hidden_size // config.num_attention_heads
    n_tokens = len(rung.form.resident.frame.before)
    width = 2 if rung.precision == "bf16" else 4
    cache = 2 * config.num_hidden_layers * heads * size * n_tokens * width
    adapter = (bundle / "model" / "adapter_model.safetensors").stat().st_size
    return {"adapter_mb": adapter / 1e6, "instruction_mb": cache / 1e6, "instruction_tokens": n_tokens}


def summary(cells: dict[str, Measured]) -> dict[str, Any]:
    """Memory beside what is allowed, and how many times longer a request takes."""
    own, repeats = cells["own"], [cell for name, cell in cells.items() if name != "own"]
    n = int(next(name for name in cells if name != "own").split(" ")[2])
    one, every = (float(np.median([cell[f"{side}_mb"] for cell in repeats])) for side in ("one", "all"))
    allowed = one + n * (own["adapter_mb"] + own["instruction_mb"]) + ROOM_MB
    return {
        "bundles": n,
        "memory_mb": {"one": round(one), "all": round(every), "allowed": round(allowed)},
        "times_as_long": {
            f"p{q}": ratio([cell[f"all_p{q}_ms"] for cell in repeats], [cell[f"one_p{q}_ms"] for cell in repeats])
            for q in (50, 99)
        },
        "cells": cells,
    }


def main() -> None:
    """Measures the cells that are missing and prints all."""
    parser = options(__doc__ or "")
    parser.add_argument("--bundles", type=int, default=N_BUNDLES, help="of one base")
    parser.add_argument("--requests", type=int, default=N_REQUESTS, help="to each side in a repeat")
    parser.add_argument("--repeats", type=int, default=N_REPEATS)
    given = parser.parse_args()
    data, files = Path(given.data), given.cells.parent
    names = ["own", *(f"repeat {r} {given.bundles} {given.requests}" for r in range(given.repeats))]

    def run(name: str) -> Measured:
        bundle = bundle_of(BASE, data=data, folder=files)
        if name == "own":
            return own_mb(bundle)
        _, number, n, n_requests = name.split(" ")
        bundles = copies_of(bundle, int(n), folder=files / "hundred")
        return repeat(int(number), bundles, list(texts_of(data)), n_requests=int(n_requests))

    print_json(summary(measure(names, run, kept=given.cells)))


if __name__ == "__main__":
    main()
