"""Linear layers whose weights never change, laid out as the machine multiplies them best.

Shape suffixes: N tokens, I inputs, O outputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
import torch.nn.functional as F  # noqa: N812 - the name under which everybody knows it

from suffice.base_models.four_bit import FourBitLinear


class Frozen(Protocol):
    """A weight that is multiplied from both sides, with something to be added to what comes out."""

    def forward(self, x_NI: torch.Tensor, plus_NO: torch.Tensor | None = None) -> torch.Tensor:
        """Outputs of these inputs, shape [N, O]."""
        ...

    def backward(self, grad_NO: torch.Tensor, plus_NI: torch.Tensor | None = None) -> torch.Tensor:
        """Gradient of the inputs, shape [N, I]."""
        ...

    def weight(self) -> torch.Tensor:
        """Shape [O, I], as it was given."""
        ...


def laid_out(weight_OI: torch.Tensor, bias_O: torch.Tensor | None) -> Frozen:
    """The layout for the device and the number format of a weight.

    Args:
        weight_OI: the weight.
        bias_O: the bias, if there is one.
    """
    if weight_OI.dtype == torch.bfloat16 and weight_OI.device.type == "cpu" and packs_bfloat16():
        return Reordered(weight_OI, bias_O)
    return Plain(weight_OI, bias_O)


def packs_bfloat16() -> bool:
    """Whether this processor multiplies packed bfloat16; without, as under AVX2 alone, a weight stays as it is."""
    operations = torch.ops.mkldnn
    has = hasattr(operations, "_linear_pointwise") and torch.backends.mkldnn.enabled
    return bool(has and operations._is_mkldnn_bf16_supported())


class Plain:
    """A weight as it is."""

    def __init__(self, weight_OI: torch.Tensor, bias_O: torch.Tensor | None) -> None:
        """
        Args:
            weight_OI: shared, not copied.
            bias_O: the bias, if there is one.
        """
        self._weight_OI, self._bias_O = weight_OI, bias_O

    def forward(self, x_NI: torch.Tensor, plus_NO: torch.Tensor | None = None) -> torch.Tensor:
        """Outputs of these inputs, shape [N, O]."""
        out_NO = F.linear(x_NI, self._weight_OI, self._bias_O)
        return out_NO if plus_NO is None else out_NO.add_(plus_NO)

    def backward(self, grad_NO: torch.Tensor, plus_NI: torch.Tensor | None = None) -> torch.Tensor:
        """Gradient of the inputs, shape [N, I]."""
        return grad_NO @ self._weight_OI if plus_NI is None else torch.addmm(plus_NI, grad_NO, self._weight_OI)

    def weight(self) -> torch.Tensor:
        """Shape [O, I]."""
        return self._weight_OI


class Reordered:
    """A weight in bfloat16 on a processor, packed once by the operation with which PyTorch's own compiler does so.

    A plain product packs its weight at every call: a tenth of the products' time in training, a quarter on the few
    dozen tokens of a message. What is added is added before the sum is rounded.
    """

    def __init__(self, weight_OI: torch.Tensor, bias_O: torch.Tensor | None) -> None:
        """
        Args:
            weight_OI: copied.
            bias_O: the bias, if there is one.
        """
        self._packed, self._bias_O = _pack(weight_OI), bias_O
        self._turned: torch.Tensor | None = None

    def forward(self, x_NI: torch.Tensor, plus_NO: torch.Tensor | None = None) -> torch.Tensor:
        """Outputs of these inputs, shape [N, O]."""
        return _multiplied(x_NI, self._packed, self._bias_O, plus_NO)

    def backward(self, grad_NO: torch.Tensor, plus_NI: torch.Tensor | None = None) -> torch.Tensor:
        """Gradient of the inputs, shape [N, I]; the first one packs the weight a second time."""
        if self._turned is None:
            self._turned = _pack(self.weight().T.contiguous())
        return _multiplied(grad_NO, self._turned, None, plus_NI)

    def weight(self) -> torch.Tensor:
        """Shape [O, I], unpacked."""
        return self._packed.to_dense()


def _pack(weight_OI: torch.Tensor) -> torch.Tensor:
    packed: torch.Tensor = torch.ops.mkldnn._reorder_linear_weight(weight_OI, None)
    return packed


def _multiplied(
    x: torch.Tensor, packed: torch.Tensor, bias: torch.Tensor | None, plus: torch.Tensor | None
) -> torch.Tensor:
    operation = torch.ops.mkldnn._linear_pointwise
    out: torch.Tensor = (
        operation(x, packed, bias, "none", [], "") if plus is None else operation.binary(x, plus, packed, bias, "add")
    )
    return out


class FourBit:
    """Weights in four bits, unpacked anew for every product and never kept."""

    def __init__(self, layers: Sequence[FourBitLinear], bias_O: torch.Tensor | None) -> None:
        """
        Args:
            layers: what they hold is shared.
            bias_O: of all layers together, if there is one.
        """
        self._layers, self._bias_O = layers, bias_O

    def forward(self, x_NI: torch.Tensor, plus_NO: torch.Tensor | None = None) -> torch.Tensor:
        """Outputs of these inputs, shape [N, O]."""
        return Plain(self.weight(), self._bias_O).forward(x_NI, plus_NO)

    def backward(self, grad_NO: torch.Tensor, plus_NI: torch.Tensor | None = None) -> torch.Tensor:
        """Gradient of the inputs, shape [N, I]."""
        return Plain(self.weight(), self._bias_O).backward(grad_NO, plus_NI)

    def weight(self) -> torch.Tensor:
        """Shape [O, I], for as long as the caller holds it."""
        unpacked = [layer.unpacked() for layer in self._layers]
        return torch.cat(unpacked) if len(unpacked) > 1 else unpacked[0]
