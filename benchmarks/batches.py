"""Batches of messages behind an instruction of some sixty tokens: ours against other engines with the same weights.

One specialist is tuned on Banking77 (SmolLM2-135M, 77 labels) and answers test messages with its labels' tokens; ours
in bfloat16, the peers from the merged model as a folder, what they convert a folder into, or a GGUF file. Tokenising is
timed on no side. Each peer tries a few settings once, on some messages; the fastest whose accuracy there is within two
points of ours goes into the repeats, by turns, each side in a process of its own.

Five of its minutes tune the specialist.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from cells import Measured, apart, measure, options, print_json
from merged import BASE, CLOSED, FOLDER, N_TRAIN, SCHEDULE, frozen, specialist
from peers import ask, installed, with_peers
from ratios import machine, ratio
from tasks import SHORT, Banking77, Prompted

from suffice.predict.batching import score_all

MINUTES = 19
N_REPEATS, N_MESSAGES, N_TRIED, N_WARM = 5, 512, 256, 64
EQUAL = 0.02
"""The most by which a peer's accuracy may fall behind ours on the messages on which it tries a setting."""


def _llama(kind: str, *, rows: int, unified: bool = True, flash: bool = True, ubatch: int = 512) -> Measured:
    return {"form": f"{kind}.gguf", "settings": {"rows": rows, "unified": unified, "flash": flash, "ubatch": ubatch}}


def _openvino(weights: str, *, batched_tokens: int = 2_048, **properties: Any) -> Measured:
    return {
        "form": CLOSED,
        "settings": {
            "weights": weights,
            "rows": 256,
            "batched_tokens": batched_tokens,
            "properties": properties,
        },
    }


def _vllm(**settings: Any) -> Measured:
    return {"form": FOLDER, "settings": settings}


TRIED: dict[str, dict[str, Measured]] = {
    "llama.cpp": {
        "q8_0, 8 rows": _llama("q8_0", rows=8),
        "q8_0, 16 rows": _llama("q8_0", rows=16),
        "q8_0, 32 rows": _llama("q8_0", rows=32, ubatch=1_024),
        "q8_0, 16 rows, no flash attention": _llama("q8_0", rows=16, flash=False),
        "q8_0, 16 rows, a stream each": _llama("q8_0", rows=16, unified=False),
        "bf16, 16 rows": _llama("bf16", rows=16),
        "bf16, 32 rows": _llama("bf16", rows=32, ubatch=1_024),
        "bf16, 64 rows": _llama("bf16", rows=64, ubatch=2_048),
        "bf16, 128 rows": _llama("bf16", rows=128, ubatch=2_048),
        "f16, 16 rows": _llama("f16", rows=16),
    },
    "OpenVINO GenAI": {
        "f16, computed in bf16": _openvino("fp16", INFERENCE_PRECISION_HINT="bf16"),
        "f16, computed in bf16, 512 tokens at once": _openvino(
            "fp16", batched_tokens=512, INFERENCE_PRECISION_HINT="bf16"
        ),
        "int8": _openvino("int8"),
        "int8, 512 tokens at once": _openvino("int8", batched_tokens=512),
        "int8, activations not quantised": _openvino("int8", DYNAMIC_QUANTIZATION_GROUP_SIZE="0"),
    },
    "vLLM": {
        "bf16": _vllm(block_size=32, max_num_batched_tokens=2_048, max_num_seqs=128),
        "bf16, more at once": _vllm(block_size=32, max_num_batched_tokens=8_192, max_num_seqs=256),
        "bf16, eager": _vllm(block_size=32, max_num_batched_tokens=2_048, max_num_seqs=128, enforce_eager=True),
    },
}
"""Settings of each peer."""


class Benchmark:
    """What the cells share."""

    def __init__(self, data: Path, *, folder: Path, pythons: dict[str, Path]) -> None:
        """
        Args:
            data: folder of the data sets.
            folder: of the specialist.
            pythons: in which each peer is installed.
        """
        self.data, self.folder, self.pythons = data, folder, pythons

    def cell(self, name: str) -> Measured:
        """Figures of one cell."""
        if name == "machine":
            return machine()
        what, side, *more = name.split("; ")
        n = N_TRIED if what == "try" else N_MESSAGES
        seed = N_REPEATS if what == "try" else int(more[-1])
        test = Banking77.read(self.data, "test")
        some = np.random.default_rng(seed).permutation(len(test.texts))[: N_WARM + n].tolist()
        texts, y = [test.texts[i] for i in some], [test.y[i] for i in some[N_WARM:]]
        try:
            answered = apart(self._ours, texts) if side == "ours" else self._peer(side, more[0], texts, test)
        except RuntimeError as error:
            if what != "try":
                raise
            return {"failed": str(error)}
        right = np.array(answered["answers"]) == np.array(y)
        return answered | {"per_second": n / answered["seconds"], "accuracy": float(right.mean())}

    def _ours(self, texts: list[str]) -> Measured:
        scorer = frozen(self.folder, self.data)
        rows = [row.ids for row in scorer.tokenise(texts)]
        score_all(scorer, rows[:N_WARM])
        start = time.perf_counter()
        codes = score_all(scorer, rows[N_WARM:]).argmax(axis=1)
        return {"seconds": time.perf_counter() - start, "answers": codes.tolist()}

    def _peer(self, side: str, setting: str, texts: list[str], test: Banking77) -> Measured:
        prompted = Prompted.load(BASE, SHORT, test.labels, precision="bf16")
        frame, given = prompted.around(), TRIED[side][setting]
        rows = [list(row.ids) for row in frame.tokenise(texts)]
        return ask(
            side,
            self.pythons[side],
            {
                "what": "batches",
                "model": str(self.folder / given["form"]),
                "settings": given["settings"],
                "before": list(frame.before),
                "labels": list(prompted.tokens.ids),
                "warm": rows[:N_WARM],
                "timed": rows[N_WARM:],
            },
        )


def best_settings(cells: dict[str, Measured], sides: Iterable[str]) -> dict[str, str]:
    """The setting of each peer that goes into the repeats: the fastest that is as accurate as ours.

    Args:
        cells: those of trying.
        sides: peers; one none of whose settings ran and was as accurate is left out.
    """
    floor = cells["try; ours"]["accuracy"] - EQUAL
    chosen = {}
    for side in sides:
        ran = {setting: cells[f"try; {side}; {setting}"] for setting in TRIED[side]}
        fit = {setting: c["per_second"] for setting, c in ran.items() if c.get("accuracy", 0.0) >= floor}
        if fit:
            chosen[side] = max(fit, key=lambda setting: fit[setting])
    return chosen


def summary(cells: dict[str, Measured], chosen: dict[str, str], not_run: list[dict[str, str]]) -> dict[str, Any]:
    """How many times as many messages a second as each peer."""
    ours = [cells[f"speed; ours; {r}"] for r in range(N_REPEATS)]
    sides = {}
    for side, setting in chosen.items():
        theirs = [cells[f"speed; {side}; {setting}; {r}"] for r in range(N_REPEATS)]
        sides[side] = {"setting": setting} | _of(theirs)
        sides[side]["same_label_as_ours"] = round(float(np.mean(_all(theirs) == _all(ours))), 4)
        sides[side]["ours_is_faster"] = ratio(
            [one["per_second"] for one in ours], [one["per_second"] for one in theirs]
        )
    best = max(sides, key=lambda side: sides[side]["per_second"], default=None)
    return {
        "machine": cells["machine"],
        "settings": {
            "all": f"{BASE} tuned on {N_TRAIN} rows in {SCHEDULE.epochs} epochs, {N_MESSAGES} messages a repeat, "
            "tokenised before",
            "ours": "bf16, adapter merged, instruction cached, packed by length, logits of the labels' tokens",
            "peers": {side: TRIED[side][setting] for side, setting in chosen.items()},
        },
        "ours": _of(ours),
        "peers": sides,
        "over_best_peer": {"peer": best, **sides[best]["ours_is_faster"]} if best else None,
        "tried": {name: _shown(cell) for name, cell in cells.items() if name.startswith("try")},
        "not_run": not_run,
    }


def _shown(cell: Measured) -> Measured:
    return {key: cell[key] for key in ("failed", "per_second", "accuracy") if key in cell}


def _of(repeats: list[Measured]) -> Measured:
    return {
        "per_second": round(float(np.median([one["per_second"] for one in repeats])), 1),
        "accuracy": round(float(np.mean([one["accuracy"] for one in repeats])), 4),
    }


def _all(repeats: list[Measured]) -> Any:
    return np.concatenate([one["answers"] for one in repeats])


def main() -> None:
    """Measures the cells that are missing and prints all."""
    given = with_peers(options(__doc__ or "")).parse_args()
    pythons, not_run = installed(given.peers)
    folder = specialist(given.cells.parent / "specialist", given.data)
    benchmark = Benchmark(given.data, folder=folder, pythons=pythons)
    tries = ["machine", "try; ours"] + [f"try; {side}; {setting}" for side in pythons for setting in TRIED[side]]
    cells = measure(tries, benchmark.cell, kept=given.cells)
    chosen = best_settings(cells, pythons)
    not_run += [{"name": side, "why": "no setting ran and was as accurate"} for side in pythons if side not in chosen]
    names = []
    for repeat in range(N_REPEATS):
        names.append(f"speed; ours; {repeat}")
        names += [f"speed; {side}; {setting}; {repeat}" for side, setting in chosen.items()]
    cells |= measure(names, benchmark.cell, kept=given.cells)
    print_json(summary(cells, chosen, not_run))


if __name__ == "__main__":
    main()
