"""Linear layers that read the same input, multiplied as one, with their low-rank updates.

PEFT's own layers cast every activation to float32 and back, which on a processor that multiplies bf16 costs as much
as the frozen layer itself. The parameters and the file are PEFT's; only the forward and backward passes are ours.

Shape suffixes: N tokens, I inputs, O outputs of all layers together, R rank of all layers together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 - the name under which everybody knows it
from torch import nn

from suffice.base_models.four_bit import FourBitLinear
from suffice.base_models.memory import let_go_of_mapped
from suffice.predict.frozen import FourBit, Frozen, Plain, laid_out
from suffice.predict.lora import LoraLinear


class Multiplied(NamedTuple):
    """What the backward pass of `Linears` needs; `seen` is what the updates saw of the input."""

    seen_NI: torch.Tensor
    inner_NR: torch.Tensor
    kept_NI: torch.Tensor | None
    """What dropout left over, as factors; None without dropout."""


class Update:
    """What one adapter adds to layers that read the same input, where their own adapters are part of the base."""

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
    """Layers that read the same input.

    `lower` must have been called since their adapters changed.
    """

    def __init__(self, layers: Sequence[LoraLinear]) -> None:
        """
        Args:
            layers: their weights become views of one matrix; those in four bits stay each as they are.
        """
        self.layers = tuple(layers)
        bases = [layer.base for layer in layers]
        self.sizes, self.ranks = [base.out_features for base in bases], [layer.lora_A.shape[0] for layer in layers]
        self.n_inputs = bases[0].in_features
        self.n_weights = self.n_inputs * sum(self.sizes)
        biases: list[torch.Tensor] = [base.bias for base in bases if base.bias is not None]
        self._bias_O = torch.cat(biases) if biases else None
        plain = [base for base in bases if isinstance(base, nn.Linear)]
        four_bit = [base for base in bases if isinstance(base, FourBitLinear)]
        assert not (plain and four_bit), "layers that read the same input are all in four bits or none is"
        self._frozen: Frozen
        if four_bit:
            self._frozen = FourBit(four_bit, self._bias_O)
            some = torch.empty(0, dtype=four_bit[0].dtype, device=four_bit[0].packed.device)
        else:
            some = torch.cat([base.weight for base in plain]) if len(plain) > 1 else plain[0].weight
            if len(plain) > 1:
                _let_go(base.weight for base in plain)
            for base, view in zip(plain, some.split_with_sizes(self.sizes), strict=True):
                base.weight = nn.Parameter(view, requires_grad=False)
            self._frozen = Plain(some, self._bias_O)
        self.low_A_RI = some.new_zeros(sum(self.ranks), self.n_inputs)
        self.low_B_OR = some.new_zeros(sum(self.sizes), sum(self.ranks))
        self.is_merged = False

    def parameters(self) -> list[nn.Parameter]:
        """A of each layer, then B of each layer."""
        return [layer.lora_A for layer in self.layers] + [layer.lora_B for layer in self.layers]

    def forward(
        self, x_NI: torch.Tensor, *, training: bool, added: Sequence[Added] = ()
    ) -> tuple[torch.Tensor, Multiplied | None]:
        """Outputs of all layers, shape [N, O], and what the backward pass needs; None of merged layers.

        Args:
            x_NI: what they read.
            training: whether dropout applies.
            added: by adapters beside the layers' own: to all rows, in their order, or to none.
        """
        parts = [updates[self].of(x_NI[rows]) for rows, updates in added]
        plus_NO = torch.cat(parts) if len(parts) > 1 else parts[0] if parts else None
        if self.is_merged:
            return self._frozen.forward(x_NI, plus_NO), None
        dropout, kept, seen = self.layers[0].dropout, None, x_NI
        if dropout and training:
            kept = F.dropout(torch.ones_like(x_NI), dropout)
            seen = x_NI * kept
        inner_NR = seen @ self.low_A_RI.T
        own_NO = inner_NR @ self.low_B_OR.T
        out_NO = self._frozen.forward(x_NI, own_NO if plus_NO is None else own_NO.add_(plus_NO))
        return out_NO, Multiplied(seen, inner_NR, kept)

    def backward(self, grad_NO: torch.Tensor, said: Multiplied | None) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Gradients of the input and of `parameters()`."""
        assert said is not None, "merged layers are not trained"
        grad_NR = grad_NO @ self.low_B_OR
        grad_A = (grad_NR.T @ said.seen_NI).float().split_with_sizes(self.ranks)
        blocks = self.blocks(grad_NO.T @ said.inner_NR)
        grad_B = [block.float().mul_(layer.scale) for block, layer in zip(blocks, self.layers, strict=True)]
        plus_NI = grad_NR @ self.low_A_RI
        if said.kept_NI is not None:
            plus_NI.mul_(said.kept_NI)
        return self._frozen.backward(grad_NO, plus_NI), [*grad_A, *grad_B]

    def lay_out(self) -> None:
        """Lays the weights out as the machine multiplies them best, where that is another way than they lie in."""
        if isinstance(self._frozen, Plain):
            self._frozen = laid_out(self._frozen.weight(), self._bias_O)
            if not isinstance(self._frozen, Plain):
                self._give_up_weights()

    def merge(self) -> None:
        """Adds the updates to the weights, for answering: the layers cannot be trained any more.

        Weights in four bits stay what they are: nothing can be added to them.
        """
        if isinstance(self._frozen, FourBit):
            return
        weight_OI = self._frozen.weight()
        with torch.no_grad():
            update = torch.cat([(layer.lora_B * layer.scale) @ layer.lora_A for layer in self.layers])
            self._frozen = laid_out((weight_OI.float() + update).to(weight_OI.dtype), self._bias_O)
        self.is_merged = True
        self._give_up_weights()

    def _give_up_weights(self) -> None:
        """The layers' own: they are multiplied here alone."""
        _let_go(weight for layer in self.layers if isinstance(weight := layer.base.weight, torch.Tensor))
        for layer in self.layers:
            layer.base.weight = nn.Parameter(self.low_A_RI.new_empty(0), requires_grad=False)

    def blocks(self, x_OR: torch.Tensor) -> list[torch.Tensor]:
        """The part of each layer: its rows, and the columns of its rank."""
        rows = x_OR.split_with_sizes(self.sizes)
        return [part.split_with_sizes(self.ranks, dim=1)[at] for at, part in enumerate(rows)]


def _let_go(weights: Iterable[torch.Tensor]) -> None:
    """Takes weights that were copied out of memory, where they lie in the file that they were read from."""
    for weight in weights:
        if weight.device.type == "cpu":
            let_go_of_mapped(weight.data_ptr(), weight.nbytes)


Updates = Mapping[Linears, Update]
"""An adapter: what it adds to each group of layers of a decoder."""


def lower(groups: Sequence[Linears]) -> None:
    """Takes the updates over into the precision of the base, those of all layers in three operations.

    Args:
        groups: of one decoder.
    """
    layers = [layer for group in groups for layer in group.layers]
    low_A = [part for group in groups for part in group.low_A_RI.split_with_sizes(group.ranks)]
    low_B = [part for group in groups for part in group.blocks(group.low_B_OR)]
    if not layers:
        return
    with torch.no_grad():
        torch._foreach_copy_(low_A, [layer.lora_A for layer in layers])
        torch._foreach_copy_(low_B, [layer.lora_B for layer in layers])
        torch._foreach_mul_(low_B, [layer.scale for layer in layers])
