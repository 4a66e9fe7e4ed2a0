"""What memory there is: free memory, a container's limit, and what this process has already."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from suffice.base_models import choose_precision
from suffice.base_models.memory import (
    let_go_of_mapped,
    memory_for_this_process,
    memory_on_cuda,
    peak_memory_bytes,
)

PAGE = os.sysconf("SC_PAGE_SIZE")


def there(folder: Path, *, free: int | None = 8_000_000, files: dict[str, str] | None = None) -> int | None:
    """With `free` kB available, ten pages resident, and a control group of these files."""
    (folder / "statm").write_text("99 10 5 1 0 40 0\n")
    if free is not None:
        (folder / "meminfo").write_text(f"MemTotal: 16000000 kB\nMemFree: 1 kB\nMemAvailable: {free} kB\n")
    for name, content in (files or {}).items():
        (folder / "cgroup" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "cgroup" / name).write_text(content)
    found = memory_for_this_process(meminfo=folder / "meminfo", cgroups=folder / "cgroup", statm=folder / "statm")
    return None if found is None else found - 10 * PAGE


def test_without_a_container_it_is_what_the_system_has_available(tmp_path: Path) -> None:
    assert there(tmp_path) == 8_000_000 * 1_024


@pytest.mark.parametrize(
    "names",
    [
        ("memory.max", "memory.current", "memory.stat"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat"),
    ],
)
def test_a_container_s_limit_holds_and_pages_that_can_be_dropped_count_as_left(
    tmp_path: Path, names: tuple[str, str, str]
) -> None:
    limit, used, stat = names
    files = {limit: "3000000000\n", used: "1000000000\n", stat: "anon 5\ninactive_file 200000000\n"}
    assert there(tmp_path, files=files) == 2_200_000_000


def test_a_container_without_a_limit_or_with_a_wide_one_changes_nothing(tmp_path: Path) -> None:
    assert there(tmp_path, files={"memory.max": "max\n", "memory.current": "5\n", "memory.stat": ""}) == 8_192_000_000
    assert there(tmp_path, files={"memory.max": str(10**15)}) == 8_192_000_000


def test_a_container_that_is_full_has_nothing_left(tmp_path: Path) -> None:
    files = {"memory.max": "100\n", "memory.current": "200\n", "memory.stat": "inactive_file 10\n"}
    assert there(tmp_path, files=files) == 0


def test_other_systems_are_asked_for_their_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sysconf = os.sysconf
    monkeypatch.setattr(os, "sysconf", lambda name: 1_000 if name == "SC_AVPHYS_PAGES" else sysconf(name))
    assert there(tmp_path, free=None) == 1_000 * PAGE
    monkeypatch.setattr(os, "sysconf_names", {})
    assert there(tmp_path, free=None) is None


def test_a_system_that_does_not_tell_what_is_resident_is_told_the_most_that_was(tmp_path: Path) -> None:
    (tmp_path / "meminfo").write_text("MemAvailable: 1 kB\n")
    found = memory_for_this_process(meminfo=tmp_path / "meminfo", cgroups=tmp_path, statm=tmp_path / "none")
    assert found is not None
    assert found >= 1_024 + 0.5 * peak_memory_bytes()


def test_a_graphics_card_has_what_is_free_and_what_this_process_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.mem_get_info", lambda: (5_000, 80_000))
    monkeypatch.setattr("torch.cuda.memory_reserved", lambda: 700)
    assert memory_on_cuda() == 5_700


def test_this_machine_tells() -> None:
    found = memory_for_this_process()
    assert found is not None
    assert 10_000_000 < found < 10**14


PRODUCTS = """
import sys
from suffice.base_models.memory import keep_few_products
if sys.argv[1] == "few":
    keep_few_products()
import torch
def resident():
    return int(open("/proc/self/statm").read().split()[1])
weight = torch.randn(64, 64).bfloat16()
packed = torch.ops.mkldnn._reorder_linear_weight(weight, None)
before = resident()
for n in range(1, 400):
    x = torch.randn(n, 64).bfloat16()
    x @ weight
    torch.ops.mkldnn._linear_pointwise(x, packed, None, "none", [], "")
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="resident pages are read as Linux tells them")
def test_a_process_that_trains_keeps_the_code_of_few_products() -> None:
    if choose_precision(device="cpu") != "bf16":
        pytest.skip("products in bfloat16 have code of their own on processors that multiply it")
    free = {k: v for k, v in os.environ.items() if not k.endswith("_CACHE_CAPACITY")}
    few, all_kept = (
        int(subprocess.run([sys.executable, "-c", PRODUCTS, kept], env=free, capture_output=True, check=True).stdout)
        for kept in ("few", "all")
    )
    assert few < all_kept / 2


@pytest.mark.skipif(sys.platform != "linux", reason="resident pages are read as Linux tells them")
def test_what_lies_in_a_mapped_file_is_let_go_of_and_read_again(tmp_path: Path) -> None:
    content = np.random.default_rng(0).integers(256, size=2 * 2**20, dtype=np.uint8)
    content.tofile(tmp_path / "weights")
    mapped = np.memmap(tmp_path / "weights", dtype=np.uint8, mode="c")
    first = int(mapped.sum())
    before = of_files()
    let_go_of_mapped(mapped.ctypes.data, mapped.nbytes)
    assert before - of_files() >= 2**20
    assert int(mapped.sum()) == first


def test_what_lies_in_no_file_stays_what_it_is() -> None:
    own = np.arange(2**20)
    let_go_of_mapped(own.ctypes.data, own.nbytes)
    let_go_of_mapped(own.ctypes.data, 8)  # Less than a page.
    assert np.array_equal(own, np.arange(2**20))


def of_files() -> int:
    """Bytes of files that this process has resident."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1_024 for line in lines if line.startswith("RssFile:"))
