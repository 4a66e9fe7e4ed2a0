"""Requests to a file, and labels to a data version in which nothing flagged is judged on."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest

from messages import message_rows, split_rows, write_task
from suffice.errors import DataError
from suffice.pipeline.labels.clean import clean
from suffice.pipeline.rows.prepare import prepare, read_rows
from suffice.pipeline.rows.workspace import Workspace
from suffice.pipeline.shipped import collect as collecting
from suffice.pipeline.shipped.collect import collect, gather
from suffice.records.progress import SILENT
from suffice.records.splits import SPLIT_NAMES
from suffice.store.labelling import NO_LABEL, read_labelling, write_labelling
from suffice.store.requests import Entry
from suffice.store.requests_writer import Writer
from suffice.store.task_file import load_task
from suffice.store.versions import list_versions, open_version
from suffice.watch.draw import is_drawn

N, ONE_IN = 120, 5
IDS = [UUID(int=int(i), version=4).hex for i in np.random.default_rng(0).integers(0, 2**62, N)]
DRAWN = is_drawn(IDS, one_in=ONE_IN)
FRESH = message_rows(600, seed=7)[-N:]
"""Messages of which the task has none."""


def entries(*, keep_text=True, bundle="tfidf"):
    routes = ("local", "review", "escalated")
    return [
        Entry(
            id=IDS[i],
            at=1_000.0 * i,
            bundle=bundle,
            version="abc",
            label="card",
            probability=0.75,
            route=routes[i % 3],
            latency_ms=4.0,
            cost=0.0,
            text_hash=f"{i:x}",
            text=FRESH[i].text if keep_text else None,
        )
        for i in range(N)
    ]


@pytest.fixture
def ledger(tmp_path):
    def write(rows):
        writer = Writer(str(tmp_path / "answers.sqlite"), keep_days=None, lost=lambda n: None)
        writer.write(rows)
        writer.close()
        return str(tmp_path / "answers.sqlite")

    return write


@pytest.fixture
def task(tmp_path):
    return write_task(tmp_path, split_rows())


@pytest.fixture
def file(tmp_path):
    return tmp_path / "to_label.csv"


@pytest.fixture
def collected(tmp_path, task):
    def run(file):
        return collect(
            load_task(task), labels=file, one_in=ONE_IN, folder=task.parent, out=tmp_path / "out", progress=SILENT
        )

    return run


def gathered(ledger, file, *, bundle=None):
    return gather(ledger, bundle=bundle, since=None, one_in=ONE_IN, file=file)


def label_all(file, *, label=None):
    """As a person would who knows the truth."""
    truth = {row.text: row.label for row in FRESH}
    rows = [replace(row, label=label or truth[row.text]) for row in read_labelling(file, option="--to")]
    write_labelling(file, rows, option="--to")
    return rows


def read(task, tmp_path, *, version="latest"):
    loaded = load_task(task, overrides=[f"data.version={version}"])
    return read_rows(loaded, Workspace(out=tmp_path / "out"), folder=task.parent, progress=SILENT).placed


def test_flagged_rows_and_some_by_chance_are_wanted_and_nothing_tells_what_was_answered(ledger, file):
    found = gathered(ledger(entries()), file)
    rows = {row.id: row for row in read_labelling(file, option="--to")}
    expected = {one for i, one in enumerate(IDS) if DRAWN[i] or i % 3}
    assert rows.keys() == expected
    assert all((rows[one].why == "random") == DRAWN[i] for i, one in enumerate(IDS) if one in expected)
    assert {row.label for row in rows.values()} == {""}
    assert "0.75" not in file.read_text()
    assert sum(found.n_new.values()) == found.n_unlabelled == len(rows)


def test_messages_out_of_scope_become_rows_with_the_tasks_label_for_them(ledger, file, tmp_path, task):
    gathered(ledger(entries()), file)
    label_all(file, label="oos")
    with pytest.raises(DataError, match="label must be one of the task's"):
        collect(load_task(task), labels=file, one_in=ONE_IN, folder=task.parent, out=tmp_path / "out", progress=SILENT)
    with_label = load_task(task, overrides=["data.out_of_scope=oos"])
    found = collect(with_label, labels=file, one_in=ONE_IN, folder=task.parent, out=tmp_path / "out", progress=SILENT)
    assert sum(found.n_rows.values()) > 0
    assert read(task, tmp_path).data.labels.count("oos") == sum(found.n_rows.values())


def test_a_second_look_adds_what_is_new_and_keeps_labels(ledger, file):
    made = entries()
    gathered(ledger(made[:60]), file)
    labels = label_all(file)
    found = gathered(ledger(made[60:]), file)
    rows = read_labelling(file, option="--to")
    assert rows[: len(labels)] == labels
    assert len(rows) > len(labels)
    assert (found.n_labelled, found.n_unlabelled) == (len(labels), len(rows) - len(labels))
    before = file.read_bytes()
    assert gathered(str(file.parent / "answers.sqlite"), file).n_new == {}
    assert file.read_bytes() == before


def test_without_texts_it_says_which_setting_keeps_them(ledger, file):
    with pytest.raises(DataError, match=r"answers without their message\n.*serve with --keep-text"):
        gathered(ledger(entries(keep_text=False)), file)
    assert not file.exists()


def test_several_bundles_are_told_apart(ledger, file):
    url = ledger([*entries()[:60], *(replace(one, bundle="embed") for one in entries()[60:])])
    with pytest.raises(DataError, match=r"answers of embed, tfidf\n.*--bundle"):
        gathered(url, file)
    assert gathered(url, file, bundle="embed").n_requests == 60
    with pytest.raises(DataError, match="none of 'other'"):
        gathered(url, file, bundle="other")


def test_flagged_rows_go_to_train_and_those_drawn_by_chance_are_judged_on(ledger, file, task, collected, tmp_path):
    gathered(ledger(entries()), file)
    label_all(file)
    raw = read(task, tmp_path)
    found = collected(file)
    placed = read(task, tmp_path)
    assert placed.data.name == found.version.name
    names = dict(zip(placed.data.ids, (SPLIT_NAMES[code] for code in placed.splits.codes), strict=True))
    for i, one in enumerate(IDS):
        split = names.get(f"ledger:{one}")
        assert split in ({"validation", "calibration", None} if DRAWN[i] else {"train", None})
    assert found.n_rows.keys() == {"train", "validation", "calibration"}
    assert sum(found.n_rows.values()) == len(placed.data) - len(raw.data)
    # Every other row is where it was, and the test is the same one.
    assert names.items() >= dict(zip(raw.data.ids, (SPLIT_NAMES[c] for c in raw.splits.codes), strict=True)).items()
    assert placed.splits.test_sha256 == raw.splits.test_sha256
    assert not set(placed.splits.groups[len(raw.data) :]) & set(raw.splits.groups)
    assert placed.splits.n_leaked == raw.splits.n_leaked
    assert len(placed.copies.near) == len(placed.data)


def test_a_version_with_collected_rows_can_be_trained_on(ledger, file, task, collected, tmp_path):
    gathered(ledger(entries()), file)
    label_all(file)
    before = len(read(task, tmp_path).splits.rows("train"))
    found = collected(file)
    prepared = prepare(load_task(task), Workspace(out=tmp_path / "out"), folder=task.parent, progress=SILENT)
    assert prepared.version.name == found.version.name
    assert len(prepared.material.rows("train")) == before + found.n_rows["train"]


def test_the_same_file_again_changes_nothing(ledger, file, task, collected, tmp_path):
    gathered(ledger(entries()), file)
    label_all(file)
    first = collected(file)
    versions = {one.name for one in list_versions(tmp_path / "out" / "data")}
    again = collected(file)
    assert again.version is None
    assert again.n_there == sum(first.n_rows.values())
    assert {one.name for one in list_versions(tmp_path / "out" / "data")} == versions


def test_nothing_without_a_label_becomes_one(ledger, file, collected):
    gathered(ledger(entries()), file)
    n = len(read_labelling(file, option="--to"))
    found = collected(file)
    assert (found.version, found.n_unlabelled) == (None, n)
    label_all(file, label=NO_LABEL)
    found = collected(file)
    assert (found.version, found.n_no_label) == (None, n)


def test_copies_of_the_data_and_flagged_copies_of_random_rows_stay_out(ledger, file, task, collected):
    gathered(ledger(entries()), file)
    rows = label_all(file)
    random = next(row for row in rows if row.why == "random")
    flagged = [row for row in rows if row.why != "random"][:2]
    changed = {
        flagged[0].id: replace(flagged[0], text=split_rows()[-1].text.upper()),
        flagged[1].id: replace(flagged[1], text=f"{random.text}!"),
    }
    write_labelling(file, [changed.get(row.id, row) for row in rows], option="--to")
    found = collected(file)
    assert found.n_copies >= 1
    assert found.n_beside_random >= 1
    assert found.n_rows["train"] <= sum(row.why != "random" for row in rows) - 2


def test_a_row_that_says_it_was_drawn_and_was_not_goes_to_train(ledger, file, task, collected, tmp_path):
    gathered(ledger(entries()), file)
    write_labelling(file, [replace(row, why="random") for row in label_all(file)], option="--to")
    collected(file)
    placed = read(task, tmp_path)
    names = dict(zip(placed.data.ids, (SPLIT_NAMES[code] for code in placed.splits.codes), strict=True))
    assert {names.get(f"ledger:{one}") for one, drawn in zip(IDS, DRAWN, strict=True) if not drawn} == {"train", None}


def test_what_was_flagged_is_never_judged_on_however_many_are_said_to_be_drawn(
    ledger, file, task, collected, tmp_path, monkeypatch
):
    gathered(ledger(entries()), file)
    rows = label_all(file)
    monkeypatch.setattr(collecting, "is_drawn", lambda ids, *, one_in: [True] * len(ids))
    collected(file)
    placed = read(task, tmp_path)
    names = dict(zip(placed.data.ids, (SPLIT_NAMES[code] for code in placed.splits.codes), strict=True))
    assert {names.get(f"ledger:{row.id}") for row in rows if row.why != "random"} == {"train", None}


def test_a_label_that_is_none_is_told_and_nothing_is_written(ledger, file, task, collected, tmp_path):
    gathered(ledger(entries()), file)
    label_all(file, label="crad")
    with pytest.raises(DataError, match="nearest: 'card'"):
        collected(file)
    assert all(one.parent is None for one in list_versions(tmp_path / "out" / "data"))


def test_cleaning_keeps_what_was_collected_and_collecting_what_was_cleaned(ledger, file, tmp_path, collected):
    rows = split_rows()
    task = write_task(tmp_path, [*rows, rows[0]])  # A training row that is there twice.
    gathered(ledger(entries()), file)
    label_all(file)

    def run_clean():
        return clean(
            load_task(task),
            decisions=tmp_path / "decisions.jsonl",
            also_test=False,
            folder=tmp_path,
            out=tmp_path / "out",
            progress=SILENT,
        )

    first = run_clean()
    added = sum(collected(file).n_rows.values())
    assert len(open_version(tmp_path / "out" / "data", "latest")) == first.version.n_rows + added
    second = run_clean()
    assert second.version.n_rows == first.version.n_rows + added
    assert not second.is_new
    assert collected(file).version is None
