"""What the benchmarks print of their cells: ratios the right way round, the better peer, and what did not run."""

from __future__ import annotations

import os

import adapters
import batches
import latency
import memory
import numpy as np
import pytest
import torch
import training
from cells import Measured

REPEATS = range(5)
MACHINE: dict[str, Measured] = {"machine": {"peak_bf16": 400}}


def speed(rate: float, **more: float) -> Measured:
    return {"examples_per_second": rate, "tokens_per_row": 14.0} | more


def test_training_is_held_against_both_precisions_of_the_peer() -> None:
    ours, peer = {"gflops_needed_per_second": 200.0, "prefix_tokens": 60}, {"padded_tokens_per_row": 80.0}
    cells = dict(MACHINE) | {"gradients": {}, "curve": {}, "accuracy, ours": {}, "accuracy, peer": {}}
    for r in REPEATS:
        for length in ("short", "long"):
            cells[f"speed, {length}, ours, {r}"] = speed(20.0, **ours)
            cells[f"speed, {length}, peer fp32, {r}"] = speed(2.0, **peer)
            cells[f"speed, {length}, peer bf16, {r}"] = speed(4.0, **peer)
    said = training.summary(cells)["speed"]["short"]
    assert said["over_peer_fp32"] == {"ratio": 10.0, "interval": [10.0, 10.0], "n_repeats": 5}
    assert said["over_peer_bf16"]["ratio"] == 5.0
    assert said["share_of_peak"] == {"ratio": 0.5, "interval": [0.5, 0.5], "n_repeats": 5}
    assert said["padded_tokens_per_row"] == {"peer fp32": 80.0, "peer bf16": 80.0}


@pytest.mark.parametrize(("n_batches", "instruction"), [(1, 0), (4, 0), (1, 480)])
def test_the_peers_batches_lie_evenly_in_a_group_sorted_by_length(n_batches: int, instruction: int) -> None:
    lengths = np.random.default_rng(0).integers(5, 90, size=800).tolist()
    rows = training.Rows.__new__(training.Rows)
    rows.rows = [{"input_ids": [0] * (instruction + n)} for n in lengths]
    rows.typical(batch=16, n_batches=n_batches, seed=0)
    assert len(rows) == 16 * (1 + n_batches)
    assert max(len(row["input_ids"]) for row in rows.rows[:16]) <= training.N_WARM_TOKENS
    timed = torch.tensor([len(row["input_ids"]) for row in rows.rows[16:]]).reshape(n_batches, 16)
    waste = timed.max(dim=1).values.double().mean() / timed.double().mean()
    assert waste < 1.1
    assert abs(float(timed.double().mean()) - instruction - float(np.mean(lengths))) < 5.0
    assert bool((timed.double().mean(dim=1).diff() <= 0.0).all())


def test_latency_counts_each_peer_at_its_better_precision() -> None:
    def of(p50: float) -> Measured:
        return {"p50_ms": p50, "p99_ms": 1.5 * p50, "mean_new_tokens": 3.0, "prefix_tokens": 480}

    cells = dict(MACHINE) | {f"ours, bf16, token, {r}": of(30.0) for r in REPEATS}
    for r in REPEATS:
        cells[f"generate, fp32, name, {r}"] = of(900.0)
        cells[f"generate, bf16, name, {r}"] = of(600.0)
    said = latency.summary(cells, [{"name": "llama.cpp", "why": "not installed"}])
    assert said["latency"]["ours"]["p99_over_p50"]["ratio"] == 1.5
    assert said["latency"]["generate, writes the name"]["ours_is_faster"]["ratio"] == 20.0
    assert set(said["latency"]) == {"ours", "generate, writes the name"}
    assert said["settings"]["prefix_tokens"] == 480
    assert said["not_run"] == [{"name": "llama.cpp", "why": "not installed"}]


def test_batches_are_held_against_each_peer_and_the_best_of_them() -> None:
    def of(rate: float) -> Measured:
        return {"per_second": rate, "accuracy": 0.9, "answers": [0, 1]}

    chosen = {"llama.cpp": "q8_0, 8 rows", "vLLM": "bf16"}
    cells = dict(MACHINE) | {f"speed; ours; {r}": of(100.0) for r in REPEATS}
    for r in REPEATS:
        cells[f"speed; llama.cpp; q8_0, 8 rows; {r}"] = of(50.0)
        cells[f"speed; vLLM; bf16; {r}"] = of(80.0)
    said = batches.summary(cells, chosen, [])
    assert said["over_best_peer"]["peer"] == "vLLM"
    assert said["over_best_peer"]["ratio"] == 1.25
    assert said["peers"]["llama.cpp"]["ours_is_faster"]["ratio"] == 2.0
    assert batches.summary(cells, {}, [])["over_best_peer"] is None


def test_adapters_are_said_in_times_as_long() -> None:
    one = {"merged_p50_ms": 10.0, "bank_p50_ms": 12.0, "merged_p99_ms": 20.0, "bank_p99_ms": 26.0}
    cells = dict(MACHINE) | {f"agreement, {p}": {"same_label": 1.0} for p in ("fp32", "bf16")}
    cells |= {f"requests, {r}": one | {"merged_mixed_per_second": 50.0, "bank_mixed_per_second": 25.0} for r in REPEATS}
    said = adapters.summary(cells)
    assert {p: of["ratio"] for p, of in said["times_as_long"].items()} == {"p50": 1.2, "p99": 1.3}
    assert said["sixteen_adapters_in_one_batch"]["ratio"] == 0.5


def test_memory_names_the_rung_that_is_not_here_and_whether_a_peak_is_within_its_bar() -> None:
    cells = dict(MACHINE) | {"smollm2-135m": {"train_bytes": 2.6e9, "classify_bytes": 0.9e9}}
    said = memory.summary(cells, ["smollm2-135m"])
    assert {name: one["within"] for name, one in said["peak"].items()} == {
        "smollm2-135m, train": False,
        "smollm2-135m, classify": True,
    }
    assert said["not_run"] == [{"name": "qwen2.5-1.5b", "why": "the model is not on this machine"}]


def test_a_command_that_fails_says_what_it_said() -> None:
    with pytest.raises(SystemExit, match=r"none\.yaml"):
        memory._peak(["train", "none.yaml"], dict(os.environ))
