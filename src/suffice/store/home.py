"""Where suffice keeps what outlives an output folder: the ledger of test openings, converted models, hashes."""

from __future__ import annotations

import os
from pathlib import Path

from suffice.errors import Problem, StorageError


def home() -> Path:
    """`SUFFICE_HOME`, or `~/.suffice`; read at every call, so that importing the package reads nothing.

    Not a cache folder: whoever empties caches would reset the count of test openings.

    Raises:
        StorageError: it begins with the home of somebody whom this machine does not know.
    """
    named = os.environ.get("SUFFICE_HOME") or "~/.suffice"
    try:
        return Path(named).expanduser()
    except RuntimeError as error:
        rule, fix = "must lead to a folder", "set SUFFICE_HOME to a folder that you may write"
        raise StorageError(Problem(where="SUFFICE_HOME", rule=rule, got=f"{named!r}: {error}", fix=fix)) from error
