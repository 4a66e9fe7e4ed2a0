"""What every benchmark of speed says beside its ratio: how sure it is, and what the machine gives."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from cells import Measured, measured_under, print_json

from suffice.base_models.peak import matmul_peak
from suffice.base_models.precision import Device, processor_flags, usable_cores

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


def machine(device: Device = "cpu") -> Measured:
    """The machine, and the most that it multiplies, in GFLOP/s (of int8: billions of operations).

    Args:
        device: what multiplies.
    """
    flags = processor_flags()
    return {
        "commit": _commit(),
        **measured_under(),
        "flags": sorted(flags & {"avx2", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16", "amx_int8"}),
        "n_cores": usable_cores(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "gpu": torch.cuda.get_device_name() if device == "cuda" else None,
        "n_threads": torch.get_num_threads(),
        "peak_fp32": round(matmul_peak("fp32", device=device) / 1e9),
        "peak_bf16": round(matmul_peak("bf16", device=device) / 1e9),
        "peak_int8": _peak_int8(device),
    }


def by_turns(sides: Mapping[str, Callable[[Any], Any]], given: Iterable[Any]) -> dict[str, list[float]]:
    """Seconds that each side takes for each of what is given; the one that goes first goes last the next time.

    Args:
        sides: what is timed, by name.
        given: what each side is asked, one after another.
    """
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    order = list(sides)
    for asked in given:
        for name in order:
            began = time.perf_counter()
            sides[name](asked)
            seconds[name].append(time.perf_counter() - began)
        order.append(order.pop(0))
    return seconds


def _commit() -> str:
    """Of the code that is measured; empty where it lies in no clone."""
    git = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--exclude=*"]
    return subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()


def _peak_int8(device: Device) -> int | None:
    """Of PyTorch's own integer product, where it has one here."""
    try:
        return round(matmul_peak("int8", device=device) / 1e9)
    except RuntimeError:
        return None


if __name__ == "__main__":
    print_json(machine())
