"""Low-rank adapters over frozen linear layers, in PEFT's names, kept in float32 and multiplied in the base's precision.

PEFT's own layers cast every activation to float32 and back, which on a processor that multiplies bf16 costs as much
as the frozen layer itself. The parameters and the file are PEFT's; only the forward and backward passes are ours.

Source: Hu et al. 2021, LoRA, section 4.1.

Shape suffixes: N tokens, I inputs, O outputs of all layers together, R rank of all layers together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

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


class Multiplied(NamedTuple):
    """What the backward pass of `Linears` needs; `seen` is what the updates saw of the input."""

    seen_NI: torch.Tensor
    inner_NR: torch.Tensor
    kept_NI: torch.Tensor | None
    """What dropout left over, as factors; None without dropout."""


class Update:
    """What one adapter adds to layers that read the same input, where their own adapters are frozen."""

    def __init__(self, pairs: Sequence[tuple[torch.Tensor, torch.Tensor]], *, scale: float, like: torch.Tensor) -> None:
        """
        Args:
            pairs: A and B of each layer, shapes [R, I] and [O, R].
            scale: on the update.
            like: of the precision and the device in which the layers multiply.
        """
        apart = torch.block_diag(*(b.float() * scale for _, b in pairs))  # type: ignore[no-untyped-call]
        self._A_RI = torch.cat([a for a, _ in pairs]).to(like)
        self._B_RO = apart.T.contiguous().to(like)

    def of(self, x_NI: torch.Tensor) -> torch.Tensor:
        """The update of these rows, shape [N, O].

        Packed for the processor the two take twice the memory, and are no faster beside a whole pass.
        """
        plus_NO: torch.Tensor = (x_NI @ self._A_RI.T) @ self._B_RO
        return plus_NO


class Added(NamedTuple):
    """Updates of some rows."""

    rows: slice
    updates: Updates


class Linears:
    """Layers that read the same input, multiplied as one, with an update each.

    `lower` must have been called since the updates changed.
    """

    def __init__(self, layers: Sequence[LoraLinear]) -> None:
        """
        Args:
            layers: their weights become views of one matrix; packed ones stay each as they are.
        """
        self.layers = tuple(layers)
        bases = [layer.base for layer in layers]
        self.sizes, self.ranks = [base.out_features for base in bases], [layer.lora_A.shape[0] for layer in layers]
        biases: list[torch.Tensor] = [base.bias for base in bases if base.bias is not None]
        self.bias_O = torch.cat(biases) if biases else None
        plain = [base for base in bases if isinstance(base, nn.Linear)]
        self._packed = [base for base in bases if isinstance(base, FourBitLinear)]
        assert not (plain and self._packed), "layers that read the same input are all packed or none is"
        if plain:
            self._weight_OI = torch.cat([base.weight for base in plain]) if len(plain) > 1 else plain[0].weight
            for base, view in zip(plain, self._weight_OI.split_with_sizes(self.sizes), strict=True):
                base.weight = nn.Parameter(view, requires_grad=False)
            some = self._weight_OI
        else:
            some = torch.empty(0, dtype=self._packed[0].dtype, device=self._packed[0].packed.device)
        self.n_inputs = bases[0].in_features
        self.low_A_RI = some.new_zeros(sum(self.ranks), self.n_inputs)
        self.low_B = [some.new_zeros(layer.lora_B.shape) for layer in layers]
        self._frozen: Frozen | None = None

    def weights(self) -> torch.Tensor:
        """The frozen weights of all layers, shape [O, I]; packed ones are unpacked anew at every call."""
        if not self._packed:
            return self._weight_OI
        unpacked = [base.unpacked() for base in self._packed]
        return torch.cat(unpacked) if len(unpacked) > 1 else unpacked[0]

    def parameters(self) -> list[nn.Parameter]:
        """A of each layer, then B of each layer."""
        return [layer.lora_A for layer in self.layers] + [layer.lora_B for layer in self.layers]

    def forward(
        self, x_NI: torch.Tensor, *, training: bool, added: Sequence[Added] = ()
    ) -> tuple[torch.Tensor, Multiplied | None]:
        """Outputs of all layers, shape [N, O], and what the backward pass needs; None of frozen layers.

        Args:
            x_NI: what they read.
            training: whether dropout applies.
            added: by adapters beside the layers' own.
        """
        parts = [updates[self].of(x_NI[rows]) for rows, updates in added]
        plus_NO = torch.cat(parts) if len(parts) > 1 else parts[0] if parts else None
        if self._frozen is not None:
            return self._frozen(x_NI, plus_NO), None
        out_NO, said = self._adapted(x_NI, training=training)
        return out_NO if plus_NO is None else out_NO.add_(plus_NO), said

    def _adapted(self, x_NI: torch.Tensor, *, training: bool) -> tuple[torch.Tensor, Multiplied]:
        dropout, kept, seen = self.layers[0].dropout, None, x_NI
        if dropout and training:
            kept = F.dropout(torch.ones_like(x_NI), dropout)
            seen = x_NI * kept
        inner_NR = seen @ self.low_A_RI.T
        out_NO = F.linear(x_NI, self.weights(), self.bias_O)
        for out, inner, b in zip(self._split(out_NO), self._inner(inner_NR), self.low_B, strict=True):
            out.addmm_(inner, b.T)
        return out_NO, Multiplied(seen, inner_NR, kept)

    def backward(self, grad_NO: torch.Tensor, said: Multiplied | None) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Gradients of the input and of `parameters()`."""
        assert said is not None, "a frozen layer is not trained"
        grads = self._split(grad_NO)
        grad_NR = torch.cat([grad @ b for grad, b in zip(grads, self.low_B, strict=True)], dim=1)
        grad_A = (grad_NR.T @ said.seen_NI).float().split_with_sizes(self.ranks)
        grad_B = [
            (grad.T @ inner).float().mul_(layer.scale)
            for layer, inner, grad in zip(self.layers, self._inner(said.inner_NR), grads, strict=True)
        ]
        grad_NI = grad_NO @ self.weights()
        if said.kept_NI is None:
            grad_NI.addmm_(grad_NR, self.low_A_RI)
        else:
            grad_NI.addcmul_(grad_NR @ self.low_A_RI, said.kept_NI)
        return grad_NI, [*grad_A, *grad_B]

    def freeze(self) -> None:
        """Adds the updates to the weights, and lays these out as the processor multiplies them best: for answering.

        The layers cannot be trained any more, and their own weights are given up. Packed weights stay what they are:
        nothing can be added to them.
        """
        if self._packed:
            return
        with torch.no_grad():
            update = torch.cat([(layer.lora_B * layer.scale) @ layer.lora_A for layer in self.layers])
            weight_OI = (self._weight_OI.float() + update).to(self._weight_OI.dtype)
        self._frozen = frozen_linear(weight_OI, self.bias_O)
        self._weight_OI = weight_OI.new_empty(0)
        for layer in self.layers:
            layer.base.weight = nn.Parameter(self._weight_OI, requires_grad=False)

    @property
    def is_frozen(self) -> bool:
        """Whether the updates are part of the weights."""
        return self._frozen is not None

    def _split(self, x_NO: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return x_NO.split_with_sizes(self.sizes, dim=1)

    def _inner(self, x_NR: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return x_NR.split_with_sizes(self.ranks, dim=1)


Updates = Mapping[Linears, Update]
"""An adapter: what it adds to each group of layers of a decoder."""


def lower(groups: Sequence[Linears]) -> None:
    """Takes the updates over into the precision of the base, those of all layers in three operations.

    Args:
        groups: of one decoder.
    """
    layers = [layer for group in groups for layer in group.layers]
    low_A = [part for group in groups for part in group.low_A_RI.split_with_sizes(group.ranks)]
    low_B = [part for group in groups for part in group.low_B]
    if not layers:
        return
    with torch.no_grad():
        torch._foreach_copy_(low_A, [layer.lora_A for layer in layers])
        torch._foreach_copy_(low_B, [layer.lora_B for layer in layers])
        torch._foreach_mul_(low_B, [layer.scale for layer in layers])


class Frozen(Protocol):
    """A linear layer whose weight never changes again."""

    def __call__(self, x: torch.Tensor, plus: torch.Tensor | None = None) -> torch.Tensor:
        """Outputs of these inputs, and `plus` where there is something to be added to them."""
        ...


def frozen_linear(weight_OI: torch.Tensor, bias_O: torch.Tensor | None) -> Frozen:
    """A linear layer whose weight never changes again; on a few dozen tokens a quarter faster, with the same result.

    In bfloat16 on a processor the weight is packed once, by the operation with which PyTorch's own compiler does so;
    a plain layer packs it at every call.

    Args:
        weight_OI: the weight.
        bias_O: the bias, if there is one.
    """
    packs = hasattr(torch.ops.mkldnn, "_linear_pointwise") and torch.backends.mkldnn.enabled
    if weight_OI.dtype == torch.bfloat16 and weight_OI.device.type == "cpu" and packs:
        return _packed_linear(torch.ops.mkldnn._reorder_linear_weight(weight_OI, None), bias_O)

    def multiply(x: torch.Tensor, plus: torch.Tensor | None = None) -> torch.Tensor:
        out = F.linear(x, weight_OI, bias_O)
        return out if plus is None else out.add_(plus)

    return multiply


def _packed_linear(packed: torch.Tensor, bias_O: torch.Tensor | None) -> Frozen:
    operation = torch.ops.mkldnn._linear_pointwise

    def multiply(x: torch.Tensor, plus: torch.Tensor | None = None) -> torch.Tensor:
        out: torch.Tensor = (
            operation(x, packed, bias_O, "none", [], "")
            if plus is None
            else operation.binary(x, plus, packed, bias_O, "add")
        )
        return out

    return multiply


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
