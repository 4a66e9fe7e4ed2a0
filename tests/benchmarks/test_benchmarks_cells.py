"""Cells: kept once finished, for the code they were measured with; and what is timed by turns."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import cells
import pytest
import ratios


def counted(asked: list[str]) -> Any:
    def run(name: str) -> dict[str, Any]:
        asked.append(name)
        return {"figure": len(asked)}

    return run


def test_a_finished_cell_is_read_again_and_a_line_cut_off_is_measured_again(tmp_path: Path) -> None:
    kept, asked = tmp_path / "cells.jsonl", list[str]()
    first = cells.measure(["a", "b"], counted(asked), kept=kept)
    text = kept.read_text(encoding="utf-8")
    kept.write_text(text[:-5], encoding="utf-8")
    assert cells.measure(["a", "b"], counted(asked), kept=kept) == {"a": first["a"], "b": {"figure": 3}}
    assert asked == ["a", "b", "b"]


@pytest.mark.parametrize("changed", ["code", "processor", "torch"])
def test_what_other_code_or_another_machine_measured_is_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    kept, asked = tmp_path / "cells.jsonl", list[str]()
    cells.measure(["a"], counted(asked), kept=kept)
    other = cells.measured_under() | {changed: "another"}
    monkeypatch.setattr(cells, "measured_under", lambda: other)
    assert cells.measure(["a"], counted(asked), kept=kept) == {"a": {"figure": 2}}
    assert [json.loads(line)["under"][changed] for line in kept.read_text().splitlines()][1] == "another"


def test_the_hash_of_the_code_is_that_of_its_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cells, "__file__", str(tmp_path / "cells.py"))
    (tmp_path / "other.py").write_text("FIGURE = 1\n", encoding="utf-8")
    one = cells.measured_under.__wrapped__()["code"]
    assert cells.measured_under.__wrapped__()["code"] == one
    (tmp_path / "other.py").write_text("FIGURE = 2\n", encoding="utf-8")
    assert cells.measured_under.__wrapped__()["code"] != one


def _process() -> dict[str, Any]:
    os.environ["SUFFICE_TEST_APART"] = "set"
    return {"process": os.getpid()}


def test_what_runs_apart_leaves_this_process_as_it_was() -> None:
    assert cells.apart(_process)["process"] != os.getpid()
    assert "SUFFICE_TEST_APART" not in os.environ


def test_each_side_goes_first_as_often_as_the_other() -> None:
    asked: list[tuple[str, int]] = []
    sides = {name: lambda n, name=name: asked.append((name, n)) for name in ("ours", "theirs")}
    seconds = ratios.by_turns(sides, range(3))
    assert asked == [("ours", 0), ("theirs", 0), ("theirs", 1), ("ours", 1), ("ours", 2), ("theirs", 2)]
    assert {name: len(of) for name, of in seconds.items()} == {"ours": 3, "theirs": 3}
    assert min(seconds["ours"] + seconds["theirs"]) >= 0.0


def test_the_processor_is_named_as_it_names_itself(tmp_path: Path) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text("flags : avx2\nmodel name\t: A Processor 9\n", encoding="utf-8")
    assert cells.processor(file) == "A Processor 9"
    assert cells.processor(tmp_path / "none") != "A Processor 9"
