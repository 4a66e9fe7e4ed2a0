"""Training and classifying on one NVIDIA GPU, against transformers' Trainer with PEFT: one command.

    python benchmarks/gpu.py

Models of three published shapes with random weights, in bfloat16 and packed in four bits: speed does not depend on what
the weights are. Both sides tune the same adapter on the same messages behind the same short instruction, in steps of as
many rows; the peer, which carries the instruction in every row, takes a step in as few parts as fit the GPU. Then
messages are classified, under one adapter, and in batches in which each asks another of 64. Messages are those of
Banking77, or without `SUFFICE_DATA` of the set that ships with the package; the tokenizer is trained on them.

Without a GPU it says so, prints what was not run, and ends with exit code 0. `--device cpu --shape tiny` runs the same
code on a processor in seconds; its figures are marked and mean nothing.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import training
from cells import Measured, measure, options, print_json
from random_models import BASES, SHAPES, linears, messages, prompted
from ratios import machine, ratio
from tasks import LORA, Prompted

from suffice.base_models import four_bit
from suffice.base_models.precision import Device
from suffice.predict.bank import AdapterBank
from suffice.predict.batching import score_all
from suffice.predict.causal import CausalScorer
from suffice.train.rows import TokenRows

MINUTES = 12
"""On one H100, worked out and not measured; seconds without a GPU."""
N_ADAPTERS = 64
N_REPEATS = 5
SIDES, ANSWERING = ("ours", "peer"), ("classify", "mixed")
N_STEPS, N_STEPS_PEER = 8, 4
"""Timed steps, behind some that warm up."""
BATCH, BATCH_TINY = 128, 8
"""Rows of a step."""
N_MESSAGES, N_ALONE = 2_048, 50
"""Classified together, and one at a time, in one repeat."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """What is measured on."""

    data: Path | None
    """Folder of the data sets; None takes the messages that ship with the package."""
    device: Device
    """Where the model computes."""
    shape: str
    """Of the model, a key of `SHAPES`."""
    base: str
    """What its frozen weights are kept in, one of `BASES`."""

    @property
    def batch(self) -> int:
        """Rows of a step."""
        return BATCH_TINY if self.shape == "tiny" else BATCH


def cell(name: str, data: Path | None) -> Measured:
    """One measurement, by what its name says; memory that does not suffice is its result."""
    what, device, *of = name.split(", ")
    if what == "machine":
        return machine(device)  # type: ignore[arg-type]
    setting = Setting(data=data, device=device, shape=of[0], base=of[1])  # type: ignore[arg-type]
    try:
        if what == "train":
            return _ours(setting) if of[2] == "ours" else _peer(setting)
        return _classified(setting) if what == "classify" else _mixed(setting)
    except torch.OutOfMemoryError:
        return {"not_run": "the GPU's memory does not suffice"}
    finally:
        _release()


def _release() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _prompted(setting: Setting, *, ours: bool) -> Prompted:
    return prompted(setting.shape, setting.base, device=setting.device, data=setting.data, ours=ours)


def _rows(data: Path | None, n: int) -> tuple[list[str], list[int]]:
    """Messages with their codes, drawn with seed 0; again from the first where there are fewer."""
    bank = messages(data)
    order = np.random.default_rng(0).permutation(len(bank.texts)).tolist()
    some = [order[i % len(order)] for i in range(n)]
    return [bank.texts[i] for i in some], [bank.y[i] for i in some]


def _ours(setting: Setting) -> Measured:
    scorer, batch = _prompted(setting, ours=True).scorer(), setting.batch
    texts, y = _rows(setting.data, N_STEPS * batch)
    rows = TokenRows(tokens=[row.ids for row in scorer.tokenise(texts)], y=np.array(y))
    training.tune(scorer, rows.take(np.arange(2 * batch)), epochs=1, batch=batch)
    result = training.tune(scorer, rows, epochs=1, batch=batch)
    return training.speed_of(scorer, result)


def _peer(setting: Setting) -> Measured:
    """A step in as few parts as fit the memory."""
    n_parts = 1
    while True:
        try:
            return _peer_in_parts(setting, n_parts=n_parts)
        except torch.OutOfMemoryError:
            if n_parts == setting.batch:
                raise
        _release()
        n_parts *= 2


def _peer_in_parts(setting: Setting, *, n_parts: int) -> Measured:
    peer, batch = _prompted(setting, ours=False), setting.batch
    peer.loaded.model.set_attn_implementation("sdpa")
    rows = training.Rows(peer, *_rows(setting.data, training.N_GROUPED * batch))
    rows.typical(batch=batch, n_batches=N_STEPS_PEER, seed=0)
    speed = training.speed_of_peer(peer, rows, bf16=True, batch=batch, n_parts=n_parts)
    return speed | {"rows_at_once": batch // n_parts}


def _asked(setting: Setting) -> list[str]:
    return _rows(setting.data, 2 * N_ADAPTERS if setting.shape == "tiny" else N_MESSAGES)[0]


def _classified(setting: Setting) -> Measured:
    """Messages to logits, tokenising included, by a frozen adapter behind its cached instruction."""
    scorer = _prompted(setting, ours=True).scorer()
    scorer.freeze()
    texts = _asked(setting)
    _answered(scorer, texts[:N_ADAPTERS])
    began = time.perf_counter()
    n_tokens = _answered(scorer, texts)
    seconds = time.perf_counter() - began
    needed = n_tokens * scorer.flops_per_token + len(texts) * scorer.flops_per_row
    alone = []
    for text in texts[: N_ALONE + 3]:
        began = time.perf_counter()
        _answered(scorer, [text])
        alone.append(time.perf_counter() - began)
    return {
        "requests_per_second": len(texts) / seconds,
        "gflops_needed_per_second": needed / 2.0 / seconds / 1e9,  # Without a way back.
        "alone_p50_ms": float(np.median(alone[3:])) * 1e3,
    }


def _mixed(setting: Setting) -> Measured:
    """The same by a bank of adapters that were drawn; every message of a batch asks another one."""
    shared = _prompted(setting, ours=True)
    sizes = {name: (of.out_features, of.in_features) for name, of in linears(shared.loaded.model.get_decoder()).items()}
    bank, frame = AdapterBank(shared.loaded.model), shared.around()
    generator = torch.Generator(device=setting.device).manual_seed(0)

    def drawn(*shape: int) -> torch.Tensor:
        return 0.01 * torch.randn(*shape, generator=generator, device=setting.device)

    residents = [
        bank.load(
            f"a{number}",
            {name: (drawn(LORA.rank, n_in), drawn(n_out, LORA.rank)) for name, (n_out, n_in) in sizes.items()},
            shape=LORA,
            frame=frame,
            readout=shared.readout(),
        )
        for number in range(N_ADAPTERS)
    ]

    def answered(texts: list[str]) -> None:
        for start in range(0, len(texts), N_ADAPTERS):
            rows = [row.ids for row in frame.tokenise(texts[start : start + N_ADAPTERS])]
            torch.stack(bank.logits(list(zip(residents, rows, strict=True)))).argmax(1).cpu()

    texts = _asked(setting)
    with torch.inference_mode():
        answered(texts[:N_ADAPTERS])
        began = time.perf_counter()
        answered(texts)
    return {"requests_per_second": len(texts) / (time.perf_counter() - began)}


def _answered(scorer: CausalScorer, texts: list[str]) -> int:
    rows = [row.ids for row in scorer.tokenise(texts)]
    score_all(scorer, rows)
    return sum(map(len, rows))


def summary(cells: dict[str, Measured], shapes: list[str], device: Device) -> dict[str, Any]:
    """Speeds and ratios by shape, and what was not run."""
    machine_, trained, classified, mixed = cells[f"machine, {device}"], {}, {}, {}
    missing = without_packing(shapes)
    for shape, base in ((shape, base) for shape in shapes for base in bases()):
        where = f"{shape}, {base}"
        of = {side: _repeats(cells, f"train, {device}, {where}, {side}") for side in SIDES}
        answers, many = (_repeats(cells, f"{what}, {device}, {where}") for what in ANSWERING)
        for name, some in ((f"train, {where}, ours", of["ours"]), (f"train, {where}, peer", of["peer"])):
            missing += _why(name, some)
        missing += _why(f"classify, {where}", answers) + _why(f"{N_ADAPTERS} adapters mixed, {where}", many)
        if _ran(of["ours"]):
            trained[where] = _trained(of, peak=machine_["peak_bf16"])
        if _ran(answers):
            classified[where] = _answers(answers, peak=machine_["peak_bf16"])
        if _ran(many) and _ran(answers):
            rates = [[one["requests_per_second"] for one in some] for some in (many, answers)]
            mixed[where] = {
                "requests_per_second": round(float(np.median(rates[0])), 1),
                "over_one_adapter": ratio(*rates),
            }
    return {
        "from_a_gpu": device == "cuda",
        "machine": machine_,
        "settings": {
            "weights": "random, bf16; of four bits, NF4 with packed scales, multiplied in bf16",
            "rows_per_step": {shape: BATCH_TINY if shape == "tiny" else BATCH for shape in shapes},
            "ours": f"rank {LORA.rank} on all linear layers, instruction once a step",
            "peer": f"Trainer with PEFT, rank {LORA.rank} on all linear layers, sdpa, fused AdamW, bf16 autocast, "
            "group_by_length, a step in as few parts as fit the memory, no gradient checkpointing",
        },
        "training": trained,
        "classifying": classified,
        f"{N_ADAPTERS} adapters mixed": mixed,
        "not_run": missing,
    }


def _repeats(cells: dict[str, Measured], name: str) -> list[Measured]:
    """Of a cell, those that there are."""
    return [cells[f"{name}, {r}"] for r in range(N_REPEATS) if f"{name}, {r}" in cells]


def _ran(of: list[Measured]) -> bool:
    return bool(of) and all("not_run" not in one for one in of)


def _answers(of: list[Measured], *, peak: float) -> dict[str, Any]:
    median = {key: float(np.median([one[key] for one in of])) for key in of[0]}
    return {
        "requests_per_second": round(median["requests_per_second"], 1),
        "alone_p50_ms": round(median["alone_p50_ms"], 2),
        "share_of_peak": _share(of, peak=peak),
    }


def _share(of: list[Measured], *, peak: float) -> dict[str, Any]:
    return ratio([one["gflops_needed_per_second"] for one in of], [peak] * len(of))


def _why(name: str, of: list[Measured]) -> list[dict[str, str]]:
    return [{"name": name, "why": one["not_run"]} for one in of if "not_run" in one][:1]


def _trained(of: dict[str, list[Measured]], *, peak: float) -> dict[str, Any]:
    """Both sides' speed, the ratio where the peer ran, and the share of the measured peak that our steps needed."""
    ours, peer = of["ours"], of["peer"]
    rates = {side: [one["examples_per_second"] for one in some if "not_run" not in one] for side, some in of.items()}
    found: dict[str, Any] = {
        "examples_per_second": {side: round(float(np.median(rate)), 1) for side, rate in rates.items() if rate},
        "share_of_peak": _share(ours, peak=peak),
        "prefix_tokens": ours[0]["prefix_tokens"],
        "tokens_per_row": {"ours": round(ours[0]["tokens_per_row"], 1)},
    }
    if len(rates["peer"]) == len(rates["ours"]):
        found["over_peer"] = ratio(rates["ours"], rates["peer"])
        found["peer_rows_at_once"] = [one["rows_at_once"] for one in peer]
        found["tokens_per_row"]["peer"] = round(peer[0]["tokens_per_row"], 1)
    return found


def bases() -> list[str]:
    """What the weights can be kept in on this machine."""
    return [base for base in BASES if base != "4bit" or four_bit.is_installed()]


def without_packing(shapes: list[str]) -> list[dict[str, str]]:
    """The cells that need bitsandbytes, where it is not installed."""
    why = f"bitsandbytes is not installed: {four_bit.INSTALL}"
    return [] if "4bit" in bases() else [{"name": f"{shape}, 4bit", "why": why} for shape in shapes]


def cells_of(shape: str, base: str) -> list[str]:
    """What is measured of a model in one repeat."""
    return [*(f"train, {shape}, {base}, {side}" for side in SIDES), *(f"{w}, {shape}, {base}" for w in ANSWERING)]


def main() -> None:
    """Measures the cells that are missing and prints all; or says that there is no GPU."""
    parser = options(__doc__ or "", cells=Path("bench-out/gpu.jsonl"))
    parser.add_argument("--shape", nargs="+", choices=SHAPES, default=["0.5B", "1.5B", "7B"], help="shapes of models")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda", help="cpu: only to try the code")
    given = parser.parse_args()
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "0")  # With several, Trainer would split every batch among them.
    wanted = [name for shape in given.shape for base in bases() for name in cells_of(shape, base)]
    if given.device == "cuda" and not torch.cuda.is_available():
        why = "there is no NVIDIA GPU here, as far as PyTorch sees"
        print(f"{why}: nothing was measured", file=sys.stderr)
        not_run = [{"name": name, "why": why} for name in wanted]
        print_json({"from_a_gpu": False, "not_run": not_run + without_packing(given.shape)})
        return
    names = [f"machine, {given.device}"]
    for repeat in range(N_REPEATS):
        names += [name.replace(", ", f", {given.device}, ", 1) + f", {repeat}" for name in wanted]
    measured = measure(names, lambda name: cell(name, given.data), kept=given.cells)
    print_json(summary(measured, given.shape, given.device))


if __name__ == "__main__":
    main()
