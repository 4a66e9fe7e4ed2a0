"""The benchmark for a GPU on machines without one: it says so, and its code runs on a processor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import gpu
import pytest
import torch
from random_models import SHAPES
from transformers import AutoModelForCausalLM, Qwen2Config

# Peft asks for a property that transformers has renamed.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")

SCRIPT = Path(gpu.__file__)
NO_GPU = {name: value for name, value in os.environ.items() if name != "SUFFICE_DATA"} | {"CUDA_VISIBLE_DEVICES": ""}
FITS = 4


def typed(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, env=NO_GPU, capture_output=True, text=True, check=False)


def test_without_a_gpu_it_says_so_lists_everything_as_not_run_and_ends_well(tmp_path: Path) -> None:
    done = typed("--cells", str(tmp_path / "cells.jsonl"))
    assert done.returncode == 0, done.stderr
    assert "no NVIDIA GPU" in done.stderr
    said = json.loads(done.stdout)
    whys = {one["name"]: one["why"] for one in said["not_run"]}
    for shape in ("0.5B", "1.5B", "7B"):
        assert "no NVIDIA GPU" in whys[f"train, {shape}, bf16, peer"]
        assert "no NVIDIA GPU" in whys[f"classify, {shape}, bf16"]
        assert "no NVIDIA GPU" in whys[f"mixed, {shape}, bf16"]
        assert any(shape in name and "4bit" in name for name in whys)
    assert not (tmp_path / "cells.jsonl").exists()


@pytest.mark.filterwarnings("default::FutureWarning")  # transformers warns of itself.
def test_a_tiny_shape_on_a_processor_runs_every_cell_once_and_is_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("--device", "cpu", "--shape", "tiny", "--cells", str(tmp_path / "cells.jsonl"))
    monkeypatch.setattr(sys, "argv", ["gpu.py", *arguments])
    monkeypatch.setattr(gpu, "N_REPEATS", 1)
    monkeypatch.setattr(gpu, "machine", lambda device: {"peak_bf16": 500.0})
    monkeypatch.setattr(gpu, "_release", lambda: None)
    for name in ("CUDA_VISIBLE_DEVICES", "SUFFICE_DATA"):
        monkeypatch.setenv(name, "")
    monkeypatch.delenv("SUFFICE_DATA")
    gpu.main()
    first = capsys.readouterr()
    said = json.loads(first.out)
    assert said["from_a_gpu"] is False
    assert set(said["training"]) == set(said["classifying"]) == {f"tiny, {base}" for base in gpu.bases()}
    for trained in said["training"].values():
        assert trained["over_peer"]["n_repeats"] == 1
        assert min(trained["examples_per_second"].values()) > 0.0
        assert trained["tokens_per_row"]["peer"] > trained["tokens_per_row"]["ours"] + 0.9 * trained["prefix_tokens"]
        assert 0.0 <= trained["share_of_peak"]["ratio"] < 1.0  # A tiny shape's rounds to nothing.
    assert min(classified["requests_per_second"] for classified in said["classifying"].values()) > 0.0
    assert set(said["64 adapters mixed"]) == set(said["training"])
    assert min(mixed["requests_per_second"] for mixed in said["64 adapters mixed"].values()) > 0.0
    gpu.main()
    again = capsys.readouterr()
    assert "train, cpu, tiny, bf16, ours, 0" in first.err
    assert "train" not in again.err
    assert json.loads(again.out) == said


def test_the_shapes_have_as_many_parameters_as_the_published_models_name() -> None:
    # From the models' cards: 0.49, 1.54 and 7.61 billion.
    for shape, billions in (("0.5B", 0.49), ("1.5B", 1.54), ("7B", 7.61)):
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(Qwen2Config(**SHAPES[shape]))
        assert sum(p.numel() for p in model.parameters()) / 1e9 == pytest.approx(billions, abs=0.006)


def test_the_peer_takes_a_step_in_as_few_parts_as_fit_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def measured(setting: object, *, n_parts: int) -> dict[str, int]:
        tried.append(n_parts)
        if n_parts < FITS:
            raise torch.OutOfMemoryError
        return {"n_parts": n_parts}

    monkeypatch.setattr(gpu, "_peer_in_parts", measured)
    assert gpu.cell("train, cuda, 7B, bf16, peer, 0", None) == {"n_parts": FITS}
    assert tried == [1, 2, 4]


def test_memory_that_never_suffices_is_a_reason_and_not_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*given: object, **more: object) -> None:
        raise torch.OutOfMemoryError

    for name in ("_peer_in_parts", "_ours", "_classified", "_mixed"):
        monkeypatch.setattr(gpu, name, refused)
    monkeypatch.setattr(gpu, "_release", lambda: None)
    monkeypatch.setattr(gpu, "bases", lambda: ["bf16"])
    kept = {"machine, cuda": {"peak_bf16": 1}}
    for name in ("train, cuda, 7B, bf16, ours", "train, cuda, 7B, bf16, peer", "classify, cuda, 7B, bf16"):
        kept |= {f"{name}, {repeat}": gpu.cell(f"{name}, {repeat}", None) for repeat in range(gpu.N_REPEATS)}
    said = gpu.summary(kept, ["7B"], "cuda")
    assert (said["training"], said["classifying"]) == ({}, {})
    assert [one["name"] for one in said["not_run"] if "memory" in one["why"]] == [
        "train, 7B, bf16, ours",
        "train, 7B, bf16, peer",
        "classify, 7B, bf16",
    ]


def test_without_bitsandbytes_its_cells_are_listed_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gpu.four_bit, "is_installed", lambda: False)
    assert gpu.bases() == ["bf16"]
    (missing,) = gpu.without_packing(["7B"])
    assert missing["name"] == "7B, 4bit"
    assert "pip install 'suffice[qlora]'" in missing["why"]
