from __future__ import annotations

import json

import pytest

from messages import Row, message_rows, split_rows, write_csv, write_task
from suffice.pipeline.labels.clean import clean
from suffice.pipeline.rows.prepare import read_rows
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.decision import Decision, Shown
from suffice.records.progress import SILENT
from suffice.review.settle import text_sha256
from suffice.store.files import file_sha256
from suffice.store.openings import is_spent, spend_test
from suffice.store.strict_json import dumps
from suffice.store.task_file import load_task
from suffice.store.versions import list_versions, open_version


@pytest.fixture
def task(tmp_path):
    """A task whose first training row is there twice, and so is its first validation row."""
    rows = split_rows()
    twice = [next(row for row in rows if row.split == name) for name in ("train", "validation")]
    return write_task(tmp_path, [*rows, *twice])


@pytest.fixture
def cleaned(tmp_path):
    """Cleans a task."""

    def run(task, *, also_test=False):
        return clean(
            load_task(task),
            decisions=tmp_path / "decisions.jsonl",
            also_test=also_test,
            folder=task.parent,
            out=tmp_path / "out",
            progress=SILENT,
        )

    return run


@pytest.fixture
def decide(tmp_path):
    """Appends a decision about a row of the raw version."""

    def run(task, row, action, became=None, *, who="ann", blind=True):
        raw = task_rows(task, tmp_path, version="raw")
        (example,) = raw.placed.data.take([row])
        shown = Shown(why="random", stratum="rest", inclusion_probability=1.0, rank=None, suggested=None, blind=blind)
        decision = Decision(
            who=who,
            when="2026-11-25T10:00:00+00:00",
            source=example.source,
            row=example.row,
            text_sha256=text_sha256(example.text),
            id=example.id,
            was=example.label,
            action=action,
            became=became,
            shown=shown,
        )
        with (tmp_path / "decisions.jsonl").open("a") as file:
            file.write(dumps(decision, indent=None) + "\n")

    return run


def task_rows(task, tmp_path, *, version="latest"):
    loaded = load_task(task, overrides=[f"data.version={version}"])
    return read_rows(loaded, Workspace(out=tmp_path / "out"), folder=task.parent, progress=SILENT)


def row_in(task, tmp_path, split):
    return int(task_rows(task, tmp_path, version="raw").placed.splits.rows(split)[0])


def test_a_new_version_is_written_and_the_source_is_as_it_was(task, cleaned, tmp_path):
    before = file_sha256(task.parent / "messages.csv")
    found = cleaned(task)
    n_dropped = len(found.cleaned.changes)
    assert n_dropped > 0
    assert (found.is_new, found.version.parent, found.version.n_rows) == (True, found.raw, found.n_rows - n_dropped)
    assert found.version.name.startswith("clean-")
    assert found.version.change == f"cleaned: {n_dropped} rows dropped, 0 relabelled"
    assert file_sha256(task.parent / "messages.csv") == before
    assert len(open_version(tmp_path / "out" / "data", found.version.name)) == found.n_rows - n_dropped


def test_every_change_is_kept_beside_the_rows(task, cleaned, tmp_path):
    found = cleaned(task)
    path = tmp_path / "out" / "data" / found.version.name / "changes.jsonl"
    written = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(written) == len(found.cleaned.changes)
    last = written[-1]
    assert (last["what"], last["why"]) == ("dropped", "copy: the same message")
    assert (last["source"], last["row"]) == ("messages.csv", found.n_rows - 2)
    assert last["stays"].startswith("messages.csv:0:")


def test_cleaning_twice_changes_nothing(task, cleaned, decide, tmp_path):
    decide(task, row_in(task, tmp_path, "train"), "drop")
    first = cleaned(task)
    again = cleaned(task)
    assert (again.version.name, again.is_new, again.cleaned.changes) == (
        first.version.name,
        False,
        first.cleaned.changes,
    )
    assert len(list_versions(tmp_path / "out" / "data")) == 2


def test_what_fit_reads_is_the_newest_version_and_no_row_has_moved(task, cleaned, decide, tmp_path):
    decide(task, row_in(task, tmp_path, "train"), "drop")
    raw, found = task_rows(task, tmp_path), cleaned(task)
    after = task_rows(task, tmp_path)
    assert after.version.name == found.version.name
    stood = dict(zip(raw.placed.data.ids, raw.placed.splits.codes.tolist(), strict=True))
    stands = dict(zip(after.placed.data.ids, after.placed.splits.codes.tolist(), strict=True))
    assert stands.items() <= stood.items()
    assert raw.placed.splits.test_sha256 == after.placed.splits.test_sha256


def test_taking_a_decision_back_makes_the_earlier_version_the_newest_again(task, cleaned, decide, tmp_path):
    first, row = cleaned(task), row_in(task, tmp_path, "train") + 5
    decide(task, row, "drop")
    second = cleaned(task)
    decide(task, row, "undo")
    third = cleaned(task)
    assert second.version.name != first.version.name == third.version.name
    assert third.is_new
    assert task_rows(task, tmp_path).version.name == first.version.name


def test_where_there_is_nothing_to_change_no_version_is_written(tmp_path, cleaned):
    rows = [Row(f"message {'abcdefghijkl'[i % 12] * 9} {i * 7919}", "ab"[i % 2]) for i in range(40)]
    found = cleaned(write_task(tmp_path, rows))
    assert (found.version, found.is_new, found.left_over, found.cleaned.changes) == (None, False, None, ())
    assert [version.name[:4] for version in list_versions(tmp_path / "out" / "data")] == ["raw-"]


def test_a_version_cleaned_before_is_named_where_there_is_nothing_to_change_any_more(tmp_path, cleaned, decide):
    rows = [Row(f"message {'abcdefghijkl'[i % 12] * 9} {i * 7919}", "ab"[i % 2]) for i in range(40)]
    task = write_task(tmp_path, rows)
    row = row_in(task, tmp_path, "train")
    decide(task, row, "drop")
    first = cleaned(task)
    decide(task, row, "undo")
    assert cleaned(task).left_over == first.version.name


def test_a_changed_source_is_cleaned_anew_and_decisions_find_their_rows(task, cleaned, decide, tmp_path):
    decide(task, row_in(task, tmp_path, "train") + 5, "drop")
    cleaned(task)
    rows = [*split_rows()][1:]
    write_csv(task.parent / "messages.csv", rows)
    found = cleaned(task)
    assert (found.n_decided, found.problems) == (1, ())
    assert "decided: drop" in {change.why for change in found.cleaned.changes}


def test_decisions_that_do_not_apply_are_told_and_the_others_applied(task, cleaned, decide, tmp_path):
    rows = task_rows(task, tmp_path, version="raw").placed.splits.rows("train").tolist()
    for row, action, who in (
        (rows[3], "drop", "ann"),
        (rows[4], "drop", "ann"),
        (rows[5], "drop", "ann"),
        (rows[5], "keep", "bob"),
    ):
        decide(task, row, action, who=who)
    with (tmp_path / "decisions.jsonl").open("a") as file:
        file.write('{"who": "ann", "wh')
    text = (task.parent / "messages.csv").read_text().splitlines(keepends=True)
    text[rows[3] + 1] = text[rows[3] + 1].replace("my", "our")
    (task.parent / "messages.csv").write_text("".join(text))
    found = cleaned(task)
    assert [(problem.where, problem.rule) for problem in found.problems] == [
        ("decisions.jsonl:5", "a line must be one decision in JSON"),
        ("decisions.jsonl:1", "a decision applies to a row that is there"),
        ("decisions.jsonl:3 and decisions.jsonl:4", "people must agree about a row before it changes"),
    ]
    assert [change.row for change in found.cleaned.changes if change.why == "decided: drop"] == [rows[4]]


def test_held_out_decisions_wait_and_then_the_test_is_spent_under_both_its_hashes(task, cleaned, decide, tmp_path):
    before = task_rows(task, tmp_path)
    row = row_in(task, tmp_path, "test")
    label = before.placed.data.labels[row]
    decide(task, row, "relabel", next(name for name in before.labels.names if name != label))
    assert cleaned(task).cleaned.waiting == 1
    assert not is_spent(before.placed.splits.test_sha256)
    cleaned(task, also_test=True)
    after = task_rows(task, tmp_path)
    assert after.placed.splits.test_sha256 != before.placed.splits.test_sha256
    assert is_spent(before.placed.splits.test_sha256)
    assert is_spent(after.placed.splits.test_sha256)


def test_a_test_that_is_not_touched_stays_as_it_is(task, cleaned, tmp_path):
    cleaned(task, also_test=True)
    assert not is_spent(task_rows(task, tmp_path).placed.splits.test_sha256)
    spend_test("other rows")
    assert not is_spent(task_rows(task, tmp_path).placed.splits.test_sha256)


def test_rules_that_the_data_breaks_are_no_obstacle_to_cleaning(tmp_path, cleaned):
    task = write_task(tmp_path, [*message_rows(60), Row("???", "card"), Row("", "card")], labels=["card", "money"])
    assert cleaned(task).n_rows == 62
