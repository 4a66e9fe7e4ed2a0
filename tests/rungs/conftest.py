"""float32 for every rung, and checkpoints that need not survive a power cut."""

from __future__ import annotations

import os

import pytest

from suffice.base_models import Precision


@pytest.fixture(autouse=True)
def _float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bfloat16 rounds differently with the rows that share a batch."""
    chosen = Precision(name="fp32", n_threads=2, why="a test")
    monkeypatch.setattr("suffice.rungs.causal.choose_precision", lambda device: chosen)
    monkeypatch.setattr("suffice.rungs.encoder.choose_precision", lambda: chosen)


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every epoch is written, and waiting for the disk is much of a tiny model's time."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
