"""A tiny language model that misses its target, through a fit that asks it and its base in other words."""

from __future__ import annotations

from pathlib import Path

import pytest

from messages import QUICK, split_rows, write_task
from suffice.kinds.classify import wordings
from suffice.pipeline.cells.answered import read_predictions
from suffice.pipeline.cells.asked_again import askings_of, wordings_of
from suffice.pipeline.diagnose import diagnose_runs
from suffice.pipeline.rows.prepare import prepare
from suffice.pipeline.rows.workspace import Workspace, read_run
from suffice.records.labels import LabelSet
from suffice.records.progress import SILENT
from suffice.store.task_file import load_task

NAMES = ("default", "question", "role", "short", "polite", "labels_first", "none")
LABELS = LabelSet(names=("card", "money", "parcel", "sign_in"))
MANY = LabelSet(names=tuple(f"label_{k}" for k in range(30)))


@pytest.fixture(scope="module")
def task(tmp_path_factory) -> Path:
    """Messages with a fifth of wrong labels, of which nobody can learn 99%."""
    folder = tmp_path_factory.mktemp("asked-again")
    return write_task(folder, split_rows(wrong=0.2), target={"at_least": 0.99}, train=QUICK | {"epochs": 1})


def test_who_is_tuned_is_told_the_labels_as_in_training_and_who_is_not_all_of_them() -> None:
    tuned, untuned = (wordings_of(rung, "", MANY) for rung in ("smollm2-135m", "smollm2-135m@prompted"))
    assert tuple(tuned) == tuple(untuned) == NAMES
    assert "30 categories" in tuned["short"]
    assert "label 29" in untuned["short"]
    assert tuned == {one.name: one.instruction for one in wordings(MANY)}


def test_an_instruction_of_the_task_is_the_first_wording() -> None:
    found = wordings_of("smollm2-135m", "Sort it.", MANY)
    assert tuple(found) == ("own", *NAMES)
    assert found["own"] == "Sort it."


def test_every_way_to_ask_is_planned_and_the_first_is_as_it_is(task, tmp_path) -> None:
    def ways(rung, *overrides):
        ready = prepare(
            load_task(task, overrides=overrides), Workspace(out=tmp_path), folder=task.parent, progress=SILENT
        )
        return [(one.rung, one.change, one.seconds) for one in askings_of(rung, ready)]

    rung, untuned = "smollm2-135m", "smollm2-135m@prompted"
    assert ways("tfidf") == ways("encoder") == ways("hosted:somebody") == []
    found = ways(rung)
    assert [way[:2] for way in found] == [
        *((rung, f"prompt:{name}") for name in NAMES),
        (untuned, "prompt:default"),
        (untuned, "shots:8"),
        *((untuned, f"prompt:{name}") for name in NAMES[1:]),
    ]
    seconds = {way[:2]: way[2] for way in found}
    assert 0.0 < seconds[rung, "prompt:none"] < seconds[untuned, "prompt:none"] < seconds[untuned, "shots:8"]
    # Where the task gives examples, the other way is without.
    assert [change for _, change, _ in ways(untuned, "train.shots=2")][:2] == ["prompt:default", "shots:0"]
    assert {way[2] for way in ways(str(task.parent / "nothing-known"))} == {0.0}


def test_a_fit_that_misses_asks_in_other_words_and_trains_nothing_for_it(task, fit_task, tiny_llama: Path) -> None:
    rung, untuned = str(tiny_llama), f"{tiny_llama}@prompted"
    outcome = fit_task(task, rungs=(rung,), skip=("training",))
    runs = Workspace(out=task.parent / "out").runs
    manifests = [read_run(path.parent) for path in runs.glob("*/manifest.json")]
    again = {(one.cell.rung, one.cell.change): one for one in manifests if one.cell.asked_again}
    ways = [f"prompt:{name}" for name in NAMES]
    small = ("sensitivity:typo", "sensitivity:greeting")  # Messages without capitals and without options.
    assert set(again) == {*((rung, way) for way in (*ways, *small)), *((untuned, way) for way in ways)}
    assert {(one.training, one.train_accuracy, one.cost.train_seconds) for one in again.values()} == {(None, None, 0.0)}
    (order,) = [one for one in manifests if one.cell.change == "curriculum:easy-first"]
    assert (order.cell.train.curriculum, order.cell.rung, order.n_train) == ("easy-first", rung, 40)

    # As it is told, it answers what its run answered.
    whole, default = (answers(runs / name) for name in (outcome.rungs[0].chosen.name, again[rung, ways[0]].name))
    assert len(default) > 150
    assert default.items() <= whole.items()
    # What it was fitted on, all of its few rows, chooses no wording; of the base, which has seen none, tune rows do.
    assert {one.tune_accuracy is None for (name, _), one in again.items() if name == rung} == {True}
    assert {one.tune_accuracy is None for (name, _), one in again.items() if name == untuned} == {False}

    # What flips under a small change is counted against what the run answered.
    (found,) = outcome.diagnosis.sensitivity
    assert (found.rung, [one.change for one in found.flips], found.repeated) == (rung, ["typo", "greeting"], None)
    for one, way in zip(found.flips, small, strict=True):
        changed = answers(runs / again[rung, way].name)
        n_flipped = sum(code != whole[row] for row, code in changed.items())
        assert (one.found.n, one.found.rate) == (len(changed), pytest.approx(n_flipped / len(changed)))

    found = {(one.switch, one.rung, one.change): one for one in outcome.diagnosis.interventions}
    assert {switch for switch, *_ in found} == {"curriculum", "prompt", "tuning"}
    right = {way: one.evaluation.accuracy.n_correct for way, one in again.items()}
    for name in (rung, untuned):
        lost = (right[name, "prompt:none"] - right[name, "prompt:default"]) / len(default)
        assert found["prompt", name, "prompt:none"].difference == pytest.approx(lost)
    gained = (right[rung, "prompt:default"] - right[untuned, "prompt:default"]) / len(default)
    assert found["tuning", rung, "tuning"].difference == pytest.approx(gained)

    no_gain = next(one for one in outcome.symptoms if one.symptom == "no_gain")
    told = {figure.what: figure.value for figure in no_gain.figures}
    assert told[f"accuracy of {rung} less that of its base model prompted"] == pytest.approx(gained)

    reliance = next(one for one in outcome.symptoms if one.symptom == "prompt_reliance")
    told = {figure.what: figure.value for figure in reliance.figures}
    worth = "accuracy with the instruction less that without"
    assert told[worth] == pytest.approx(-found["prompt", rung, "prompt:none"].difference)
    assert told[f"before tuning: {worth}"] == pytest.approx(-found["prompt", untuned, "prompt:none"].difference)
    assert f"{len(NAMES) - 1} wordings lie" in reliance.says

    # What is left out says so: by the person, and where eight examples are more than the model reads.
    left_out = dict(outcome.diagnosis.not_run)
    assert left_out["every rung: training"] == "left out by --skip training"
    assert left_out[f"{untuned}: shots:8"].startswith("it cannot be done here: an instruction of")
    assert not list(runs.glob("*shots*"))

    # Finished runs tell the same, and no rung comes of a base that was only asked.
    later = diagnose_runs([task.parent / "out"], decisions=None, seed=0)
    assert set(later.diagnosis.interventions) == set(outcome.diagnosis.interventions)
    assert [row.rung for row in later.capability.rungs] == [rung]


def answers(run: Path) -> dict[str, int]:
    """What a run answered, by row."""
    said = read_predictions(run / "predictions.parquet", LABELS, n_truncated=0)
    return dict(zip(said.ids, said.y_pred.tolist(), strict=True))
