"""Linear layers whose weights stay packed in four bits, with bitsandbytes, and are unpacked whenever they multiply.

Source: Dettmers et al. 2023, QLoRA, section 3: NF4 in blocks of 64, whose scales are packed again.
"""

from __future__ import annotations

import logging
import sys
from importlib.util import find_spec
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name under which everybody knows it
from torch import nn

from suffice.base_models.quiet import swapped
from suffice.errors import ModelError, Problem

INSTALL = "pip install 'suffice[qlora]'"


def is_installed() -> bool:
    """Whether bitsandbytes is there; it is not imported."""
    return find_spec("bitsandbytes") is not None


def require_installed() -> None:
    """Refuses to go on without bitsandbytes.

    Raises:
        ModelError: it is not installed.
    """
    if not is_installed():
        fix = f"{INSTALL}; or set train.base=full"
        rule = "a base model in four bits needs bitsandbytes"
        raise ModelError(Problem(where="train.base", rule=rule, got="it is not installed", fix=fix))


def import_quietly() -> None:
    """Imports bitsandbytes where it is installed.

    On processors that multiply bfloat16 it would otherwise fetch code from the model hub where the package `kernels` is
    installed, and complain where it is not; neither is used here.
    """
    if not is_installed() or "bitsandbytes" in sys.modules:
        return
    complains = logging.getLogger("bitsandbytes.backends.cpu.ops")
    kernels = sys.modules.get("kernels")
    sys.modules["kernels"] = None  # type: ignore[assignment] # Importing it fails then, which bitsandbytes expects.
    try:
        with swapped(complains, "level", logging.CRITICAL):
            import bitsandbytes  # noqa: F401, PLC0415
    finally:
        del sys.modules["kernels"]
        if kernels is not None:
            sys.modules["kernels"] = kernels


class FourBitLinear(nn.Module):
    """A frozen linear layer whose weight is never kept unpacked."""

    packed: torch.Tensor

    def __init__(self, layer: Any) -> None:
        """
        Args:
            layer: of bitsandbytes, packed already; what it holds is shared.
        """
        super().__init__()
        self.register_buffer("packed", layer.weight.data, persistent=False)
        self._state = layer.weight.quant_state
        self.out_features, self.in_features = self._state.shape
        self.bias: nn.Parameter | None = layer.bias

    @property
    def dtype(self) -> torch.dtype:
        """What it unpacks to."""
        dtype: torch.dtype = self._state.dtype
        return dtype

    @property
    def n_bytes(self) -> int:
        """Of the packed weight and its scales."""
        tensors = [self.packed, self._state.absmax]
        tensors += [] if self._state.state2 is None else [self._state.state2.absmax]
        return sum(tensor.numel() * tensor.element_size() for tensor in tensors)

    def unpacked(self) -> torch.Tensor:
        """The weight, shape [O, I], for as long as the caller holds it."""
        from bitsandbytes.functional import dequantize_4bit  # noqa: PLC0415 - an extra, and it takes time

        weight: torch.Tensor = dequantize_4bit(self.packed, self._state)
        return weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The layer's output; what autograd keeps for the backward pass is the packed weight."""
        out: torch.Tensor = _Multiply.apply(x, self)  # type: ignore[no-untyped-call]
        return out


class _Multiply(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, layer: FourBitLinear) -> torch.Tensor:
        ctx.layer = layer
        return F.linear(x, layer.unpacked(), layer.bias)

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor, None]:
        return grads[0] @ ctx.layer.unpacked(), None


def packing(dtype: torch.dtype) -> Any:
    """How transformers is told to pack a model's linear layers while it reads them, so that they never lie whole.

    Args:
        dtype: what they multiply in.
    """
    from transformers import BitsAndBytesConfig  # noqa: PLC0415

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )


def put_ours(model: nn.Module) -> None:
    """Our layers in place of those of bitsandbytes, which hold the same numbers and multiply by other routes.

    Args:
        model: read with `packing`; changed in place.
    """
    from bitsandbytes.nn import Linear4bit  # noqa: PLC0415

    for name, layer in [(n, m) for n, m in model.named_modules() if isinstance(m, Linear4bit)]:
        parent, _, own = name.rpartition(".")
        setattr(model.get_submodule(parent), own, FourBitLinear(layer))


def n_bytes(model: nn.Module) -> int:
    """Memory that a model's weights take, packed or not.

    Args:
        model: any.
    """
    plain = sum(parameter.numel() * parameter.element_size() for parameter in model.parameters())
    return plain + sum(layer.n_bytes for layer in model.modules() if isinstance(layer, FourBitLinear))
