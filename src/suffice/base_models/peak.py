"""How fast this machine multiplies matrices: the yardstick beside every figure of speed. It never decides anything."""

from __future__ import annotations

import time

import torch

from suffice.base_models.precision import Device, Format

SIZE = 2_048
N_REPEATS = 5


def matmul_peak(precision: Format, *, device: Device = "cpu") -> float:
    """Floating-point operations per second of a square matrix product, the best of some; takes under a second.

    Args:
        precision: number format of the matrices.
        device: where they are multiplied.
    """
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    a, b = (torch.ones(SIZE, SIZE, dtype=dtype, device=device) for _ in range(2))
    best = min(_seconds(a, b) for _ in range(N_REPEATS + 1))
    return 2.0 * SIZE**3 / best


def _seconds(a: torch.Tensor, b: torch.Tensor) -> float:
    if a.device.type == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    torch.mm(a, b)
    if a.device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start
