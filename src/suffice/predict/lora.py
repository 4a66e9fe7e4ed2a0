"""Low-rank adapters over frozen linear layers, in PEFT's names, kept in float32 and multiplied in the base's precision.

PEFT's own layers cast every activation to float32 and back, which on a processor that multiplies bf16 costs as much
as the frozen layer itself. The parameters and the file are PEFT's; only the forward pass is ours.

Source: Hu et al. 2021, LoRA, section 4.1.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name under which everybody knows it
from torch import nn


class LoraLinear(nn.Module):
    """y = W x + alpha / rank * B A x, with W frozen."""

    def __init__(self, base: nn.Linear, *, rank: int, alpha: float, dropout: float) -> None:
        """
        Args:
            base: the frozen layer.
            rank: inner width.
            alpha: the update is scaled by alpha / rank.
            dropout: share of the layer's input that the update does not see while training.
        """
        super().__init__()
        self.base, self.scale, self.dropout = base, alpha / rank, dropout
        self.lora_A = nn.Parameter(torch.empty(rank, base.in_features))
        self.lora_B = nn.Parameter(torch.zeros(base.out_features, rank))

    def reset(self, generator: torch.Generator) -> None:
        """A as PEFT draws it (Kaiming uniform, a = sqrt 5), B zero: the adapter begins by changing nothing."""
        with torch.no_grad():
            nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5), generator=generator)
            self.lora_B.zero_()

    def _scaled_B(self, dtype: torch.dtype) -> torch.Tensor:
        return (self.lora_B * self.scale).to(dtype)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The layer's output with the update added."""
        if self.dropout and self.training:
            seen = F.dropout(x, self.dropout)
            return self.base(x) + F.linear(F.linear(seen, self.lora_A.to(x.dtype)), self._scaled_B(x.dtype))
        out: torch.Tensor = _Updated.apply(x, self.base.weight, self.base.bias, self.lora_A, self.lora_B, self.scale)
        return out


class _Updated(torch.autograd.Function):
    """The frozen layer and its update in as few passes over the activations as there are, forward and backward."""

    @staticmethod
    def forward(
        ctx: Any,
        x: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        lora_A: torch.Tensor,
        lora_B: torch.Tensor,
        scale: float,
    ) -> torch.Tensor:
        x_NI = x.flatten(0, -2)
        low_A, low_B = lora_A.to(x.dtype), (lora_B * scale).to(x.dtype)
        inner_NR = x_NI @ low_A.T
        out_NO = F.linear(x_NI, weight, bias).addmm_(inner_NR, low_B.T)
        ctx.save_for_backward(x_NI, inner_NR, weight, low_A, low_B)
        ctx.scale = scale
        return out_NO.view(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        x_NI, inner_NR, weight, low_A, low_B = ctx.saved_tensors
        grad_NO = grads[0].flatten(0, -2)
        grad_NR = grad_NO @ low_B
        grad_B = (inner_NR.T @ grad_NO).T.float().mul_(ctx.scale)
        grad_A = (grad_NR.T @ x_NI).float()
        if not ctx.needs_input_grad[0]:
            return None, None, None, grad_A, grad_B, None
        grad_x = (grad_NO @ weight).addmm_(grad_NR, low_A)
        return grad_x.view(*grads[0].shape[:-1], -1), None, None, grad_A, grad_B, None


def attach_lora(body: nn.Module, *, rank: int, alpha: float, dropout: float) -> dict[str, LoraLinear]:
    """Puts an adapter on every linear layer of a decoder's blocks.

    Args:
        body: the decoder without its output layer; changed in place.
        rank: LoRA rank.
        alpha: LoRA scale.
        dropout: LoRA dropout.

    Returns:
        The adapters by the name of their layer inside `body`: `layers.0.self_attn.q_proj`.
    """
    adapters: dict[str, LoraLinear] = {}
    for name, layer in [(n, m) for n, m in body.named_modules() if isinstance(m, nn.Linear)]:
        parent = body.get_submodule(name.rpartition(".")[0])
        adapter = LoraLinear(layer, rank=rank, alpha=alpha, dropout=dropout)
        setattr(parent, name.rpartition(".")[2], adapter)
        adapters[name] = adapter
    return adapters
