from __future__ import annotations

import csv
import json

import pytest

from messages import split_rows, write_task
from suffice.errors import DataError, TaskError
from suffice.pipeline.rows.prepare import prepare
from suffice.pipeline.rows.slices import frozen
from suffice.pipeline.rows.workspace import Workspace
from suffice.pipeline.single import compare_folders, evaluate_run
from suffice.records.progress import SILENT
from suffice.store.task_file import load_task

SLICES = {
    "north": {"column": "region", "is": "north"},
    "cards": {"label": ["card", "parcel"]},
    "short": {"words": [0, 7]},
}


def sliced_task(folder, *, slices=SLICES, region=lambda n: "north" if n % 3 else "south", **sections):
    """Messages with a column of regions, by the position of each row."""
    task = write_task(folder, split_rows(), slices=slices, **sections)
    path = folder / "messages.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*rows[0], "region"])
        writer.writerows([*row, region(n)] for n, row in enumerate(rows[1:]))
    return task


def prepared(task, *overrides):
    loaded = load_task(task, overrides=overrides)
    return prepare(loaded, Workspace(out=task.parent / "out"), folder=task.parent, progress=SILENT)


def test_every_rung_is_judged_on_slices_before_and_on_the_test(tmp_path, fit_task):
    outcome = fit_task(sliced_task(tmp_path), all_rungs=True)
    for rung in outcome.rungs:
        for evaluation in (rung.chosen.evaluation, rung.test):
            assert [one.name for one in evaluation.slices] == ["north", "cards", "short"]
    north, cards, _ = outcome.rungs[0].chosen.evaluation.slices
    # Rows 160 to 359 are validation, two in three of them in the north; labels come in turn, so that half are cards.
    assert (north.n, north.says) == (sum(n % 3 > 0 for n in range(160, 360)), "region is north")
    assert (cards.n, cards.says) == (100, "the label is card or parcel")
    (comparison,) = outcome.comparisons
    assert [one.name for one in comparison.slices] == ["north", "cards", "short"]
    assert comparison.slices[0].q_value < 0.001


def test_without_slices_nothing_is_said_or_written(tmp_path, fit_task):
    outcome = fit_task(write_task(tmp_path, split_rows()), rungs=("majority",))
    assert outcome.rungs[0].chosen.evaluation.slices == ()
    assert not (tmp_path / "out" / "slices.json").exists()


def test_what_a_slice_holds_is_frozen_by_the_first_to_use_it(tmp_path):
    task = sliced_task(tmp_path)
    version = prepared(task).version.sha256
    kept = frozen(Workspace(out=tmp_path / "out")).versions[version]
    assert list(kept) == ["north", "cards", "short"]
    assert kept["cards"].n_validation == 100
    before = (tmp_path / "out" / "slices.json").stat().st_mtime_ns
    prepared(task)
    assert (tmp_path / "out" / "slices.json").stat().st_mtime_ns == before


def test_other_rows_under_a_name_are_refused_with_what_changed_and_how_to_rename(tmp_path):
    task = sliced_task(tmp_path)
    prepared(task)
    match = (
        r"task.yaml: slices.cards: a slice must hold the rows that it held when this output folder first used it\n"
        r"  got: rows where the label is card \(50 of validation\), where it was frozen as those where the label is "
        r"card or parcel \(100 of validation\)\n  fix: give the new slice another name, such as `cards-2:`"
    )
    with pytest.raises(TaskError, match=match):
        prepared(task, "slices.cards.label=card")
    renamed = prepared(task, "slices.cards-2={label: card}")
    assert "cards-2" in frozen(Workspace(out=tmp_path / "out")).versions[renamed.version.sha256]


def test_the_same_rows_in_other_words_are_the_same_slice(tmp_path):
    task = sliced_task(tmp_path)
    prepared(task)
    prepared(task, "slices.cards.label=[parcel, card]")


def test_another_data_version_is_recorded_anew(tmp_path):
    first = prepared(sliced_task(tmp_path)).version.sha256
    second = prepared(sliced_task(tmp_path, region=lambda n: "north" if n % 2 else "south")).version.sha256
    kept = frozen(Workspace(out=tmp_path / "out")).versions
    assert set(kept) == {first, second}
    assert kept[first]["north"] != kept[second]["north"]


def test_a_column_that_is_not_there_is_told_with_the_nearest(tmp_path):
    task = sliced_task(tmp_path, slices={"north": {"column": "regio", "is": "north"}})
    with pytest.raises(DataError, match=r"got: no column 'regio' \(nearest: 'region'\).*\n  fix: correct `column`"):
        prepared(task)


def test_slices_that_nothing_can_be_measured_on_are_told_all_at_once(tmp_path):
    slices = {"west": {"column": "region", "is": "west"}, "long": {"words": [99, None]}, "pin": {"label": "crad"}}
    with pytest.raises(TaskError) as caught:
        prepared(sliced_task(tmp_path, slices=slices))
    told = {problem.where: (problem.got, problem.fix) for problem in caught.value.problems}
    assert told == {
        "task.yaml: slices.pin.label": ("'crad' (nearest: 'card')", "correct the label, or take it out"),
        "task.yaml: slices.west": (
            "none where region is west; region is 'north', 'south' there",
            "correct the slice, or take it out",
        ),
        "task.yaml: slices.long": ("none where the message has 99 words or more", "correct the slice, or take it out"),
    }
    assert not (tmp_path / "out" / "slices.json").exists()


def test_a_version_that_was_read_without_the_column_is_refused(tmp_path):
    plain = sliced_task(tmp_path, slices={})
    name = prepared(plain).version.name
    with pytest.raises(TaskError, match=rf"got: {name}, which was read without 'region'\n  fix: take data.version out"):
        prepared(sliced_task(tmp_path), f"data.version={name}")


def test_slices_that_come_later_are_judged_without_another_fit(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows())
    first = fit_task(task, rungs=("majority",)).rungs[0].chosen
    later = fit_task(task, "slices={cards: {label: card}}", rungs=("majority",)).rungs[0].chosen
    assert (later.name, later.cost) == (first.name, first.cost)
    (cards,) = later.evaluation.slices
    assert (cards.n, cards.accuracy) == (50, 1.0)  # The commonest of four equal labels is the first.
    manifest = json.loads((tmp_path / "out" / "runs" / later.name / "manifest.json").read_text())
    assert manifest["evaluation"]["slices"][0]["name"] == "cards"


def test_runs_are_scored_and_compared_again_on_the_slices_they_knew(tmp_path, fit_task):
    rungs = fit_task(sliced_task(tmp_path), "train.refit=false", all_rungs=True).rungs
    majority, tfidf = (tmp_path / "out" / "runs" / rung.chosen.name for rung in rungs)
    measured = evaluate_run(tfidf, test=False, progress=SILENT).evaluation
    assert measured == rungs[1].chosen.evaluation
    assert [one.n for one in compare_folders(tfidf, majority).slices] == [one.n for one in measured.slices]
    fit_task(tmp_path / "task.yaml", "slices.north.is=[north, south, x]", "data.id=text", rungs=("majority",))
    assert [one.name for one in evaluate_run(tfidf, test=False, progress=SILENT).evaluation.slices] == [
        "cards",
        "short",
    ]
