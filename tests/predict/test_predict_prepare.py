"""When our layer counts as the one of transformers."""

from __future__ import annotations

import pytest
import torch

from suffice.predict.prepare import _is_same


def outputs(dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    """What a layer was given, one element of it as large as SmolLM2-135M has them, and what it made of it."""
    given = torch.randn(8, 64, generator=torch.Generator().manual_seed(0)) * 5.0
    given[0, 0] = 19_712.0  # In bfloat16 the next larger number is 19,840.
    return given.to(dtype), (given + torch.randn(8, 64, generator=torch.Generator().manual_seed(1))).to(dtype)


def test_a_large_sum_that_is_rounded_the_other_way_is_no_other_layer() -> None:
    given, out = outputs(torch.bfloat16)
    found = out.clone()
    found[0, 0] += 128.0
    # The step alone is six times what the layer adds: 128 beside the norm of 512 draws of one, 22.6.
    assert torch.linalg.norm(found.float() - out.float()) > 5.0 * 22.6
    assert _is_same(found, out, given=given)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_a_layer_that_adds_something_else_is_another_one(dtype: torch.dtype) -> None:
    given, out = outputs(dtype)
    nothing_added, twice = given.clone(), (2.0 * out.float() - given.float()).to(dtype)
    swapped = torch.cat([out[:1], out[1:].flip(0)])
    for found in (nothing_added, twice, swapped):
        assert not _is_same(found, out, given=given)
    assert _is_same(out, out, given=given)
