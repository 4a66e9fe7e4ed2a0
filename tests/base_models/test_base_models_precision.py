"""What the machine computes in, read off its flags and limits."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from suffice.base_models import precision
from suffice.base_models.precision import choose_precision, processor_flags, usable_cores, usable_device

X86 = "processor\t: 0\nmodel name\t: AMD EPYC\nflags\t\t: fpu avx2 avx512f avx512_bf16 aes\n\nprocessor\t: 1\n"
ARM = "processor\t: 0\nFeatures\t: fp asimd i8mm bf16\n"


def cpuinfo(tmp_path: Path, content: str) -> Path:
    (tmp_path / "cpuinfo").write_text(content)
    return tmp_path / "cpuinfo"


def test_flags_are_read_as_linux_writes_them(tmp_path: Path) -> None:
    assert processor_flags(cpuinfo(tmp_path, X86)) == {"fpu", "avx2", "avx512f", "avx512_bf16", "aes"}
    assert processor_flags(cpuinfo(tmp_path, ARM)) == {"fp", "asimd", "i8mm", "bf16"}


def test_a_system_that_does_not_tell_has_no_flags(tmp_path: Path) -> None:
    assert processor_flags(tmp_path / "none") == frozenset()
    assert processor_flags(cpuinfo(tmp_path, "hello\n")) == frozenset()


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        ({"avx2", "avx512_bf16"}, "bf16"),
        ({"avx2", "amx_bf16"}, "bf16"),
        ({"asimd", "bf16"}, "bf16"),
        ({"avx2", "avx512f"}, "fp32"),
        (set(), "fp32"),
    ],
)
def test_bfloat16_is_chosen_where_the_processor_multiplies_it(
    flags: set[str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "processor_flags", lambda: frozenset(flags))
    assert choose_precision() == name


def test_two_choices_on_one_machine_are_the_same() -> None:
    assert choose_precision() == choose_precision()


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({"cpu.max": "max 100000\n"}, 8),
        ({"cpu.max": "250000 100000\n"}, 2),
        ({"cpu.max": "50000 100000\n"}, 1),
        ({"cpu.max": "6400000 100000\n"}, 8),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 8),
        ({"cpu/cpu.cfs_quota_us": "300000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 3),
        ({}, 8),
    ],
)
def test_threads_are_the_cores_that_the_container_grants(
    files: dict[str, str], cores: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    assert usable_cores(tmp_path) == cores


@pytest.mark.parametrize(("there", "device"), [(True, "cuda"), (False, "cpu")])
def test_a_gpu_is_used_where_pytorch_has_one(monkeypatch: pytest.MonkeyPatch, there: bool, device: str) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: there)
    assert usable_device() == device
