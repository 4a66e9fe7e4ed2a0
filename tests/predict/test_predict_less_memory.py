"""What saves memory changes no gradient: parts of a batch, layers computed again, a base in four bits."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from suffice.base_models import four_bit
from suffice.base_models.four_bit import FourBitLinear
from suffice.predict import prepare
from suffice.predict.batching import score_all
from suffice.predict.frozen import Plain
from suffice.predict.layer import Layer, groups_of
from suffice.predict.lora import LoraShape
from tiny_scorers import LABELS, TinyCausal, disturb, tiny_causal

CAUSAL = ["tiny_llama", "tiny_qwen2", "tiny_gemma3"]
TEXTS = (
    "Why?",
    "My card was declined in the shop this morning. Please help me.",
    "The transfer has not arrived after three days, and I wrote to you twice. How long does it take? What can I do?",
    "refund",
)
needs_bitsandbytes = pytest.mark.skipif(not four_bit.is_installed(), reason="bitsandbytes is not installed")


@pytest.fixture(params=CAUSAL)
def folder(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


def gradients(tiny: TinyCausal, *, seed: int = 0) -> dict[str, torch.Tensor]:
    """Of a loss over all texts, with dropout drawn from `seed`."""
    disturb(tiny.scorer)
    tiny.scorer.train_mode(True)
    tensors = {name: p for group in tiny.scorer.trained() for name, p in group.tensors.items()}
    torch.manual_seed(seed)
    logits = tiny.scorer.logits([row.ids for row in tiny.scorer.tokenise(TEXTS)])
    loss = torch.nn.functional.cross_entropy(logits, torch.arange(len(logits)) % len(LABELS))
    return dict(zip(tensors, torch.autograd.grad(loss, list(tensors.values())), strict=True))


def close(one: torch.Tensor, other: torch.Tensor, *, within: float) -> bool:
    return bool(torch.linalg.norm(one - other) <= within * torch.linalg.norm(other)) and bool(other.any())


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_layers_computed_again_give_the_same_gradients_to_the_last_bit(folder: Path, dropout: float) -> None:
    lora = LoraShape(rank=4, alpha=8.0, dropout=dropout)
    kept = gradients(tiny_causal(folder, lora=lora))
    after_kept = torch.rand(1)
    again = gradients(tiny_causal(folder, lora=lora, keep_inputs_alone=True))
    assert torch.equal(torch.rand(1), after_kept), "the generator must stand where it stood"
    assert all(torch.equal(again[name], kept[name]) for name in kept)
    assert all(kept[name].any() for name in kept)


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_layers_that_are_not_ours_are_computed_again_too(
    folder: Path, dropout: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepare, "_lean", lambda layer, *_, **__: layer)
    lora = LoraShape(rank=4, alpha=8.0, dropout=dropout)
    kept = gradients(tiny_causal(folder, lora=lora))
    n_calls = 0
    checkpoint = prepare.checkpoint

    def counted(*args: object, **kwargs: object) -> object:
        nonlocal n_calls
        n_calls += 1
        return checkpoint(*args, **kwargs)

    monkeypatch.setattr(prepare, "checkpoint", counted)
    tiny = tiny_causal(folder, lora=lora, keep_inputs_alone=True)
    again = gradients(tiny)
    assert n_calls == len(tiny.model.get_decoder().layers)
    assert all(torch.equal(again[name], kept[name]) for name in kept)


def test_a_layer_computed_again_keeps_nothing_but_its_input(tiny_llama: Path) -> None:
    bytes_kept = {}
    for alone in (False, True):
        tiny = tiny_causal(tiny_llama, keep_inputs_alone=alone)
        tiny.scorer.train_mode(True)
        logits = tiny.scorer.logits([row.ids for row in tiny.scorer.tokenise(TEXTS)])
        bytes_kept[alone] = _kept(logits.grad_fn)
    assert bytes_kept[True] < bytes_kept[False] / 5


def _kept(node: object) -> int:
    """Bytes of the tensors that our layers hold for the backward pass, behind `node`."""
    seen, todo, total = set(), [node], 0
    while todo:
        here = todo.pop()
        if here is None or here in seen:
            continue
        seen.add(here)
        total += sum(t.numel() * t.element_size() for t in _tensors(getattr(here, "saved", ())))
        todo += [further for further, _ in here.next_functions]
    assert total > 0
    return total


def _tensors(what: object) -> list[torch.Tensor]:
    if isinstance(what, torch.Tensor):
        return [what]
    return [t for one in what for t in _tensors(one)] if isinstance(what, tuple) else []


@needs_bitsandbytes
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_gradients_over_four_bits_are_those_over_the_unpacked_weights(folder: Path, precision: str) -> None:
    packed = tiny_causal(folder, weights="4bit", precision=precision)
    plain = tiny_causal(folder, precision=precision)
    assert all(isinstance(layer, Layer) for layer in packed.model.get_decoder().layers)
    assert all(isinstance(adapter.base, FourBitLinear) for adapter in packed.scorer.adapters.values())
    for unpacked, group in zip(*(groups_of(tiny.model.get_decoder()) for tiny in (packed, plain)), strict=True):
        group._frozen = Plain(unpacked._frozen.weight(), unpacked._bias_O)
    expected, got = gradients(plain), gradients(packed)
    for name in expected:
        assert close(got[name], expected[name], within=1e-3), name


@needs_bitsandbytes
def test_gradients_over_four_bits_in_layers_that_are_not_ours(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = gradients(tiny_causal(folder, weights="4bit"))
    monkeypatch.setattr(prepare, "_lean", lambda layer, *_, **__: layer)
    got = gradients(tiny_causal(folder, weights="4bit"))
    for name in expected:
        assert close(got[name], expected[name], within=1e-3), name


@needs_bitsandbytes
def test_a_packed_base_is_small_in_memory_and_stays_packed(folder: Path) -> None:
    packed, plain = tiny_causal(folder, weights="4bit"), tiny_causal(folder)
    linear = sum(adapter.base.weight.numel() for adapter in plain.scorer.adapters.values())
    # Half a byte a weight; a byte for every 64 and the scales of scales, in blocks of 256 that tiny layers do not fill.
    spared = plain.scorer.base_bytes - packed.scorer.base_bytes
    assert 3.4 * linear <= spared <= (4 - 0.5 - 1 / 64) * linear
    disturb(packed.scorer)
    before = scored(packed)
    packed.scorer.freeze()
    assert torch.equal(scored(packed), before)
    assert not any(
        p.is_floating_point() and p.ndim == 2 and "_proj" in n
        for n, p in packed.model.named_parameters()
        if "lora" not in n
    )


def scored(tiny: TinyCausal) -> torch.Tensor:
    return torch.from_numpy(score_all(tiny.scorer, [row.ids for row in tiny.scorer.tokenise(TEXTS)]))
