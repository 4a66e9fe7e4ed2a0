"""Where suffice keeps what it can make again: converted models, hashes, caches."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """`SUFFICE_HOME`, or `~/.cache/suffice`; read at every call, so that importing the package reads nothing."""
    return Path(os.environ.get("SUFFICE_HOME") or "~/.cache/suffice").expanduser()
