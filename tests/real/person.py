"""The person's models beside a ledger of test openings that belongs to one test alone."""

from __future__ import annotations

import os
from pathlib import Path


def environment(home: Path) -> dict[str, str]:
    """The environment of a process whose SUFFICE_HOME is `home`, with the models that the person has."""
    models = Path(os.environ.get("SUFFICE_HOME", Path.home() / ".suffice")) / "models"
    models.mkdir(parents=True, exist_ok=True)
    home.mkdir(exist_ok=True)
    if not (home / "models").exists():
        (home / "models").symlink_to(models)
    own = os.environ | {"SUFFICE_HOME": str(home)}
    own.pop("OMP_NUM_THREADS", None)
    return own
