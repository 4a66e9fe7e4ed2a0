"""Where suffice keeps what outlives an output folder: the ledger of test openings, converted models, hashes."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """`SUFFICE_HOME`, or `~/.suffice`; read at every call, so that importing the package reads nothing.

    Not a cache folder: whoever empties caches would reset the count of test openings.
    """
    return Path(os.environ.get("SUFFICE_HOME") or "~/.suffice").expanduser()
