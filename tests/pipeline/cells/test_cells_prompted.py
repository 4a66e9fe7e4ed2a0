"""Base models that are prompted, through the whole road: named, planned, run, shipped, told apart from those tuned."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

import pytest

import suffice
from messages import QUICK, split_rows, write_task
from suffice.errors import ModelError, TaskError
from suffice.pipeline.cells import memory
from suffice.pipeline.cells.estimate import estimated_minutes
from suffice.pipeline.cells.names import cells_of, names_of_runs, run_name, slug
from suffice.pipeline.cells.rung_names import ordered_rungs, require_ordered_rows
from suffice.pipeline.cells.whole_rung import was_run
from suffice.pipeline.rows.prepare import prepare
from suffice.pipeline.rows.workspace import Workspace, read_run
from suffice.records.progress import SILENT
from suffice.records.task import TrainSpec
from suffice.store.task_file import load_task


@pytest.fixture
def prepared(fitted, tmp_path):
    """The task of a finished fit, with settings of its own."""

    def made(*overrides: str):
        task = load_task(fitted.task, overrides=overrides)
        return prepare(task, Workspace(out=tmp_path), folder=fitted.task.parent, progress=SILENT)

    return made


def test_whatever_may_be_tuned_may_be_prompted(tiny_llama: Path) -> None:
    bases = ("smollm2-135m", "owner/model", str(tiny_llama))
    names = ordered_rungs([f"{base}@prompted" for base in bases] + list(bases), where="ladder")
    # Of known size first; those that are prompted behind all that are tuned.
    assert names == (*bases, *(f"{base}@prompted" for base in bases))


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("smollm2-135@prompted", r" \(nearest: 'smollm2-135m@prompted'\)"),
        ("smollm2-135m@promted", r" \(nearest: 'smollm2-135m@prompted'\)"),
        ("tfidf@prompted", ""),
        ("minilm-l6@prompted", ""),
        ("@prompted", ""),
        ("/nowhere/model@prompted", ""),
    ],
)
def test_what_cannot_be_prompted_is_told_with_the_nearest_that_can(name: str, near: str) -> None:
    with pytest.raises(
        ModelError, match=rf"@prompted behind a base model leaves it untuned\n  got: '{name}'{near}.*\n  fix: corr"
    ):
        ordered_rungs([name], where="ladder")


def test_an_order_of_rows_needs_a_rung_that_is_trained() -> None:
    easy = TrainSpec(curriculum="easy-first")
    with pytest.raises(TaskError, match=r"got: tfidf, smollm2-135m@prompted alone\n  fix: add such a rung"):
        require_ordered_rows(("tfidf", "smollm2-135m@prompted"), easy)
    require_ordered_rows(("tfidf", "smollm2-135m"), easy)


def test_a_cell_says_of_its_training_no_more_than_it_uses(prepared, tiny_llama: Path) -> None:
    given = ("train.shots=4", "train.n_train=50", "train.n_train_causal=20", "train.epochs=3", "train.rank=4")
    ready = prepared(*given)
    (cell,) = cells_of(f"{tiny_llama}@prompted", ready, seed=0, progress=SILENT)
    assert cell.train == TrainSpec(shots=4, n_train=50)
    assert (cell.label_output, cell.base) == (None, str(tiny_llama))
    for rung in ("tfidf", str(tiny_llama)):
        assert {cell.train.shots for cell in cells_of(rung, ready, seed=0, progress=SILENT)} == {0}


def test_names_of_runs_tell_how_many_examples_are_shown(prepared, tiny_llama: Path) -> None:
    names = []
    for shots in (0, 8):
        ready = prepared(f"train.shots={shots}")
        (cell,) = cells_of(f"{tiny_llama}@prompted", ready, seed=7, progress=SILENT)
        names.append(run_name(cell, ready))
    zero, eight = names
    assert zero.startswith(f"{tiny_llama.name}-prompted0-n154-s7-")
    assert eight.startswith(f"{tiny_llama.name}-prompted8-n154-s7-")
    assert zero[-4:] != eight[-4:]


def test_runs_of_one_base_are_told_apart_by_what_was_done_with_it() -> None:
    tuned, told, cheap = (names_of_runs(rung) for rung in ("smollm2-135m", "smollm2-135m@prompted", "tfidf"))
    assert fnmatch("smollm2-135m-lora16-n1565-s7-3f2a", tuned)
    assert fnmatch("smollm2-135m-prompted0-n1565-s7-3f2a", told)
    assert fnmatch("tfidf-n154-s0-3f2a", cheap)
    assert not fnmatch("smollm2-135m-prompted0-n1565-s7-3f2a", tuned)
    assert not fnmatch("smollm2-135m-lora16-n1565-s7-3f2a", told)
    assert not fnmatch("smollm2-135m-instruct-lora16-n1565-s7-3f2a", tuned)
    assert slug("models/My Model.gguf@prompted") == "my-model-prompted"


def test_an_estimate_is_of_answering(prepared) -> None:
    ready = prepared("train.shots=0")
    zero, tuned = (estimated_minutes(rung, ready) for rung in ("smollm2-135m@prompted", "smollm2-135m"))
    assert 0.0 < zero < tuned
    eight = estimated_minutes("smollm2-135m@prompted", replace(ready, task=prepared("train.shots=8").task))
    # By hand: eight messages more, computed once; two FLOP for each of 106,203,456 parameters.
    words = ready.summary.words_p50
    assert eight - zero == pytest.approx(8 * (1.4 * words + 4) * 2 * 106_203_456 / 1.2e11 / 60, rel=1e-6)
    assert estimated_minutes("owner/model@prompted", ready) is None


@pytest.mark.parametrize(
    ("gb", "fix"),
    [
        (2.5, r"set train.base=4bit: about \d\.\d GB"),
        (1.5, r"no setting would make it fit; \S+@prompted would, with about 1\.\d GB"),
        (0.1, r"no setting and no smaller base model would fit; free memory.*"),
    ],
)
def test_a_base_model_too_large_to_answer_is_refused_before_it_is_fetched(
    tmp_path, fit_task, monkeypatch, gb: float, fix: str
) -> None:
    monkeypatch.setattr("suffice.base_models.choose_precision", lambda device: "bf16")
    monkeypatch.setattr(memory, "memory_here", lambda: int(gb * 1e9))
    task = write_task(tmp_path, split_rows())
    with pytest.raises(ModelError, match=rf"all that answering with it takes\n  got: .*\n  fix: {fix}$"):
        fit_task(task, "train.shots=4", rungs=("qwen2.5-1.5b@prompted",))


def test_more_examples_need_more_memory_and_tuning_more_than_either(prepared, monkeypatch) -> None:
    monkeypatch.setattr("suffice.base_models.choose_precision", lambda device: "bf16")
    rung = "smollm2-135m@prompted"
    few, many = (memory.require_memory([rung], prepared(f"train.shots={n}"), seed=0)[0] for n in (0, 100))
    assert few.needed_bytes < many.needed_bytes
    (tuned,) = memory.require_memory(["smollm2-135m"], prepared(), seed=0)
    assert many.needed_bytes < tuned.needed_bytes


def test_it_is_fitted_judged_and_shipped_beside_the_tuned_one(tmp_path, fit_task, tiny_llama: Path) -> None:
    rung = f"{tiny_llama}@prompted"
    task = write_task(tmp_path, split_rows(), train=QUICK | {"epochs": 1})
    quick = {"rungs": (rung,), "skip": ("prompt", "curriculum", "training", "sensitivity")}
    outcome = fit_task(task, "train.shots=2", "report_to=tensorboard", **quick)
    (told,) = outcome.rungs
    assert (told.rung, told.chosen.training, told.chosen.cost.adapter_bytes) == (rung, None, 0)
    assert told.chosen.evaluation.form.invalid_label_rate == 0.0
    assert told.chosen.planned_memory_bytes is not None
    # A tiny model says anything but a label; what it is held to is told beside that, and held against nothing.
    assert 0.9 < told.chosen.kept_from <= 1.0
    (said,) = [one.says for one in outcome.symptoms if one.symptom == "hallucination"]
    assert said.endswith(f"; free to say anything it would say none with probability {told.chosen.kept_from:.2f}")
    workspace = Workspace(out=tmp_path / "out")
    assert (was_run(rung, workspace), was_run(str(tiny_llama), workspace)) == (True, False)
    assert Path(told.bundle).name == f"{tiny_llama.name}-prompted"
    loaded = suffice.load(told.bundle)
    known = {"card", "money", "parcel", "sign_in"}
    for answer in loaded.classify(["my card was stolen", "say banana", ""]):
        assert answer.label in known
        assert sum(answer.probabilities.values()) == pytest.approx(1.0)

    both = fit_task(task, "train.shots=2", **(quick | {"rungs": (rung, str(tiny_llama))}))
    assert [one.rung for one in both.rungs] == [str(tiny_llama), rung]
    assert both.rungs[1].chosen == told.chosen
    assert both.rungs[0].chosen.kept_from is None
    fit_task(task, "train.shots=0", **quick)
    runs = [read_run(folder).cell.train.shots for folder in workspace.runs.glob(f"{names_of_runs(rung)}")]
    assert sorted(runs) == [0, 2]
