"""The demonstration finds its messages: Banking77 where it is, the set of the package elsewhere."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from suffice.pipeline.demo import demonstration
from suffice.pipeline.labels.audit import audit_task
from suffice.pipeline.labels.planted import planted_found
from suffice.records.progress import SILENT
from suffice.store.task_file import load_task


def test_without_banking77_the_set_of_the_package_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUFFICE_DATA", raising=False)
    found = demonstration(tmp_path, progress=SILENT)
    assert found.task.target.at_least == 0.85
    assert load_task(tmp_path / "task.yaml") == found.task
    with (tmp_path / "messages.csv").open(encoding="utf-8", newline="") as file:
        splits = Counter(row["split"] for row in csv.DictReader(file))
    assert splits == {"train": 528, "test": 132}


def test_with_banking77_the_first_eleven_labels_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data" / "banking77" / "banking77.jsonl"
    data.parent.mkdir(parents=True)
    rows = [{"text": f"message {n}", "label": f"label_{n:02}", "split": "train"} for n in range(20)]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    monkeypatch.setenv("SUFFICE_DATA", str(tmp_path / "data"))
    found = demonstration(tmp_path / "demo", progress=SILENT)
    assert found.task.target.at_least == 0.95
    kept = [json.loads(line)["label"] for line in (tmp_path / "demo" / "messages.jsonl").read_text().splitlines()]
    assert kept == [f"label_{n:02}" for n in range(11)]


def test_how_much_of_what_is_planted_is_found_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUFFICE_DATA", raising=False)
    demo = demonstration(tmp_path, progress=SILENT)
    audited = audit_task(
        demo.task,
        commands={},
        folder=tmp_path,
        out=tmp_path / "out",
        also_test=False,
        decisions=tmp_path / "decisions.jsonl",
        progress=SILENT,
    )
    wrong, copies, ambiguous = planted_found(audited)
    found = re.fullmatch(
        r"of 20 wrong labels .*, (\d+) stand among the first 20 .*, and (\d+) among the (\d+) .*", wrong
    )
    # By n-grams alone, without an encoder; among 528 rows chance would put less than one of 20 among the first 20.
    assert found is not None
    assert 5 <= int(found[1]) <= 20
    assert int(found[2]) <= int(found[3])
    assert re.search(r"of 20 near-copies.*1[0-9]", copies), copies
    assert ambiguous


def test_what_is_planted_stands_in_train_alone() -> None:
    def table(name: str) -> list[dict[str, str]]:
        return list(csv.DictReader((files("suffice.demo") / name).read_text(encoding="utf-8").splitlines()))

    rows = {row["id"]: row for row in table("messages.csv")}
    planted = table("planted.csv")
    assert Counter(row["kind"] for row in planted) == {"wrong_label": 20, "near_copy": 20, "ambiguous": 15}
    assert {rows[row["id"]]["split"] for row in planted} == {"train"}
    assert {rows[row["copy_of"]]["split"] for row in planted if row["copy_of"]} == {"train"}
    assert len({row["label"] for row in rows.values()}) == 11
