"""The tiny models have what tests rely on."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import PreTrainedTokenizerFast

import tiny_models


def config(folder: Path) -> dict[str, object]:
    return json.loads((folder / "config.json").read_text())


@pytest.mark.parametrize("fixture", ["tiny_llama", "tiny_qwen2", "tiny_gemma3"])
def test_causal_models_are_tied_and_group_their_heads(fixture: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(fixture)
    said = config(folder)
    assert said["tie_word_embeddings"]
    assert "lm_head.weight" not in load_file(folder / "model.safetensors")
    assert said["num_key_value_heads"] < said["num_attention_heads"]
    assert 500 <= said["vocab_size"] <= 1_000


def test_gemma_has_both_layer_types_and_a_window_below_its_context(tiny_gemma3: Path) -> None:
    said = config(tiny_gemma3)
    assert set(said["layer_types"]) == {"sliding_attention", "full_attention"}
    assert said["sliding_window"] < said["max_position_embeddings"]


@pytest.mark.parametrize("fixture", ["tiny_llama", "tiny_qwen2", "tiny_gemma3"])
def test_ordinary_words_are_single_tokens(fixture: str, request: pytest.FixtureRequest) -> None:
    tokenizer = PreTrainedTokenizerFast.from_pretrained(request.getfixturevalue(fixture))
    for word in (" card", " refund", " A", " 7"):
        assert len(tokenizer(word, add_special_tokens=False).input_ids) == 1


def test_the_seed_decides_the_weights_and_moves_nothing_else(tmp_path: Path) -> None:
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    weights = [
        load_file(tiny_models.write_tiny_llama(tmp_path / name, seed=seed) / "model.safetensors")
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    ]
    assert torch.equal(torch.random.get_rng_state(), before)
    key = "model.layers.0.mlp.up_proj.weight"
    assert torch.equal(weights[0][key], weights[1][key])
    assert not torch.equal(weights[0][key], weights[2][key])


@pytest.mark.parametrize("write", [tiny_models.write_tiny_qwen2, tiny_models.write_tiny_gemma3])
def test_a_tiny_model_is_made_in_under_two_seconds(write: object, tmp_path: Path) -> None:
    started = time.monotonic()
    write(tmp_path / "model")
    assert time.monotonic() - started < 2
