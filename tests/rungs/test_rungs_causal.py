"""A tuned language model: what is saved can be served by others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from peft import PeftModel
from rung_data import ASKED, LABELS, TEXTS, fit, reloaded, settings
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from suffice.base_models import four_bit
from suffice.errors import BundleError, ModelError

# Peft asks for a property that transformers has renamed.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")

CAUSAL = ["tiny_llama", "tiny_qwen2", "tiny_gemma3"]


@pytest.fixture(params=CAUSAL)
def base(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


def saved(base: Path, folder: Path, **given: Any) -> Any:
    fitted = fit("NAME", base, folder / "checkpoints", how=settings(epochs=1, learning_rate=5e-2, **given))
    reloaded("NAME", fitted, folder / "saved")
    return fitted


@pytest.mark.parametrize("rslora", [False, True])
def test_peft_loads_the_adapter_and_says_the_same(base: Path, tmp_path: Path, rslora: bool) -> None:
    fitted = saved(base, tmp_path, rslora=rslora)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32, attn_implementation="eager")
    untuned = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32, attn_implementation="eager")
    served = PeftModel.from_pretrained(model, str(tmp_path / "saved")).eval()
    tokenizer = PreTrainedTokenizerFast.from_pretrained(base)
    frame = json.loads((tmp_path / "saved" / "causal.json").read_text())
    asked = ASKED[:3]
    got = fitted.scores(asked).logits
    for text, expected in zip(asked, got, strict=True):
        ids = tokenizer(f"{frame['before']} {text}{frame['after']}", return_tensors="pt").input_ids
        with torch.no_grad():
            said = served(input_ids=ids)
            before = untuned(input_ids=ids).logits[0, -1, frame["tokens"]["ids"]].numpy()
        logits = said.logits[0, -1, frame["tokens"]["ids"]].numpy()
        np.testing.assert_allclose(logits, expected, atol=1e-3, rtol=1e-4)
        assert not np.allclose(logits, before, atol=1e-2)


def test_the_adapter_has_the_names_and_the_shape_that_peft_gives(base: Path, tmp_path: Path) -> None:
    saved(base, tmp_path)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    peft = PeftModel.from_pretrained(model, str(tmp_path / "saved"))
    peft.save_pretrained(str(tmp_path / "theirs"))
    ours, theirs = (load_file(tmp_path / name / "adapter_model.safetensors") for name in ("saved", "theirs"))
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    config = json.loads((tmp_path / "saved" / "adapter_config.json").read_text())
    assert (config["peft_type"], config["task_type"], config["r"], config["lora_alpha"]) == ("LORA", "CAUSAL_LM", 2, 32)


def test_a_head_is_saved_beside_the_adapter_and_only_where_there_is_one(tiny_llama: Path, tmp_path: Path) -> None:
    for output in ("tokens", "head"):
        (tmp_path / output).mkdir()
        saved(tiny_llama, tmp_path / output, label_output=output)
    assert not (tmp_path / "tokens" / "saved" / "head.safetensors").exists()
    assert load_file(tmp_path / "head" / "saved" / "head.safetensors")["head.weight_KD"].shape == (len(LABELS), 64)
    frame = json.loads((tmp_path / "head" / "saved" / "causal.json").read_text())
    assert (frame["label_output"], frame["tokens"]) == ("head", None)


def test_an_alpha_that_is_no_whole_number_is_kept(tiny_llama: Path, tmp_path: Path) -> None:
    saved(tiny_llama, tmp_path, alpha=2.5)
    assert json.loads((tmp_path / "saved" / "adapter_config.json").read_text())["lora_alpha"] == 2.5


def test_the_size_is_the_base_in_memory_and_what_was_added(tiny_llama: Path, tmp_path: Path) -> None:
    fitted = saved(tiny_llama, tmp_path)
    size = fitted.size()
    base = load_file(tiny_llama / "model.safetensors")
    assert size.base_bytes == sum(t.numel() * t.element_size() for t in base.values())
    added = load_file(tmp_path / "saved" / "adapter_model.safetensors")
    assert size.adapter_bytes == sum(t.numel() * t.element_size() for t in added.values())


def test_a_label_listing_that_would_be_long_stays_out_of_the_prompt(tiny_llama: Path, tmp_path: Path) -> None:
    fitted = saved(tiny_llama, tmp_path)
    assert "card, never seen, refund, transfer" in fitted.saved.before
    assert fitted.saved.instruction in fitted.saved.before


needs_bitsandbytes = pytest.mark.skipif(not four_bit.is_installed(), reason="bitsandbytes is not installed")


@needs_bitsandbytes
@pytest.mark.parametrize("output", ["tokens", "head"])
def test_what_was_trained_over_four_bits_answers_over_four_bits_exactly(
    base: Path, tmp_path: Path, output: str
) -> None:
    fitted = fit("NAME", base, tmp_path / "checkpoints", how=settings(base="4bit", label_output=output))
    answers = reloaded("NAME", fitted, tmp_path / "saved")
    assert answers.saved.base_weights == "4bit"
    assert np.array_equal(answers.scores(ASKED).logits, fitted.scores(ASKED).logits)
    full = fit("NAME", base, tmp_path / "full", how=settings(label_output=output))
    assert fitted.size().base_bytes < full.size().base_bytes
    assert not np.allclose(full.scores(ASKED).logits, fitted.scores(ASKED).logits, atol=1e-3)


@needs_bitsandbytes
def test_an_adapter_over_four_bits_has_the_names_that_peft_gives(tiny_llama: Path, tmp_path: Path) -> None:
    for base_weights in ("full", "4bit"):
        (tmp_path / base_weights).mkdir()
        how = settings(epochs=1, base=base_weights)
        reloaded(
            "NAME", fit("NAME", tiny_llama, tmp_path / base_weights / "c", how=how), tmp_path / base_weights / "saved"
        )
    full, packed = (load_file(tmp_path / b / "saved" / "adapter_model.safetensors") for b in ("full", "4bit"))
    assert {name: t.shape for name, t in packed.items()} == {name: t.shape for name, t in full.items()}


def test_four_bits_without_bitsandbytes_name_the_line_that_installs_it(
    tiny_llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(four_bit, "is_installed", lambda: False)
    with pytest.raises(
        ModelError, match=r"not installed\n  fix: pip install 'suffice\[qlora\]'; or set train.base=full"
    ):
        fit("NAME", tiny_llama, tmp_path, how=settings(base="4bit"))


def test_a_bundle_of_before_there_were_four_bits_is_read(tiny_llama: Path, tmp_path: Path) -> None:
    fitted = saved(tiny_llama, tmp_path)
    path = tmp_path / "saved" / "causal.json"
    record = json.loads(path.read_text())
    del record["base_weights"]
    path.write_text(json.dumps(record))
    assert type(fitted).load(tmp_path / "saved", LABELS, base_folder=None).saved.base_weights == "full"


def test_layers_computed_again_train_to_the_same_bytes(tiny_llama: Path, tmp_path: Path) -> None:
    states = []
    for again in (False, True):
        (tmp_path / str(again)).mkdir()
        saved(tiny_llama, tmp_path / str(again), gradient_checkpointing=again)
        states.append(load_file(tmp_path / str(again) / "saved" / "adapter_model.safetensors"))
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_a_damaged_folder_is_an_error(tiny_llama: Path, tmp_path: Path) -> None:
    fitted = saved(tiny_llama, tmp_path)
    (tmp_path / "saved" / "causal.json").unlink()
    with pytest.raises(BundleError, match=r"got: no such file\n  fix: name a folder that suffice wrote"):
        type(fitted).load(tmp_path / "saved", LABELS, base_folder=None)


def test_rows_are_scored_in_their_order_whatever_their_length(tiny_llama: Path, tmp_path: Path) -> None:
    fitted = saved(tiny_llama, tmp_path)
    texts = [f"{text} {'and again ' * (i % 5)}" for i, text in enumerate(TEXTS)]
    together = fitted.scores(texts).logits
    np.testing.assert_allclose(fitted.scores(texts[::-1]).logits[::-1], together, atol=1e-4)
    np.testing.assert_allclose(fitted.scores([texts[7]]).logits[0], together[7], atol=1e-4)
