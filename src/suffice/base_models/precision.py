"""In which number format and on how many threads a model computes here: read off the machine, never timed.

A timing probe would choose differently on a busy machine and change the figures of a resumed run.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Format = Literal["bf16", "fp32"]
Device = Literal["cpu", "cuda"]
BF16_FLAGS = ("avx512_bf16", "amx_bf16", "bf16")
"""Processor flags that mean native bfloat16 multiplication, as Linux names them on x86 and on ARM (`bf16`)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Precision:
    """How a model computes; part of a run's manifest and kept on resume."""

    name: Format
    """Number format of weights and activations."""
    n_threads: int
    """Threads of one operation on the processor, at least 1."""
    why: str
    """What was read off the machine."""


def choose_precision(*, device: Device = "cpu") -> Precision:
    """bfloat16 where the device multiplies it natively, else float32; as many threads as cores may be used.

    Args:
        device: where the model will compute.
    """
    n_threads = usable_cores()
    name, found = _on_cuda() if device == "cuda" else _on_processor()
    return Precision(name=name, n_threads=n_threads, why=f"{found}; {n_threads} usable cores")


def usable_device() -> Device:
    """Where language models compute: on an NVIDIA GPU that PyTorch can use, else on the processor."""
    import torch  # noqa: PLC0415 (takes seconds, and a processor's flags can be read without it)

    return "cuda" if torch.cuda.is_available() else "cpu"


def _on_processor() -> tuple[Format, str]:
    native = [flag for flag in BF16_FLAGS if flag in processor_flags()]
    if native:
        return "bf16", f"the processor multiplies bfloat16 ({', '.join(native)})"
    return "fp32", f"the processor names none of {', '.join(BF16_FLAGS)}"


def _on_cuda() -> tuple[Format, str]:
    import torch  # noqa: PLC0415

    if torch.cuda.is_bf16_supported(including_emulation=False):
        return "bf16", f"{torch.cuda.get_device_name()} multiplies bfloat16"
    return "fp32", f"{torch.cuda.get_device_name()} does not multiply bfloat16"


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
