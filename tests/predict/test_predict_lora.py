"""Adapters: the formula, where they go, how they begin."""

from __future__ import annotations

import math

import pytest
import torch
from peft import LoraConfig, get_peft_model
from torch import nn

from suffice.predict.lora import LoraLinear, LoraShape, attach_lora


def drawn(*, seed: int, bias: bool = True, dropout: float = 0.0) -> LoraLinear:
    torch.manual_seed(0)
    adapter = LoraLinear(nn.Linear(8, 6, bias=bias), LoraShape(rank=2, alpha=4.0, dropout=dropout))
    adapter.reset(torch.Generator().manual_seed(seed))
    return adapter


@pytest.mark.parametrize("bias", [True, False])
def test_the_output_is_the_layer_plus_the_scaled_update(bias: bool) -> None:
    adapter = drawn(seed=0, bias=bias)
    with torch.no_grad():
        adapter.lora_B.normal_()
    x = torch.randn(3, 8)
    # Hu et al. 2021, equation 3, written out: W x + b + (alpha / rank) B A x with alpha / rank = 2.
    expected = x @ adapter.base.weight.T + 2.0 * (x @ adapter.lora_A.T @ adapter.lora_B.T)
    if bias:
        expected = expected + adapter.base.bias
    torch.testing.assert_close(adapter(x), expected)


def test_a_fresh_adapter_is_the_layer_itself() -> None:
    adapter, x = drawn(seed=0), torch.randn(3, 8)
    assert torch.equal(adapter(x), adapter.base(x))


def test_the_seed_decides_the_draw_and_zero_is_a_seed() -> None:
    assert torch.equal(drawn(seed=0).lora_A, drawn(seed=0).lora_A)
    assert not torch.equal(drawn(seed=0).lora_A, drawn(seed=1).lora_A)


def test_the_draw_has_the_spread_of_peft() -> None:
    adapter = LoraLinear(nn.Linear(256, 4), LoraShape(rank=64, alpha=1.0, dropout=0.0))
    adapter.reset(torch.Generator().manual_seed(0))
    peft = get_peft_model(nn.Sequential(nn.Linear(256, 4)), LoraConfig(r=64, target_modules=["0"]))
    (theirs,) = [p for name, p in peft.named_parameters() if "lora_A" in name]
    # Kaiming uniform with a = sqrt 5 is uniform on +-1 / sqrt(256).
    assert adapter.lora_A.abs().max().item() <= 1 / math.sqrt(256)
    assert adapter.lora_A.std().item() == pytest.approx(theirs.std().item(), rel=0.05)


def test_a_rank_stabilised_update_is_scaled_as_peft_scales_it() -> None:
    peft = get_peft_model(
        nn.Sequential(nn.Linear(8, 4)), LoraConfig(r=9, lora_alpha=6, target_modules=["0"], use_rslora=True)
    )
    shape = LoraShape(rank=9, alpha=6.0, dropout=0.0, rank_stabilised=True)
    assert shape.scale == peft.base_model.model[0].scaling["default"] == 2.0


def test_dropout_hides_inputs_from_the_update_alone_while_training() -> None:
    adapter = drawn(seed=0, dropout=0.5)
    with torch.no_grad():
        adapter.lora_B.normal_()
        adapter.lora_A.zero_()
    x = torch.randn(3, 8)
    assert torch.equal(adapter.train()(x), adapter.base(x))
    with torch.no_grad():
        adapter.lora_A.normal_()
    assert not torch.equal(adapter.train()(x), adapter.train()(x))
    assert torch.equal(adapter.eval()(x), adapter.eval()(x))


def test_the_update_is_multiplied_in_the_precision_of_its_input_and_kept_in_float32() -> None:
    adapter = drawn(seed=0)
    adapter.base.to(torch.bfloat16)
    assert adapter(torch.randn(3, 8, dtype=torch.bfloat16)).dtype == torch.bfloat16
    assert adapter.lora_A.dtype == adapter.lora_B.dtype == torch.float32


def test_every_linear_layer_gets_an_adapter_under_its_own_name() -> None:
    body = nn.ModuleDict(
        {"layers": nn.ModuleList([nn.ModuleDict({"q_proj": nn.Linear(4, 4), "norm": nn.LayerNorm(4)})])}
    )
    adapters = attach_lora(body, LoraShape(rank=2, alpha=4.0, dropout=0.0))
    assert list(adapters) == ["layers.0.q_proj"]
    assert body.get_submodule("layers.0.q_proj") is adapters["layers.0.q_proj"]
