"""The cells of the benchmarks, measured on a tiny model and a few messages: what they time is what they say."""

from __future__ import annotations

import json
from pathlib import Path

import adapters
import latency
import memory
import pytest
import training
import vocabulary

from messages import split_rows

# Peft asks for a property that transformers has renamed.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of data sets whose Banking77 is a few hundred messages."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "banking77").mkdir()
    lines = [json.dumps(row._asdict()) for row in split_rows()]
    (folder / "banking77" / "banking77.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_both_sides_train_the_same_rows_and_the_peer_carries_the_instruction_in_each(
    tiny_llama: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "BASE", str(tiny_llama))
    monkeypatch.setattr(training, "N_OURS", {"short": 32})
    monkeypatch.setattr(training, "N_GROUPED", 5)
    ours = training._ours(data, "short", seed=0)
    peer = training._peer(data, "short", precision="fp32", seed=0)
    assert min(ours["examples_per_second"], peer["examples_per_second"], ours["gflops_needed_per_second"]) > 0.0
    assert peer["padded_tokens_per_row"] >= peer["tokens_per_row"] > ours["tokens_per_row"] + ours["prefix_tokens"] - 2


def test_both_sides_have_the_same_gradients_and_losses(
    tiny_llama: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "BASE", str(tiny_llama))
    monkeypatch.setattr(training, "N_CURVE", 5)
    assert training._gradients(data)["worst_relative_difference"] < 1e-4
    curve = training._curve(data)
    assert curve["worst_difference"] < 1e-3
    assert curve["last"][0] != curve["first"][0]


@pytest.mark.parametrize("side", ["ours", "generate", "cached", "forward"])
def test_a_side_answers_as_many_messages_as_are_timed(
    tiny_llama: Path, data: Path, monkeypatch: pytest.MonkeyPatch, side: str
) -> None:
    monkeypatch.setattr(latency, "BASE", str(tiny_llama))
    monkeypatch.setattr(latency, "N_MESSAGES", {side: 4})
    said = latency.cell(f"{side}, fp32, name, 0", data, llama=None, files=data)
    assert said["n"] == 4
    assert 0.0 < said["p50_ms"] <= said["p99_ms"]
    assert said["mean_new_tokens"] >= 1.0


def test_the_instructions_cache_stands_before_a_message_and_ends_where_it_begins(tiny_llama: Path, data: Path) -> None:
    test = latency.Banking77.read(data, "test")
    prompted = latency.Prompted.load(str(tiny_llama), test.instruction("long"), test.labels, precision="fp32")
    ids = prompted.whole(test.texts[0])
    frame = prompted.around()
    assert tuple(ids) == (*frame.before, *frame.tokenise(test.texts[:1])[0].ids)
    assert prompted.loaded.tokenizer(prompted.frame.before).input_ids == list(frame.before)


def test_adapters_of_a_bank_answer_as_the_merged_one(
    tiny_llama: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapters, "BASE", str(tiny_llama))
    for name, few in (("N_ADAPTERS", 3), ("N_MESSAGES", 4), ("N_MIXED", 2), ("N_BATCHES", 2)):
        monkeypatch.setattr(adapters, name, few)
    agreed = adapters.cell("agreement, fp32", data)
    assert agreed["most_apart_in_probability"] < 1e-3
    assert agreed["same_label"] == 1.0
    assert min(adapters.cell("requests, 0", data).values()) > 0.0


def test_both_passes_are_timed(tiny_llama: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "here", lambda base: str(tiny_llama))
    monkeypatch.setattr(vocabulary, "N_PASSES", {2: 3})
    said = vocabulary.cell("speed, smollm2-135m, 2, 0", data)
    assert min(said["labels_ms"], said["full_ms"]) > 0.0


def test_memory_is_that_of_the_commands(tiny_llama: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rung = "smollm2-135m"
    monkeypatch.setattr(memory, "here", lambda base: str(tiny_llama))
    monkeypatch.setattr(memory, "ROWS", {rung: 40})
    monkeypatch.setattr(memory, "N_READ", {rung: 80})
    monkeypatch.setattr(memory, "N_MESSAGES", {rung: 5})
    said = memory.cell(rung, data)
    assert 5e7 < said["classify_bytes"] < 5e9
    assert 5e7 < said["train_bytes"] < 5e9
