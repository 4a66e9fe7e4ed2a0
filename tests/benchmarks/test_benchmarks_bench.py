"""The benchmarks one after another: within a budget, whatever one of them does, and nothing left unsaid."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import bench
import pytest

MACHINE = {
    "processor": "a processor with a name of some length, as they have",
    "n_cores": 2,
    "memory_gb": 24.0,
    "torch": "2.13.0",
    "peak_fp32": 180,
    "peak_bf16": 418,
    "peak_int8": None,
}
FIGURES = {"speed": {"short": {"over_peer": {"ratio": 4.5, "interval": [4.25, 4.75], "n_repeats": 5}, "ms": 3}}}
HERE = Path(bench.__file__).parent


def script(folder: Path, name: str, body: str, *, minutes: str = "MINUTES = 1") -> str:
    """A benchmark that does what `body` says; importing torch would be an error."""
    lines = ["import sys, json, time, pathlib", "sys.modules['torch'] = None", minutes, body]
    (folder / f"{name}.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return name


def ran(folder: Path, *names: str, minutes: float = 5.0) -> bench.Document:
    return bench.run_all(names, scripts=folder, out=folder / "out", minutes=minutes, data=None, machine=MACHINE)


def written(folder: Path) -> dict[str, object]:
    return json.loads((folder / "out" / "results.json").read_text(encoding="utf-8"))


def test_one_document_has_the_machine_the_figures_and_what_was_not_run(tmp_path: Path) -> None:
    part = {"name": "llama.cpp", "why": "it is not installed"}
    fine = script(tmp_path, "fine", f"print(json.dumps({FIGURES | {'not_run': [part]}}))")
    ran(tmp_path, fine)
    document = written(tmp_path)
    assert document["machine"] == MACHINE
    (result,) = document["results"]
    assert (result["name"], result["minutes_declared"], result["figures"]) == ("fine", 1.0, FIGURES)
    assert document["not_run"] == [{"name": "fine, llama.cpp", "why": "it is not installed"}]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("raise ValueError('no such model')", "exit code 1: ValueError: no such model"),
        ("print('Loading...')", "it printed no JSON"),
    ],
)
def test_a_benchmark_that_fails_is_listed_with_its_reason_and_the_next_one_runs(
    tmp_path: Path, body: str, why: str
) -> None:
    broken = script(tmp_path, "broken", body)
    fine = script(tmp_path, "fine", f"print(json.dumps({FIGURES}))")
    document = ran(tmp_path, broken, fine)
    assert [result["name"] for result in document.results] == ["fine"]
    (missing,) = document.not_run
    assert missing["name"] == "broken"
    assert missing["why"].startswith(why)
    assert document.n_failed == 1


def test_a_benchmark_that_declares_no_minutes_fails_before_it_runs(tmp_path: Path) -> None:
    silent = script(tmp_path, "silent", "pathlib.Path(__file__).with_suffix('.ran').touch()", minutes="")
    document = ran(tmp_path, silent)
    assert document.not_run == [{"name": "silent", "why": "silent.py declares no MINUTES"}]
    assert not (tmp_path / "silent.ran").exists()


def test_what_declares_more_than_is_left_is_not_begun_and_what_fits_is(tmp_path: Path) -> None:
    long = script(tmp_path, "long", f"print(json.dumps({FIGURES}))", minutes="MINUTES = 30")
    short = script(tmp_path, "short", f"print(json.dumps({FIGURES}))", minutes="MINUTES = 4.5")
    document = ran(tmp_path, long, short)
    assert document.not_run == [{"name": "long", "why": "it declares 30 minutes, and 5.0 were left"}]
    assert [result["name"] for result in document.results] == ["short"]
    assert document.n_failed == 0


def test_what_is_finished_is_read_again_whatever_it_declares(tmp_path: Path) -> None:
    long = script(tmp_path, "long", f"print(json.dumps({FIGURES}))", minutes="MINUTES = 30")
    ran(tmp_path, long, minutes=31.0)
    assert [result["name"] for result in ran(tmp_path, long).results] == ["long"]


def test_one_that_takes_longer_than_is_left_is_ended_with_what_it_started_and_its_cells_are_kept(
    tmp_path: Path,
) -> None:
    body = (
        "cells = pathlib.Path(sys.argv[sys.argv.index('--cells') + 1])\n"
        "cells.write_text('{}')\n"
        "import subprocess\n"
        "subprocess.run(['sleep', '60'])"
    )
    endless = script(tmp_path, "endless", body, minutes="MINUTES = 0.01")
    began = time.monotonic()
    document = ran(tmp_path, endless, minutes=0.05)
    assert time.monotonic() - began < 30.0
    assert document.not_run == [{"name": "endless", "why": "the time was up; its finished cells are kept"}]
    assert (tmp_path / "out" / "endless.jsonl").exists()


def test_the_document_is_whole_while_benchmarks_run(tmp_path: Path) -> None:
    body = "print(json.dumps(json.loads(pathlib.Path(sys.argv[2]).with_name('results.json').read_text())))"
    first, second = script(tmp_path, "first", body), script(tmp_path, "second", body)
    document = ran(tmp_path, first, second)
    assert document.not_run == [
        {"name": "first, first", "why": "its turn had not come"},
        {"name": "first, second", "why": "its turn had not come"},
        {"name": "second, first, first", "why": "its turn had not come"},
        {"name": "second, first, second", "why": "its turn had not come"},
        {"name": "second, second", "why": "its turn had not come"},
    ]


def test_the_table_fits_eighty_columns_and_has_every_ratio_and_reason() -> None:
    long = {"over something with a name that fills more than its column of the table": FIGURES["speed"]["short"]}
    document = bench.Document(
        machine=MACHINE,
        results=[{"name": "training", "figures": FIGURES}, {"name": "memory", "figures": long}],
        not_run=[{"name": "gpu, train, 7B, bf16", "why": "there is no NVIDIA GPU here, as far as PyTorch sees"}],
    )
    lines = bench.table(document)
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("training  speed short over_peer") and "4.50  (4.25 to 4.75)" in line for line in lines)
    assert "no NVIDIA GPU" in "\n".join(lines)


def test_every_benchmark_is_there_and_all_together_declare_at_most_a_hundred_minutes() -> None:
    minutes = {name: bench.minutes_of(HERE / f"{name}.py") for name in bench.BENCHMARKS}
    assert min(minutes.values()) > 0.0
    assert sum(minutes.values()) <= bench.MINUTES == 100


def test_a_benchmark_that_nobody_knows_is_refused_by_name() -> None:
    done = subprocess.run(
        [sys.executable, HERE / "bench.py", "--only", "trainning"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "'trainning' (choose from" in done.stderr
