"""Memory of this process: how much it took, and that what it gives back is not fetched anew at every step."""

from __future__ import annotations

import ctypes
import resource
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Names of glibc's settings, from its malloc.h."""
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


def peak_memory_bytes() -> int:
    """Most memory that this process had resident at any time."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1_024
