"""What every benchmark of speed says beside its ratio: how sure it is, and what the machine gives."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from cells import Measured

from suffice.base_models.peak import matmul_peak
from suffice.base_models.precision import processor_flags

N_DRAWS = 2_000


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, Any]:
    """How many times as fast we are, from interleaved repeats, with a percentile bootstrap over the repeats.

    Args:
        ours: what is better when it is larger, one figure per repeat.
        theirs: likewise, measured beside it.
    """
    pairs = np.log(np.asarray(ours) / np.asarray(theirs))
    draws = np.random.default_rng(0).choice(pairs, size=(N_DRAWS, len(pairs))).mean(axis=1)
    low, high = np.quantile(draws, [0.025, 0.975])
    return {
        "ratio": round(float(np.exp(pairs.mean())), 2),
        "interval": [round(float(np.exp(low)), 2), round(float(np.exp(high)), 2)],
        "n_repeats": len(pairs),
    }


def machine() -> Measured:
    """The machine, and the most that it multiplies, in GFLOP/s (of int8: billions of operations)."""
    flags = processor_flags()
    return {
        "processor": platform.processor() or platform.machine(),
        "flags": sorted(flags & {"avx2", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16", "amx_int8"}),
        "n_cores": len(os.sched_getaffinity(0)),
        "n_threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "peak_fp32": round(matmul_peak("fp32") / 1e9),
        "peak_bf16": round(matmul_peak("bf16") / 1e9),
        "peak_int8": _peak_int8(),
    }


def _peak_int8() -> int | None:
    """Of PyTorch's own integer product, where it has one here."""
    a, b = (torch.ones(2_048, 2_048, dtype=torch.int8) for _ in range(2))
    best = float("inf")
    try:
        for _ in range(4):
            start = time.perf_counter()
            torch._int_mm(a, b)
            best = min(best, time.perf_counter() - start)
    except RuntimeError:
        return None
    return round(2.0 * 2_048**3 / best / 1e9)
