"""One message behind an instruction of some four hundred tokens: ours against generation.

SmolLM2-135M on Banking77's test messages, one at a time, warm, in one process for each cell. A peer writes the label's
name, as many tokens as that has; and, without a bar, a single token as we do. Peers in float32 and in bfloat16:
`generate` on the whole prompt, `generate` with the instruction's cache kept by the caller, a plain forward pass behind
that cache, and llama.cpp (Q8_0, prompt cache, grammar) where `llama-cpp-python` is installed.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from cells import Measured, measure, options, print_json
from ratios import machine, ratio
from tasks import Banking77, Prompted
from transformers import DynamicCache

MINUTES = 12
"""On two cores."""
BASE = "smollm2-135m"
N_REPEATS = 5
N_MESSAGES = {"ours": 60, "forward": 30, "cached": 12, "generate": 5}
"""Timed in one repeat, by what it costs; three more warm up."""
PEERS = ("generate", "cached", "forward")
PRECISIONS = ("fp32", "bf16")


def cell(name: str, data: Path) -> Measured:
    """Latencies of one side in one repeat."""
    if name == "machine":
        return machine()
    side, precision, answer, repeat = name.split(", ")
    test = Banking77.read(data, "test")
    some = np.random.default_rng(int(repeat)).permutation(len(test.texts))[: N_MESSAGES[side] + 3].tolist()
    prompted = Prompted.load(BASE, test.instruction("long"), test.labels, precision=precision)  # type: ignore[arg-type]
    names = [prompted.loaded.tokenizer(f" {name.replace('_', ' ')}").input_ids for name in test.labels.names]
    n_new = [1 if answer == "token" else len(names[test.y[i]]) for i in some]
    ask = _ours(prompted) if side == "ours" else _peer(prompted, side)
    seconds = []
    with torch.inference_mode():
        for i, n in zip(some, n_new, strict=True):
            start = time.perf_counter()
            ask(test.texts[i], n)
            seconds.append(time.perf_counter() - start)
    kept = np.array(seconds[3:]) * 1e3
    return {
        "p50_ms": float(np.median(kept)),
        "p99_ms": float(np.quantile(kept, 0.99)),
        "n": len(kept),
        "mean_new_tokens": float(np.mean(n_new)),
    }


def _ours(prompted: Prompted) -> Callable[[str, int], Any]:
    scorer = prompted.scorer()
    scorer.freeze()
    return lambda text, _: scorer.logits([scorer.tokenise([text])[0].ids]).argmax()


def _peer(prompted: Prompted, side: str) -> Callable[[str, int], Any]:
    model, tokenizer = prompted.loaded.model, prompted.loaded.tokenizer
    model.set_attn_implementation("sdpa")

    def generate(ids: list[int], n: int, **more: Any) -> Any:
        given = torch.tensor([ids])
        return model.generate(
            input_ids=given,
            attention_mask=torch.ones_like(given),
            max_new_tokens=n,
            min_new_tokens=n,
            do_sample=False,
            pad_token_id=tokenizer.pad_token_id,
            **more,
        )

    if side == "generate":
        return lambda text, n: generate(prompted.whole(text), n)
    with torch.inference_mode():
        kept = DynamicCache(config=model.config)
        model(input_ids=torch.tensor([tokenizer(prompted.frame.before).input_ids]), past_key_values=kept)
    if side == "cached":
        return lambda text, n: generate(prompted.whole(text), n, past_key_values=copy.deepcopy(kept))
    n_before = kept.get_seq_length()

    def forward(text: str, _: int) -> Any:
        ids = torch.tensor([prompted.whole(text)[n_before:]])
        return model(input_ids=ids, past_key_values=copy.deepcopy(kept)).logits[0, -1].argmax()

    return forward


def summary(cells: dict[str, Measured]) -> dict[str, Any]:
    """Our latency, and how many times a peer's it is, each peer at its better precision."""
    ours = [cells[f"ours, bf16, token, {r}"] for r in range(N_REPEATS)]
    table: dict[str, Any] = {
        "ours": {key: round(float(np.median([one[key] for one in ours])), 1) for key in ("p50_ms", "p99_ms")}
    }
    for answer in ("name", "token"):
        for side in PEERS:
            found = {
                precision: [cells[f"{side}, {precision}, {answer}, {r}"] for r in range(N_REPEATS)]
                for precision in PRECISIONS
                if f"{side}, {precision}, {answer}, 0" in cells
            }
            if not found:
                continue
            best = min(found, key=lambda precision: float(np.median([one["p50_ms"] for one in found[precision]])))
            theirs = [1.0 / one["p50_ms"] for one in found[best]]
            table[f"{side}, writes the {answer}"] = {
                "p50_ms": {p: round(float(np.median([one["p50_ms"] for one in of])), 1) for p, of in found.items()},
                "mean_new_tokens": round(float(np.mean([one["mean_new_tokens"] for one in found[best]])), 1),
                "ours_is_faster": ratio([1.0 / one["p50_ms"] for one in ours], theirs),
            }
    not_run = [] if find_spec("llama_cpp") else [{"name": "llama.cpp", "why": "llama-cpp-python is not installed"}]
    return {"machine": cells["machine"], "latency": table, "not_run": not_run}


def main() -> None:
    """Measures the cells that are missing and prints all."""
    given = options(__doc__ or "").parse_args()
    names = ["machine"]
    for repeat in range(N_REPEATS):
        names.append(f"ours, bf16, token, {repeat}")
        names += [f"{side}, {p}, name, {repeat}" for side in ("generate", "cached") for p in PRECISIONS]
        names += [f"{side}, {p}, token, {repeat}" for side in PEERS for p in PRECISIONS]
    print_json(summary(measure(names, lambda name: cell(name, given.data), kept=given.cells)))


if __name__ == "__main__":
    main()
