"""Where suffice keeps what outlives an output folder: the ledger of test openings, converted models, hashes."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """`SUFFICE_HOME`, or `~/.cache/suffice`; read at every call, so that importing the package reads nothing."""
    return Path(os.environ.get("SUFFICE_HOME") or "~/.cache/suffice").expanduser()
