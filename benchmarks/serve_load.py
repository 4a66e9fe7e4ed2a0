"""A server under load from another process: how much of its engine is left, how long answers take, what it does beyond.

    python benchmarks/serve_load.py --cells bench-out/serve_load.jsonl --data DATA [--minutes 0.2]

A tuned 135M language model behind `suffice serve`; requests of one message each arrive by chance. The engine is the
same bundle in a process of its own, asked for the same messages in one call. Saturation: requests at 1.5 times what the
engine does, and how many are answered in a second. Half: requests at half of what saturation answered. Twice: ten
minutes at twice of it, with the server's memory read every second. Asked: at saturation at least 0.85 of the engine; at
half load a 99th percentile of at most five times the median of requests that come one by one; at twice saturation
memory that stays level and nothing but answers and 429.
"""

from __future__ import annotations

import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from cells import Measured, apart, measure, options, print_json
from serving import BASE, Served, bundle_of, by_chance, chat, latencies, one_by_one, served, texts_of

MINUTES = 25
"""On two cores."""
N_REPEATS = 3
N_ENGINE, N_SINGLE = 2_048, 200
STRETCH_S, TWICE_S, SETTLES_S = 60.0, 600.0, 10.0
"""Of saturation and of half load, of twice saturation, and what does not count at the beginning of a stretch: queues
fill and buffers grow."""
OVERLOAD = 1.5
MODEL = "clerk"


def engine(bundle: str, texts: list[str]) -> Measured:
    """Messages that a bundle answers in a second where it is given all of them at once.

    Args:
        bundle: its folder.
        texts: messages; as many as are scored together go before, untimed.
    """
    from suffice.bundles import load_bundle  # noqa: PLC0415

    classifier = load_bundle(bundle)
    classifier.classify(texts[:256])
    began = time.perf_counter()
    classifier.classify(texts)
    return {"per_second": len(texts) / (time.perf_counter() - began)}


class Watched:
    """A server's memory, read every second."""

    def __init__(self, up: Served) -> None:
        """
        Args:
            up: the server.
        """
        self.bytes: list[int] = []
        self._up, self._ends = up, threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._ends.wait(1.0):
            self.bytes.append(self._up.memory_bytes)

    def growth_mb_per_minute(self) -> float:
        """Slope of a line through what was read after the first fifth."""
        kept = np.array(self.bytes[len(self.bytes) // 5 :]) / 1e6
        return float(np.polyfit(np.arange(len(kept)) / 60.0, kept, 1)[0]) if len(kept) > 2 else 0.0


def repeat(number: int, bundle: Path, texts: list[str], *, minutes: float) -> Measured:
    """Engine, one by one, saturation and half load, one after another.

    Args:
        number: of the repeat: decides arrivals and messages.
        bundle: that is served.
        texts: messages.
        minutes: of each stretch, beside the full minute.
    """
    some = [texts[i] for i in np.random.default_rng(number).permutation(len(texts))]
    n, seconds = max(256, int(N_ENGINE * minutes)), STRETCH_S * minutes
    alone = apart(engine, str(bundle), (some * (n // len(some) + 1))[:n])["per_second"]
    with tempfile.TemporaryDirectory() as home, served(f"{MODEL}={bundle}", home=Path(home)) as up:
        one_by_one(up.address, some[:20], body=chat(MODEL))
        single = one_by_one(up.address, some[20 : 20 + int(N_SINGLE * min(minutes, 1.0))], body=chat(MODEL))
        skipped = min(SETTLES_S, seconds / 3)
        full = by_chance(up.address, some, rate=OVERLOAD * alone, seconds=seconds, seed=number, body=chat(MODEL))
        answered = full.answered_per_second(skip_s=skipped)
        half = by_chance(up.address, some, rate=answered / 2, seconds=seconds, seed=number + 100, body=chat(MODEL))
        up.end()
    found = {"single": latencies(single), "saturation": latencies(full), "half": latencies(half)}
    return {"engine_per_second": alone, "answered_per_second": answered, **found}


def twice(rate: float, bundle: Path, texts: list[str], *, seconds: float) -> Measured:
    """Twice what the server can do.

    Args:
        rate: requests a second.
        bundle: that is served.
        texts: messages.
        seconds: how long.
    """
    with tempfile.TemporaryDirectory() as home, served(f"{MODEL}={bundle}", home=Path(home)) as up:
        one_by_one(up.address, texts[:20], body=chat(MODEL))
        with Watched(up) as memory:
            load = by_chance(up.address, texts, rate=rate, seconds=seconds, seed=0, body=chat(MODEL))
        after = one_by_one(up.address, texts[:20], body=chat(MODEL))
        up.end()
    return {
        "rate": rate,
        "seconds": seconds,
        **latencies(load),
        "answered_per_second": load.answered_per_second(skip_s=min(SETTLES_S, seconds / 3)),
        "memory_mb": [round(memory.bytes[i] / 1e6, 1) for i in np.linspace(0, len(memory.bytes) - 1, 13).astype(int)],
        "growth_mb_per_minute": memory.growth_mb_per_minute(),
        "afterwards": latencies(after),
    }


def summary(cells: dict[str, Measured]) -> dict[str, Any]:
    """The three ratios that are asked, and what came at twice saturation."""
    repeats = [cell for name, cell in cells.items() if name.startswith("repeat")]
    (over,) = [cell for name, cell in cells.items() if name.startswith("twice")]
    of_engine = [one["answered_per_second"] / one["engine_per_second"] for one in repeats]
    times = [one["half"]["p99_ms"] / one["single"]["p50_ms"] for one in repeats]
    others = {status: n for status, n in over["statuses"].items() if status not in {"200", "429"}}
    return {
        "of_the_engine": {"median": round(float(np.median(of_engine)), 3), "each": [round(x, 3) for x in of_engine]},
        "p99_at_half_over_single_p50": {
            "median": round(float(np.median(times)), 2),
            "each": [round(x, 2) for x in times],
        },
        "neither_answered_nor_429": others,
        "growth_mb_per_minute": round(over["growth_mb_per_minute"], 2),
        "cells": cells,
    }


def main() -> None:
    """Measures the cells that are missing and prints all."""
    parser = options(__doc__ or "")
    parser.add_argument(
        "--minutes", type=float, default=1.0, help="of each stretch; twice saturation takes ten times it"
    )
    parser.add_argument("--repeats", type=int, default=N_REPEATS)
    given = parser.parse_args()
    data, files = Path(given.data), given.cells.parent
    texts = list(texts_of(data))
    repeats = [f"repeat {number} {given.minutes}" for number in range(given.repeats)]

    def run(name: str) -> Measured:
        what, number, minutes = name.split(" ")
        bundle = bundle_of(BASE, data=data, folder=files)
        if what == "repeat":
            return repeat(int(number), bundle, texts, minutes=float(minutes))
        return twice(float(number), bundle, texts, seconds=TWICE_S * float(minutes))

    cells = measure(repeats, run, kept=given.cells)
    rate = round(2.0 * float(np.median([cell["answered_per_second"] for cell in cells.values()])), 1)
    print_json(summary(cells | measure([f"twice {rate} {given.minutes}"], run, kept=given.cells)))


if __name__ == "__main__":
    main()
