"""float32 for every rung, and checkpoints that need not survive a power cut."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def _float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bfloat16 rounds differently with the rows that share a batch."""
    monkeypatch.setattr("suffice.rungs.causal.choose_precision", lambda device: "fp32")
    monkeypatch.setattr("suffice.rungs.prompted.choose_precision", lambda device: "fp32")
    monkeypatch.setattr("suffice.rungs.encoder.choose_precision", lambda: "fp32")


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every epoch is written, and waiting for the disk is much of a tiny model's time."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
