"""Memory: what there is here, how much this process took, and that what it gives back is not fetched anew."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from pathlib import Path

MAX_PRODUCTS = 64
"""Of which the code is kept in a process that trains."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Names of glibc's settings, from its malloc.h."""
_MADV_DONTNEED, _OF_A_FILE = 4, 1 << 61
"""Linux' name of an advice, and its mark of a page that a file is behind."""
_KEEP_BYTES = 2**30
"""Pieces up to this size are taken from memory that the process keeps."""


def keep_freed_memory() -> None:
    """Has the C library keep what is freed, for as long as the process lives; elsewhere than on glibc, nothing.

    A training step asks for some hundred megabytes and gives them back. By default glibc returns them to the system,
    and every page is fetched and zeroed again in the next step: 88,000 pages in a step of 653 tokens.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return
    mallopt(_M_MMAP_THRESHOLD, _KEEP_BYTES)
    mallopt(_M_TRIM_THRESHOLD, 2 * _KEEP_BYTES - 1)


def keep_few_products() -> None:
    """Has oneDNN, and PyTorch's layer above it, keep the code of the last 64 matrix products instead of 1,024.

    Every number of tokens has code of its own, some 400 to 600 kB for each product. A training step brings 35, the next
    one has another number: after eighty steps 1,024 of either kind take 800 MB and have spared hardly any their making.
    So do batches of messages. For answering one message at a time, whose lengths come again and bring eight products
    each, 1,024 are right.

    Without influence once a product was computed in this process, and where the variables are set already.
    """
    for name in ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY"):
        os.environ.setdefault(name, str(MAX_PRODUCTS))


def give_back_freed_memory() -> None:
    """Has the C library return to the system what is free now; elsewhere than on glibc, nothing.

    Reading and packing a model's weights leaves more free pieces behind than the packed weights take.
    """
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError):
        return


def let_go_of_mapped(address: int, n_bytes: int) -> None:
    """Takes out of this process what lies in a mapped file and will not be read again; elsewhere than there, nothing.

    A weight that was read from a file stays resident beside its packed copy until all others of the file are given up.
    Nothing is lost: who reads it again gets it from the file.

    Args:
        address: where it begins.
        n_bytes: its size.
    """
    size = os.sysconf("SC_PAGE_SIZE")
    first, end = -(-address // size) * size, (address + n_bytes) // size * size
    if first >= end:
        return
    try:
        with Path("/proc/self/pagemap").open("rb") as pages:
            pages.seek(first // size * 8)
            if int.from_bytes(pages.read(8), sys.byteorder) & _OF_A_FILE:
                ctypes.CDLL(None).madvise(ctypes.c_void_p(first), ctypes.c_size_t(end - first), _MADV_DONTNEED)
    except (AttributeError, OSError):
        return


def peak_memory_bytes() -> int:
    """Most memory that this process had resident at any time."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1_024


def memory_for_this_process(
    *,
    meminfo: Path = Path("/proc/meminfo"),
    cgroups: Path = Path("/sys/fs/cgroup"),
    statm: Path = Path("/proc/self/statm"),
) -> int | None:
    """The most that this process may come to have resident: what it has, and what is free within its control group.

    Args:
        meminfo: where Linux tells what is free.
        cgroups: where a container's limits stand.
        statm: where Linux tells what this process has.

    Returns:
        Bytes; None where the system does not tell.
    """
    free = free_memory(meminfo=meminfo, cgroups=cgroups)
    return None if free is None else _resident(statm) + free


def free_memory(*, meminfo: Path = Path("/proc/meminfo"), cgroups: Path = Path("/sys/fs/cgroup")) -> int | None:
    """What this process may take beyond what it has, within its control group.

    Args:
        meminfo: where Linux tells what is free.
        cgroups: where a container's limits stand.

    Returns:
        Bytes; None where the system does not tell.
    """
    free, left = _free_here(meminfo), _left_in_group(cgroups)
    return free if free is None or left is None else min(free, left)


def memory_on_cuda() -> int:
    """The most that this process may come to have on its graphics card: what it set aside there, and what is free."""
    import torch  # noqa: PLC0415 (takes seconds, and a processor's memory can be read without it)

    return free_on_cuda() + int(torch.cuda.memory_reserved())


def free_on_cuda() -> int:
    """What nobody has set aside on the graphics card, in bytes."""
    import torch  # noqa: PLC0415 (as above)

    free, _ = torch.cuda.mem_get_info()
    return int(free)


def _free_here(meminfo: Path) -> int | None:
    """What could be had without swapping; elsewhere than on Linux the pages that are free or, failing that, all."""
    try:
        lines = meminfo.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1_024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        pass
    for pages in ("SC_AVPHYS_PAGES", "SC_PHYS_PAGES"):
        if pages in os.sysconf_names:
            return os.sysconf(pages) * os.sysconf("SC_PAGE_SIZE")
    return None


def _left_in_group(cgroups: Path) -> int | None:
    """What the control group (version 2, then 1) still grants; file pages that can be dropped count as left."""
    for limit, used, droppable in (
        ("memory.max", "memory.current", "memory.stat"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat"),
    ):
        try:
            granted, taken = (int((cgroups / name).read_text(encoding="ascii")) for name in (limit, used))
            stat = (cgroups / droppable).read_text(encoding="ascii").split()
        except (OSError, ValueError):  # Not there, or `max`, which is no number and no limit.
            continue
        inactive = int(stat[stat.index("inactive_file") + 1]) if "inactive_file" in stat else 0
        return max(0, granted - taken + inactive)
    return None


def _resident(statm: Path) -> int:
    """Of this process now; elsewhere than on Linux the most that it ever was."""
    try:
        return int(statm.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return peak_memory_bytes()
