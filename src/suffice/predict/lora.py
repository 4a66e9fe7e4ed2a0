"""Low-rank adapters over frozen linear layers, in PEFT's names, kept in float32 and multiplied in the base's precision.

Source: Hu et al. 2021, LoRA, section 4.1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - the name under which everybody knows it
from torch import nn

from suffice.base_models.four_bit import FourBitLinear


@dataclass(frozen=True, kw_only=True, slots=True)
class LoraShape:
    """Size of an adapter."""

    rank: int
    """Inner width of the update."""
    alpha: float
    """The update is scaled by alpha / rank."""
    dropout: float
    """Share of a layer's input that the update does not see while training."""
    rank_stabilised: bool = False
    """The update is scaled by alpha / sqrt(rank) instead, so that its size does not fall with the rank.

    Source: Kalajdzievski 2023, A rank stabilization scaling factor for fine-tuning with LoRA, equation 4."""

    @property
    def scale(self) -> float:
        """Factor on the update."""
        return self.alpha / (math.sqrt(self.rank) if self.rank_stabilised else self.rank)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Adapter:
    """A trained adapter."""

    shape: LoraShape
    """Its size."""
    tensors: Mapping[str, tuple[torch.Tensor, torch.Tensor]]
    """A and B by the name of their layer inside the decoder, shapes [R, I] and [O, R]."""


class LoraLinear(nn.Module):
    """y = W x + scale * B A x, with W frozen."""

    def __init__(self, base: nn.Linear | FourBitLinear, shape: LoraShape) -> None:
        """
        Args:
            base: the frozen layer.
            shape: of the update.
        """
        super().__init__()
        self.base, self.scale, self.dropout = base, shape.scale, shape.dropout
        device = (base.weight if isinstance(base, nn.Linear) else base.packed).device
        self.lora_A = nn.Parameter(torch.zeros(shape.rank, base.in_features, device=device))
        self.lora_B = nn.Parameter(torch.zeros(base.out_features, shape.rank, device=device))

    def reset(self, generator: torch.Generator) -> None:
        """A as PEFT draws it (Kaiming uniform, a = sqrt 5), B zero: the adapter begins by changing nothing.

        Drawn on the processor, so that a seed means the same adapter on every device.
        """
        with torch.no_grad():
            drawn_RI = torch.empty(self.lora_A.shape)
            self.lora_A.copy_(nn.init.kaiming_uniform_(drawn_RI, a=math.sqrt(5), generator=generator))
            self.lora_B.zero_()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The layer's output with the update added, differentiated by autograd."""
        seen = F.dropout(x, self.dropout, self.training) if self.dropout else x
        inner = F.linear(seen, self.lora_A.to(x.dtype))
        out: torch.Tensor = self.base(x)
        return out + F.linear(inner, (self.lora_B * self.scale).to(x.dtype))


def attach_lora(body: nn.Module, shape: LoraShape) -> dict[str, LoraLinear]:
    """Puts an adapter on every linear layer of a decoder's blocks.

    Args:
        body: the decoder without its output layer; changed in place.
        shape: of each adapter.

    Returns:
        The adapters by the name of their layer inside `body`: `layers.0.self_attn.q_proj`.
    """
    adapters: dict[str, LoraLinear] = {}
    for name, layer in [(n, m) for n, m in body.named_modules() if isinstance(m, nn.Linear | FourBitLinear)]:
        parent = body.get_submodule(name.rpartition(".")[0])
        adapter = LoraLinear(layer, shape)
        setattr(parent, name.rpartition(".")[2], adapter)
        adapters[name] = adapter
    return adapters
