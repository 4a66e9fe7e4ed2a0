"""One message behind an instruction of some four hundred and eighty tokens: ours against generation.

SmolLM2-135M on Banking77's test messages, tokenised before, one at a time, warm, the sides by turns of a repeat each. A
peer writes the label's name, as many tokens as that has; and, without a bar, a single token as we do. Peers in float32
and in bfloat16: `generate` on the whole prompt, `generate` with the instruction's cache kept by the caller, a plain
forward pass behind that cache, and llama.cpp (Q8_0, prompt cache) where it is installed. Under a grammar of the labels
it writes the name that it finds likeliest, and one token more to see that the name has ended; without one, as many
tokens as the others.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from cells import Measured, measure, options, print_json
from merged import write_gguf
from peers import ask, installed, with_peers
from ratios import machine, ratio
from tasks import Banking77, Prompted
from transformers import DynamicCache

MINUTES = 13
"""On two cores."""
BASE = "smollm2-135m"
N_REPEATS = 5
N_MESSAGES = {"ours": 200, "forward": 30, "cached": 12, "generate": 5, "llama.cpp": 12, "llama.cpp without grammar": 30}
"""Timed in one repeat, by what it costs; three more warm up."""
PEERS = ("generate", "cached", "forward")
PRECISIONS = ("fp32", "bf16")
LLAMA, FREE = "llama.cpp", "llama.cpp without grammar"
FLASH = {"q8_0": True, "q8_0 without flash attention": False}
"""How llama.cpp computes, beside the other peers' precisions."""
MOST_TOKENS = 32
"""Of a label's name."""


def cell(name: str, data: Path, *, llama: Path | None, files: Path) -> Measured:
    """Latencies of one side in one repeat."""
    if name == "machine":
        return machine()
    side, precision, answer, repeat = name.split(", ")
    test = Banking77.read(data, "test")
    some = np.random.default_rng(int(repeat)).permutation(len(test.texts))[: N_MESSAGES[side] + 3].tolist()
    stored: Any = "bf16" if precision in FLASH else precision
    prompted = Prompted.load(BASE, test.instruction("long"), test.labels, precision=stored)
    names = [prompted.loaded.tokenizer(f" {name.replace('_', ' ')}").input_ids for name in test.labels.names]
    n_new = [1 if answer == "token" else len(names[test.y[i]]) for i in some]
    if precision in FLASH:
        assert llama is not None, "a peer that is not installed is not asked"
        written = {"lengths": n_new} if side == FREE else _names(prompted, test, answer=answer)
        prompts = [prompted.whole(test.texts[i]) for i in some]
        request = {"what": "one", "model": _file(prompted, files), "prompts": prompts, "flash": FLASH[precision]}
        answered = ask(LLAMA, llama, request | written)
        return _latencies(answered["seconds"], answered["new_tokens"])
    told = _ours(prompted) if side == "ours" else _peer(prompted, side)
    texts = [test.texts[i] for i in some]
    rows = prompted.around().tokenise(texts) if side == "ours" else [prompted.whole(text) for text in texts]
    seconds = []
    with torch.inference_mode():
        for row, n in zip(rows, n_new, strict=True):
            start = time.perf_counter()
            told(row, n)
            seconds.append(time.perf_counter() - start)
    return _latencies(seconds, n_new) | {"prefix_tokens": len(prompted.around().before)}


def _latencies(seconds: list[float], n_new: list[int]) -> Measured:
    kept = np.array(seconds[3:]) * 1e3
    return {
        "p50_ms": float(np.median(kept)),
        "p99_ms": float(np.quantile(kept, 0.99)),
        "n": len(kept),
        "mean_new_tokens": float(np.mean(n_new[3:])),
    }


def _names(prompted: Prompted, test: Banking77, *, answer: str) -> dict[str, Any]:
    """What llama.cpp may write."""
    if answer == "token":
        return {"names": prompted.tokens.strings, "most": 1}
    return {"names": [f" {name.replace('_', ' ')}" for name in test.labels.names], "most": MOST_TOKENS}


def _file(prompted: Prompted, files: Path) -> str:
    """The base alone as llama.cpp reads it: what it says matters to its speed only by how many tokens that has."""
    files.mkdir(parents=True, exist_ok=True)
    if not (model := files / "q8_0.gguf").exists():
        write_gguf(prompted.loaded.files.folder, model, kind="q8_0")
    return str(model)


def _ours(prompted: Prompted) -> Callable[[Any, int], Any]:
    scorer = prompted.scorer()
    scorer.freeze()
    return lambda row, _: scorer.logits([row.ids]).argmax()


def _peer(prompted: Prompted, side: str) -> Callable[[list[int], int], Any]:
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
        return generate
    with torch.inference_mode():
        kept = DynamicCache(config=model.config)
        model(input_ids=torch.tensor([tokenizer(prompted.frame.before).input_ids]), past_key_values=kept)
    if side == "cached":
        return lambda ids, n: generate(ids, n, past_key_values=copy.deepcopy(kept))
    n_before = kept.get_seq_length()

    def forward(ids: list[int], _: int) -> Any:
        rest = torch.tensor([ids[n_before:]])
        return model(input_ids=rest, past_key_values=copy.deepcopy(kept)).logits[0, -1].argmax()

    return forward


def summary(cells: dict[str, Measured], not_run: list[dict[str, str]]) -> dict[str, Any]:
    """Our latency, and how many times a peer's it is, each peer at its better precision."""
    ours = [cells[f"ours, bf16, token, {r}"] for r in range(N_REPEATS)]
    table: dict[str, Any] = {
        "ours": {key: round(float(np.median([one[key] for one in ours])), 1) for key in ("p50_ms", "p99_ms")}
        | {"p99_over_p50": ratio([one["p99_ms"] for one in ours], [one["p50_ms"] for one in ours])}
    }
    for answer in ("name", "token"):
        for side in (*PEERS, LLAMA, FREE):
            found = {
                precision: [cells[f"{side}, {precision}, {answer}, {r}"] for r in range(N_REPEATS)]
                for precision in (*PRECISIONS, *FLASH)
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
    return {
        "machine": cells["machine"],
        "settings": {
            "all": f"{BASE}, one message at a time, tokenised before; a side's messages of a repeat one after another",
            "ours": "bf16, adapter of rank 16 merged, instruction cached, logits of the labels' tokens",
            "generate": "transformers, greedy, sdpa, float32 and bf16; the better one counts",
            "cached": "the same with a copy of the instruction's cache",
            "forward": "one forward pass of transformers behind a copy of that cache",
            LLAMA: "llama-cpp-python, Q8_0, prompt cache, grammar of the labels; the better attention counts",
            FREE: "the same without a grammar, as many tokens as the name has",
            "prefix_tokens": cells["ours, bf16, token, 0"]["prefix_tokens"],
        },
        "latency": table,
        "not_run": not_run,
    }


def main() -> None:
    """Measures the cells that are missing and prints all."""
    given = with_peers(options(__doc__ or "")).parse_args()
    pythons, missing = installed(given.peers)
    llama, files = pythons.get(LLAMA), given.cells.parent / "base"
    names = ["machine"]
    for repeat in range(N_REPEATS):
        names.append(f"ours, bf16, token, {repeat}")
        names += [f"{side}, {p}, name, {repeat}" for side in ("generate", "cached") for p in PRECISIONS]
        names += [f"{side}, {p}, token, {repeat}" for side in PEERS for p in PRECISIONS]
        if llama:
            names += [f"{s}, {f}, {a}, {repeat}" for s in (LLAMA, FREE) for f in FLASH for a in ("name", "token")]
    cells = measure(names, lambda name: cell(name, given.data, llama=llama, files=files), kept=given.cells)
    print_json(summary(cells, [one for one in missing if one["name"] == LLAMA]))


if __name__ == "__main__":
    main()
