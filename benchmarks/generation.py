"""Completions of many questions: ours against transformers' `generate`, batched, in the same run.

SmolLM2-135M on GSM8K's test questions through its chat template, greedy, the sides by turns of a repeat each. `fixed`
writes as many tokens for every row, so that both sides do the same work; `free` lets a row end where the model ends
it, at the latest there. The other side is given batches of as many rows as ours has under way, sorted by length,
padded on the left, with PyTorch's own attention, in float32 and in bfloat16; the better one counts. Both sides keep
the memory that they free.

Bar: 1,000 completions of 150 tokens in under ten minutes on two cores: the cell `whole`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from cells import Measured, measure, options, print_json
from ratios import machine, ratio
from tasks import here

from suffice.base_models import Causal, Format, load_causal, locate
from suffice.base_models.memory import keep_freed_memory
from suffice.kinds.prompts import ChatMessage, ChatPrompt
from suffice.predict.chat import prompt_ids
from suffice.predict.completer import Asked, Completer, shared_beginning
from suffice.records.completion import Decoding
from suffice.records.progress import SILENT

MINUTES = 40
"""On two cores, at the sizes that it has unless told otherwise."""
BASE = "smollm2-135m"
INSTRUCTION = "Solve the problem step by step. End with a line that has #### and the answer as a number."
ROWS_AT_ONCE = 64
N_WARM = 4
"""Rows that warm up."""
N_WARM_TOKENS = 4
SIDES = ("ours, bf16", "generate, bf16", "generate, fp32")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sizes:
    """How much is written."""

    repeats: int
    """Of either side."""
    rows: int
    """In one repeat."""
    whole: int
    """Rows of the one cell in which ours writes all."""
    tokens: int
    """For every row, or at most."""

    def names(self) -> list[str]:
        """One for each cell, in order."""
        size = f"{self.rows} rows, {self.tokens} tokens"
        turns = [
            f"{mode}, {size}, {side}, {repeat}"
            for repeat in range(self.repeats)
            for mode in ("fixed", "free")
            for side in SIDES
        ]
        return ["machine", *turns, f"whole, {self.whole} rows, {self.tokens} tokens, ours, bf16, 0"]


def cell(name: str, data: Path) -> Measured:
    """One side in one repeat."""
    if name == "machine":
        return machine()
    mode, rows, tokens, side, precision, repeat = name.split(", ")
    n_rows, n_tokens = (int(given.partition(" ")[0]) for given in (rows, tokens))
    keep_freed_memory()
    stored: Format = "bf16" if precision == "bf16" else "fp32"
    loaded = load_causal(locate(here(BASE) or BASE, progress=SILENT), precision=stored)
    prompts = _prompts(loaded, data, n=n_rows + N_WARM, seed=int(repeat))
    warm, timed = prompts[:N_WARM], prompts[N_WARM:]
    write = _ours(loaded, ends=mode == "free") if side == "ours" else _generate(loaded, ends=mode == "free")
    write(warm, N_WARM_TOKENS)
    began = time.perf_counter()
    written = write(timed, n_tokens)
    seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "rows_per_second": len(timed) / seconds,
        "tokens_per_second": sum(written) / seconds,
        "tokens_per_row": float(np.mean(written)),
        "prompt_tokens": float(np.mean([len(one.tokens) for one in timed])),
        "shared_tokens": len(shared_beginning([one.tokens for one in timed])),
    }


def _prompts(loaded: Causal, data: Path, *, n: int, seed: int) -> list[Asked]:
    with (data / "gsm8k" / "gsm8k.jsonl").open(encoding="utf-8") as file:
        questions = [row["question"] for row in map(json.loads, file) if row["split"] == "test"]
    some = [questions[i] for i in np.random.default_rng(seed).permutation(len(questions))[:n].tolist()]
    told = ChatMessage(role="system", content=INSTRUCTION)
    asked = [
        ChatPrompt(messages=(told, ChatMessage(role="user", content=question)), plain=f"{INSTRUCTION}\n\n{question}\n")
        for question in some
    ]
    return [Asked(id=str(number), tokens=ids) for number, ids in enumerate(prompt_ids(loaded.tokenizer, asked))]


def _ours(loaded: Causal, *, ends: bool) -> Any:
    completer = Completer(loaded, n_rows=ROWS_AT_ONCE)
    if not ends:
        completer.ends = ()

    def write(asked: Sequence[Asked], n_tokens: int) -> list[int]:
        before = shared_beginning([one.tokens for one in asked])
        decoding = Decoding(max_new_tokens=n_tokens)
        return [one.n_tokens for one in completer.complete(asked, before=before, decoding=decoding)]

    return write


def _generate(loaded: Causal, *, ends: bool) -> Any:
    model: Any = loaded.model
    model.set_attn_implementation("sdpa")
    eos = model.generation_config.eos_token_id

    def write(asked: Sequence[Asked], n_tokens: int) -> list[int]:
        rows = sorted((one.tokens for one in asked), key=len)
        written: list[int] = []
        for start in range(0, len(rows), ROWS_AT_ONCE):
            batch = rows[start : start + ROWS_AT_ONCE]
            longest = max(map(len, batch))
            ids = torch.tensor([[0] * (longest - len(row)) + list(row) for row in batch])
            seen = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in batch])
            least = {} if ends else {"min_new_tokens": n_tokens}
            with torch.inference_mode():
                out = model.generate(
                    input_ids=ids,
                    attention_mask=seen,
                    max_new_tokens=n_tokens,
                    do_sample=False,
                    pad_token_id=loaded.tokenizer.pad_token_id,
                    **least,
                )
            written += [_n_written(row, eos) if ends else len(row) for row in out[:, longest:].tolist()]
        return written

    return write


def _n_written(tokens: list[int], eos: int | list[int]) -> int:
    """Tokens up to the first one that ends, that one included; what is behind it is padding."""
    ends = {eos} if isinstance(eos, int) else set(eos)
    return next((number for number, token in enumerate(tokens, start=1) if token in ends), len(tokens))


def summary(cells: dict[str, Measured], sizes: Sizes) -> dict[str, Any]:
    """What either side writes in a second, and how many times the other's better precision ours is."""
    said: dict[str, Any] = {}
    for mode in ("fixed", "free"):
        size = f"{mode}, {sizes.rows} rows, {sizes.tokens} tokens"
        of = {side: [cells[f"{size}, {side}, {r}"] for r in range(sizes.repeats)] for side in SIDES}
        median = {
            side: {
                key: round(float(np.median([one[key] for one in found])), 2)
                for key in ("rows_per_second", "tokens_per_second", "tokens_per_row")
            }
            for side, found in of.items()
        }
        best = max(SIDES[1:], key=lambda side: median[side]["rows_per_second"])
        said[mode] = median | {
            "ours_is_faster": {"than": best}
            | ratio([one["rows_per_second"] for one in of[SIDES[0]]], [one["rows_per_second"] for one in of[best]])
        }
    (whole,) = (found for name, found in cells.items() if name.startswith(f"whole, {sizes.whole} rows"))
    return {
        "machine": cells["machine"],
        "settings": {
            "all": f"{BASE}, GSM8K's test questions through the chat template, greedy, {ROWS_AT_ONCE} rows at once",
            "ours": "bf16; what all prompts begin with computed once; a row that ends makes way for the next",
            "generate": "transformers, sdpa, rows sorted by length and padded on the left; the better precision counts",
            "prompt_tokens": round(whole["prompt_tokens"], 1),
            "shared_tokens": whole["shared_tokens"],
        },
        "generation": said,
        "whole": {"rows": sizes.whole, "tokens": sizes.tokens, "minutes": round(whole["seconds"] / 60.0, 2)},
    }


def with_sizes(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Adds how much is to be written."""
    parser.add_argument("--repeats", type=int, default=3, help="of either side, by turns")
    parser.add_argument("--rows", type=int, default=128, help="in one repeat")
    parser.add_argument("--whole", type=int, default=1_000, help="rows that ours writes in one go")
    parser.add_argument("--tokens", type=int, default=150, help="that are written for every row")
    return parser


def main() -> None:
    """Measures the cells that are missing and prints all."""
    given = with_sizes(options(__doc__ or "")).parse_args()
    sizes = Sizes(repeats=given.repeats, rows=given.rows, whole=given.whole, tokens=given.tokens)
    print_json(summary(measure(sizes.names(), lambda name: cell(name, given.data), kept=given.cells), sizes))


if __name__ == "__main__":
    main()
