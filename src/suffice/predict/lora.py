"""Low-rank adapters over frozen linear layers, in PEFT's names, kept in float32 and multiplied in the base's precision.

PEFT's own layers cast every activation to float32 and back, which on a processor that multiplies bf16 costs as much
as the frozen layer itself. The parameters and the file are PEFT's; only the forward pass is ours.

Source: Hu et al. 2021, LoRA, section 4.1.
"""

from __future__ import annotations

import math

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

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The layer's output with the update added."""
        seen = F.dropout(x, self.dropout, self.training) if self.dropout else x
        inner = F.linear(seen, self.lora_A.to(x.dtype))
        out: torch.Tensor = self.base(x)
        return out + F.linear(inner, (self.lora_B * self.scale).to(x.dtype))


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
