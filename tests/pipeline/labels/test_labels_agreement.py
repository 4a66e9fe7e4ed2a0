from __future__ import annotations

import json

import pytest
import yaml

from messages import message_rows
from suffice.pipeline.labels.agreement import agreement_of
from suffice.pipeline.rows.prepare import prepare
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.grid import Agreement
from suffice.records.progress import SILENT
from suffice.store.task_file import load_task

MESSAGES = message_rows(200)
OTHER = {row.label: MESSAGES[n - 1].label for n, row in enumerate(MESSAGES) if MESSAGES[n - 1].label != row.label}


@pytest.fixture
def agreed(tmp_path):
    """What two labels of a message come to, of rows and further lines of `data` in the task file."""

    def found(rows, **data):
        (tmp_path / "m.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        columns = {"path": "m.jsonl", "text": "text"} | data
        task = {"name": "t", "data": columns, "target": {"at_least": 0.9}}
        (tmp_path / "task.yaml").write_text(yaml.safe_dump(task), encoding="utf-8")
        workspace = Workspace(out=tmp_path / "out")
        loaded = load_task(tmp_path / "task.yaml")
        return agreement_of(prepare(loaded, workspace, folder=tmp_path, progress=SILENT))

    return found


def split_of(place):
    """Of ten rows six are for training, two for validation and two for the test."""
    return ("train", "train", "validation", "train", "test")[place % 5]


def test_two_copies_of_a_message_are_a_pair_and_test_rows_are_none(agreed):
    rows = [
        {"text": row.text + "!" * copy, "label": OTHER[row.label] if copy and n < 20 else row.label}
        | {"split": split_of(n)}
        for n, row in enumerate(MESSAGES)
        for copy in range(3 if n < 100 else 1)
    ]
    # Of the hundred with three copies each twenty are test rows, and of the first twenty, which differ, four.
    assert agreed(rows, label="label", split="split") == Agreement(n=80, n_same=64, by="copies")


def test_two_annotators_of_a_row_are_a_pair_unless_a_label_stands_beside_theirs_or_more_decide(agreed):
    rows = [
        {"text": row.text, "ann": row.label, "bob": OTHER[row.label] if n < 30 else row.label}
        | {"split": split_of(n), "cy": row.label, "settled": row.label}
        for n, row in enumerate(MESSAGES)
    ]
    two = {"annotators": ["ann", "bob"], "split": "split"}
    assert agreed(rows, **two) == Agreement(n=160, n_same=136, by="annotators")
    assert agreed(rows, **two, label="settled") is None
    assert agreed(rows, **(two | {"annotators": ["ann", "bob", "cy"]})) is None
