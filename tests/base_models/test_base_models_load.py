"""Files to models: frozen, whole, with a tokenizer that neither shortens nor pads."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from suffice.base_models.folder import BaseModelFiles, described
from suffice.base_models.load import load_causal, load_encoder, load_tokenizer
from suffice.errors import ModelError


def files(folder: Path) -> BaseModelFiles:
    return described(folder, name="tiny", source="path", origin="./tiny")


@pytest.mark.parametrize("fixture", ["tiny_llama", "tiny_qwen2", "tiny_gemma3"])
@pytest.mark.parametrize(("precision", "dtype"), [("bf16", torch.bfloat16), ("fp32", torch.float32)])
def test_a_causal_model_is_frozen_tied_and_in_the_precision_asked_for(
    fixture: str, precision: str, dtype: torch.dtype, request: pytest.FixtureRequest
) -> None:
    loaded = load_causal(files(request.getfixturevalue(fixture)), precision=precision)
    assert {parameter.dtype for parameter in loaded.model.parameters()} == {dtype}
    assert not any(parameter.requires_grad for parameter in loaded.model.parameters())
    assert not loaded.model.training
    assert loaded.model.config._attn_implementation == "eager"
    assert loaded.model.get_output_embeddings().weight is loaded.model.get_input_embeddings().weight
    assert loaded.context == 256
    assert loaded.tokenizer.pad_token is not None
    assert loaded.tokenizer.padding_side == "right"


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 2), (64, 3)])
def test_a_model_computes_on_no_more_threads_than_cores_are_granted(
    tiny_bert: Path, monkeypatch: pytest.MonkeyPatch, cores: int, threads: int
) -> None:
    monkeypatch.setattr("suffice.base_models.load.usable_cores", lambda: cores)
    torch.set_num_threads(3)
    load_encoder(files(tiny_bert), precision="fp32")
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize("fixture", ["tiny_llama", "tiny_qwen2", "tiny_gemma3"])
def test_tokens_are_those_of_tokenizer_json(fixture: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(fixture)
    stated = Tokenizer.from_file(str(folder / "tokenizer.json"))
    loaded = load_causal(files(folder), precision="fp32")
    for text in ("My card was declined.", "café 日本語 12  34", "word " * 500):
        assert loaded.tokenizer(text).input_ids == stated.encode(text).ids


def test_an_encoder_brings_its_context_and_pooling(tiny_bert: Path) -> None:
    loaded = load_encoder(files(tiny_bert), precision="fp32")
    # 48 stands in sentence_bert_config.json; the model has 64 positions.
    assert (loaded.context, loaded.pooling) == (48, "mean")
    assert not any(parameter.requires_grad for parameter in loaded.model.parameters())


@pytest.mark.parametrize("fixture", ["tiny_llama", "tiny_qwen2", "tiny_gemma3", "tiny_bert"])
def test_a_tokenizer_comes_without_weights_and_with_the_same_context(
    fixture: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    whole = files(request.getfixturevalue(fixture))
    loaded = (load_encoder if fixture == "tiny_bert" else load_causal)(whole, precision="fp32")
    folder = Path(shutil.copytree(whole.folder, tmp_path / "bare"))
    (folder / "model.safetensors").unlink()
    reader = load_tokenizer(replace(whole, folder=folder))
    assert reader.context == loaded.context
    assert reader.tokenizer("My card.").input_ids == loaded.tokenizer("My card.").input_ids


def test_a_tokenizer_whose_model_is_not_known_is_told(tiny_llama: Path, tmp_path: Path) -> None:
    whole = files(tiny_llama)
    folder = Path(shutil.copytree(tiny_llama, tmp_path / "odd"))
    (folder / "config.json").write_text('{"model_type": "none_such"}')
    with pytest.raises(ModelError, match=r"got: config.json: .*none_such(.|\n)*fix: fetch the model again"):
        load_tokenizer(replace(whole, folder=folder))


@pytest.fixture
def bert(tiny_bert: Path, tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(tiny_bert, tmp_path / "bert"))
    (folder / "1_Pooling").mkdir()
    return folder


def test_an_encoder_without_a_trained_length_has_its_positions(bert: Path) -> None:
    (bert / "sentence_bert_config.json").unlink()
    assert load_encoder(files(bert), precision="fp32").context == 64


@pytest.mark.parametrize(("mode", "pooling"), [("pooling_mode_mean_tokens", "mean"), ("pooling_mode_cls_token", "cls")])
def test_pooling_is_what_the_folder_says(mode: str, pooling: str, bert: Path) -> None:
    said = {"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": False, "word_embedding_dimension": 32}
    (bert / "1_Pooling" / "config.json").write_text(json.dumps({**said, mode: True}))
    assert load_encoder(files(bert), precision="fp32").pooling == pooling


def test_a_damaged_note_beside_the_model_is_told(bert: Path) -> None:
    (bert / "sentence_bert_config.json").write_text("{")
    with pytest.raises(ModelError, match=r"(?s)got: sentence_bert_config.json: .*fix: fetch the model again"):
        load_encoder(files(bert), precision="fp32")


def test_a_pooling_that_is_not_done_here_is_told(bert: Path) -> None:
    (bert / "1_Pooling" / "config.json").write_text('{"pooling_mode_max_tokens": true}')
    with pytest.raises(ModelError, match=r"(?s)mean or by its first token.*got: \['pooling_mode_max_tokens'\].*fix:"):
        load_encoder(files(bert), precision="fp32")


def test_a_length_written_into_the_tokenizer_file_shortens_and_pads_nothing(bert: Path) -> None:
    tokenizer = Tokenizer.from_file(str(bert / "tokenizer.json"))
    tokenizer.enable_truncation(16)
    tokenizer.enable_padding(length=16)
    tokenizer.save(str(bert / "tokenizer.json"))
    loaded = load_encoder(files(bert), precision="fp32").tokenizer
    assert len(loaded("card " * 30).input_ids) > 30
    assert len(loaded("card").input_ids) < 16
    assert len(loaded.backend_tokenizer.encode("card " * 30).ids) > 30


def test_a_model_of_the_other_kind_is_refused(tiny_bert: Path, tiny_llama: Path) -> None:
    with pytest.raises(
        ModelError, match=r"(?s)must be a causal language model here.*got: an encoder.*fix: .*kind causal"
    ):
        load_causal(files(tiny_bert), precision="fp32")
    with pytest.raises(ModelError, match=r"(?s)must be an encoder here.*got: a causal.*fix: .*kind encoder"):
        load_encoder(files(tiny_llama), precision="fp32")


def test_weights_that_are_missing_are_not_drawn_by_chance(tiny_llama: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_llama, tmp_path / "model"))
    weights = load_file(folder / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"(?s)with every weight.*got: 1 weights missing, model.layers.1.mlp.up_proj"):
        load_causal(files(folder), precision="fp32")


def test_weights_of_another_shape_are_told(tiny_llama: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_llama, tmp_path / "model"))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "intermediate_size": 128}))
    with pytest.raises(ModelError, match=r"(?s)./tiny: transformers .*got: RuntimeError: .*fix: fetch the model again"):
        load_causal(files(folder), precision="fp32")


def test_a_model_that_brings_its_own_code_is_refused_and_its_code_does_not_run(
    tiny_llama: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_llama, tmp_path / "model"))
    config = json.loads((folder / "config.json").read_text())
    mapped = {"AutoConfig": "own.OwnConfig", "AutoModelForCausalLM": "own.OwnForCausalLM"}
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "own", "auto_map": mapped}))
    (folder / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(ModelError, match=r"(?s)got: .*fix: .*without code of its own"):
        load_causal(files(folder), precision="fp32")
    assert not (tmp_path / "ran").exists()


def test_a_damaged_tokenizer_is_told(tiny_llama: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_llama, tmp_path / "model"))
    (folder / "tokenizer.json").write_text("{")
    with pytest.raises(ModelError, match=r"(?s)got: tokenizer: .*fix: fetch the model again"):
        load_causal(files(folder), precision="fp32")


def test_a_model_without_a_pad_token_pads_with_its_end(tiny_llama: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_llama, tmp_path / "model"))
    config = json.loads((folder / "tokenizer_config.json").read_text())
    del config["pad_token"]
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    assert load_causal(files(folder), precision="fp32").tokenizer.pad_token == "<|im_end|>"


def test_loading_shows_nothing_and_moves_no_random_state(tiny_llama: Path, capfd: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    load_causal(files(tiny_llama), precision="bf16")
    assert torch.equal(torch.random.get_rng_state(), before)
    assert capfd.readouterr() == ("", "")
