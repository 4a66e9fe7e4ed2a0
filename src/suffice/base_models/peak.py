"""How fast this machine multiplies matrices: the yardstick beside every figure of speed. It never decides anything."""

from __future__ import annotations

import time
from typing import Literal

import torch

from suffice.base_models.precision import Device, Format

SIZE, SIZE_CUDA = 2_048, 8_192
"""On a GPU a product of the smaller size is over before the processor has asked for it."""
N_REPEATS, N_REPEATS_CUDA = 5, 50
"""A GPU raises its clock while it works."""
_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "int8": torch.int8}


def matmul_peak(precision: Format | Literal["int8"], *, device: Device = "cpu") -> float:
    """Operations per second of a square matrix product, the best of some; takes about a second.

    The numbers are drawn, for a GPU multiplies matrices of ones faster than any that occur.

    Args:
        precision: number format of the matrices; float32 is not replaced by a shorter format.
        device: where they are multiplied.

    Raises:
        RuntimeError: PyTorch has no such product here; only of int8.
    """
    size, n_repeats = (SIZE, N_REPEATS) if device == "cpu" else (SIZE_CUDA, N_REPEATS_CUDA)
    generator = torch.Generator(device=device).manual_seed(0)  # Of its own: training counts on the global one.
    a, b = (torch.randn(size, size, generator=generator, device=device) for _ in range(2))
    if precision == "int8":
        a, b = ((x * 40.0).clamp(-127.0, 127.0) for x in (a, b))
    a, b = a.to(_DTYPES[precision]), b.to(_DTYPES[precision])
    best = min(_seconds(a, b) for _ in range(n_repeats + 1))
    return 2.0 * size**3 / best


def _seconds(a: torch.Tensor, b: torch.Tensor) -> float:
    multiply = torch._int_mm if a.dtype == torch.int8 else torch.mm
    if a.device.type == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    multiply(a, b)
    if a.device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start
