"""Names of splits as people write them."""

from __future__ import annotations

import re

SPLITS = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "development": "validation",
    "calibration": "calibration",
    "test": "test",
    "testing": "test",
    "eval": "test",
    "evaluation": "test",
    "holdout": "test",
    "held_out": "test",
}
"""What each name means. `eval` is test, as on the hub: taken so by mistake it costs a validation split, which is then
carved from train; the other way round, rows meant for the proof would take part in choices.

Source: Hugging Face Hub documentation, "File names and splits", for all but calibration, development and hold-outs.
"""


def split_of(value: object) -> str | None:
    """The split that a cell names, whatever its case and the space around it; None when it names none."""
    return SPLITS.get(value.strip().lower().replace("-", "_")) if isinstance(value, str) else None


def split_of_file(path: str) -> str | None:
    """The split that a file of a hub repository belongs to, by a word in its name or else its folder.

    Source: Hugging Face Hub documentation, "File names and splits".
    """
    for part in reversed(path.lower().split("/")):
        found = next((SPLITS[word] for word in re.split(r"[^a-z]+", part) if word in SPLITS), None)
        if found:
            return found
    return None
