"""What the machine gives: operations per second, memory."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from suffice.base_models import memory, peak
from suffice.base_models.memory import keep_freed_memory, peak_memory_bytes


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_the_peak_is_that_of_the_best_repeat(monkeypatch: pytest.MonkeyPatch, precision: peak.Format) -> None:
    seconds = iter([9.0, 4.0, 0.5, 3.0, 2.0, 1.0])
    seen: list[torch.dtype] = []

    def timed(a: torch.Tensor, b: torch.Tensor) -> float:
        seen.append(torch.mm(a, b).dtype)
        return next(seconds)

    monkeypatch.setattr(peak, "SIZE", 64)
    monkeypatch.setattr(peak, "_seconds", timed)
    # Two operations for each of 64^3 products, in half a second.
    assert peak.matmul_peak(precision) == 2.0 * 64**3 / 0.5
    assert set(seen) == {torch.bfloat16 if precision == "bf16" else torch.float32}


def test_whole_numbers_of_a_byte_are_multiplied_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[torch.dtype] = []
    monkeypatch.setattr(peak, "SIZE", 64)
    monkeypatch.setattr(peak, "_seconds", lambda a, b: seen.append(a.dtype) or 0.5)
    assert peak.matmul_peak("int8") == 2.0 * 64**3 / 0.5
    assert set(seen) == {torch.int8}


def test_measuring_the_peak_does_not_move_the_global_random_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peak, "SIZE", 64)
    before = torch.get_rng_state()
    peak.matmul_peak("fp32")
    assert torch.equal(torch.get_rng_state(), before)


def test_the_clock_runs_while_matrices_are_multiplied() -> None:
    a = torch.ones(256, 256)
    assert 0.0 < peak._seconds(a, a) < 10.0


def test_peak_memory_grows_with_what_is_held() -> None:
    before = peak_memory_bytes()
    held = np.ones(2**25 + before // 8)
    assert peak_memory_bytes() >= held.nbytes


def test_keeping_freed_memory_is_asked_of_glibc_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []

    class Glibc:
        def mallopt(self, name: int, value: int) -> None:
            asked.append((name, value))

    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: Glibc())
    keep_freed_memory()
    assert dict(asked) == {-3: 2**30, -1: 2**31 - 1}
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    keep_freed_memory()
    assert len(asked) == 2
