"""Decisions about rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from suffice.records.dataset import Dataset
from suffice.records.decision import Decision, Shown
from suffice.review.settle import text_sha256


@pytest.fixture
def decided() -> Callable[..., Decision]:
    """Somebody's decision about a row of a data version; anything of it may be another."""

    def made(data: Dataset, row: int, action: str = "keep", became: str | None = None, **other: object) -> Decision:
        (example,) = data.take([row])
        blind = bool(other.pop("blind", False))
        shown = Shown(
            why="random",
            stratum="validation" if blind else "rest",
            inclusion_probability=0.5,
            rank=None if blind else 3,
            suggested=None if blind else "b",
            blind=blind,
        )
        fields = {
            "who": "ann",
            "when": "2026-11-25T10:00:00+00:00",
            "source": example.source,
            "row": example.row,
            "text_sha256": text_sha256(example.text),
            "id": example.id,
            "was": example.label,
            "action": action,
            "became": became,
            "shown": shown,
        }
        return Decision(**fields | other)

    return made
