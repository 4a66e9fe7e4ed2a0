"""In which number format and on how many cores a model computes here: read off the machine, never timed.

A timing probe would choose differently on a busy machine and change the figures of a resumed run.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

Format = Literal["bf16", "fp32"]
Device = Literal["cpu", "cuda"]
BF16_FLAGS = ("avx512_bf16", "amx_bf16", "bf16")
"""Processor flags that mean native bfloat16 multiplication, as Linux names them on x86 and on ARM (`bf16`)."""


def choose_precision(*, device: Device = "cpu") -> Format:
    """bfloat16 where the device multiplies it natively, else float32.

    Args:
        device: where the model will compute.
    """
    native = _on_cuda() if device == "cuda" else not processor_flags().isdisjoint(BF16_FLAGS)
    return "bf16" if native else "fp32"


def usable_device() -> Device:
    """Where language models compute: on an NVIDIA GPU that PyTorch can use, else on the processor."""
    import torch  # noqa: PLC0415 (takes seconds, and a processor's flags can be read without it)

    return "cuda" if torch.cuda.is_available() else "cpu"


def _on_cuda() -> bool:
    import torch  # noqa: PLC0415

    native: bool = torch.cuda.is_bf16_supported(including_emulation=False)
    return native


def processor_flags(cpuinfo: Path = Path("/proc/cpuinfo")) -> frozenset[str]:
    """The flags of the first processor; empty where the system does not tell (then bfloat16 is not assumed)."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    line = next((line for line in lines if line.partition(":")[0].strip().lower() in ("flags", "features")), "")
    return frozenset(line.partition(":")[2].split())


def usable_cores(cgroups: Path = Path("/sys/fs/cgroup")) -> int:
    """Cores that this process may use: its affinity, cut down to the container's quota."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _quota(cgroups)
    return bound if quota is None else max(1, min(bound, int(quota)))


def _quota(cgroups: Path) -> float | None:
    """Cores that the control group grants (version 2, then 1), or None without a limit."""
    for files in (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")):
        try:
            text = " ".join((cgroups / file).read_text(encoding="ascii") for file in files)
            granted, period = (float(part) for part in text.split())
        except (OSError, ValueError):  # Not there, or `max`, which is no number and no limit.
            continue
        return granted / period if granted > 0 else None
    return None
