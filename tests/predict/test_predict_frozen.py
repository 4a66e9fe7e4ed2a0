"""Layouts of a frozen weight: the same products whichever way it lies."""

from __future__ import annotations

import pytest
import torch

from suffice.predict.frozen import Frozen, Plain, Reordered, laid_out, packs_bfloat16

IN_BFLOAT16 = Reordered if packs_bfloat16() else Plain
"""Processors with AVX2 alone do not multiply packed bfloat16."""


@pytest.mark.parametrize(("dtype", "kind"), [(torch.bfloat16, IN_BFLOAT16), (torch.float32, Plain)])
@pytest.mark.parametrize("with_bias", [False, True])
def test_products_and_gradients_are_those_of_the_plain_weight(
    dtype: torch.dtype, kind: type[Frozen], with_bias: bool
) -> None:
    torch.manual_seed(0)
    x, weight, bias, grad = (torch.randn(shape).to(dtype) for shape in ((20, 64), (96, 64), (96,), (20, 96)))
    frozen = laid_out(weight, bias if with_bias else None)
    assert isinstance(frozen, kind)
    assert torch.equal(frozen.weight(), weight)
    out, back = torch.nn.functional.linear(x, weight, bias if with_bias else None), grad @ weight
    assert torch.equal(frozen.forward(x), out)
    assert torch.equal(frozen.backward(grad), back)
    # Added before the sum is rounded: nearer than a sum of rounded ones.
    within = {"atol": 0.1, "rtol": 0.01} if dtype == torch.bfloat16 else {"atol": 1e-4, "rtol": 1e-5}
    torch.testing.assert_close(frozen.forward(x, out), 2 * out, **within)
    torch.testing.assert_close(frozen.backward(grad, back), 2 * back, **within)


def test_a_packed_weight_is_a_copy_and_answers_without_a_second_one() -> None:
    weight = torch.randn(96, 64).bfloat16()
    frozen = laid_out(weight, None)
    before = weight.clone()
    weight.zero_()
    assert torch.equal(frozen.weight(), before) == packs_bfloat16()
    frozen.forward(torch.randn(3, 64).bfloat16())
    assert getattr(frozen, "_turned", None) is None


def test_a_processor_that_packs_no_bfloat16_multiplies_it_as_it_is(monkeypatch) -> None:
    monkeypatch.setattr("suffice.predict.frozen.packs_bfloat16", lambda: False)
    assert isinstance(laid_out(torch.randn(96, 64).bfloat16(), None), Plain)
