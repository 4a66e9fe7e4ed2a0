from __future__ import annotations

from dataclasses import replace

import pytest

from suffice.pipeline.cells.estimate import estimated_minutes
from suffice.pipeline.cells.names import slug
from suffice.pipeline.cells.whole_rung import standing_for_rung
from suffice.pipeline.rows.prepare import prepare
from suffice.pipeline.rows.workspace import Workspace, read_run
from suffice.records.progress import SILENT
from suffice.store.task_file import load_task


@pytest.fixture
def with_right(fitted):
    """A finished run with so many right answers among 200."""
    manifest = next(read_run(run) for run in fitted.runs("tfidf") if "-n154-" in run.name)

    def made(name, n_correct):
        evaluation = manifest.evaluation
        accuracy = replace(evaluation.accuracy, n=200, n_correct=n_correct, accuracy=n_correct / 200)
        return replace(manifest, name=name, evaluation=replace(evaluation, accuracy=accuracy))

    return made


# Half a point of 200 rows is one row.
@pytest.mark.parametrize(("n_head", "standing"), [(170, "tokens"), (180, "tokens"), (181, "tokens"), (182, "head")])
def test_the_tokens_stand_for_the_rung_unless_the_head_leads_by_more_than_half_a_point(with_right, n_head, standing):
    assert standing_for_rung([with_right("tokens", 180), with_right("head", n_head)]).name == standing


@pytest.mark.parametrize(
    ("rung", "name"),
    [
        ("tfidf", "tfidf"),
        ("Qwen/Qwen2.5-0.5B-Instruct", "qwen2.5-0.5b-instruct"),
        ("models/My Model.gguf", "my-model"),
        ("./model/", "model"),
        ("ünï", "n"),
        ("../..", "rung"),
    ],
)
def test_a_rungs_name_is_fit_for_a_folder(rung, name):
    assert slug(rung) == name


def test_an_estimate_grows_with_the_rung_and_is_none_for_a_model_of_unknown_size(fitted, tmp_path, tiny_llama):
    task = load_task(fitted.task)
    prepared = prepare(task, Workspace(out=tmp_path), folder=fitted.task.parent, progress=SILENT)
    majority, tfidf, embed, encoder, causal = (
        estimated_minutes(rung, prepared) for rung in ("majority", "tfidf", "embed", "encoder", "smollm2-135m")
    )
    assert 0.0 < majority < tfidf < embed < encoder < causal
    assert estimated_minutes(str(tiny_llama), prepared) is None
    fewer = replace(prepared, task=load_task(fitted.task, overrides=["train.n_train_causal=20"]))
    assert estimated_minutes("smollm2-135m", fewer) < causal


def test_an_estimate_counts_the_instruction_once_for_each_part_of_a_step(fitted, tmp_path):
    prepared = prepare(load_task(fitted.task), Workspace(out=tmp_path), folder=fitted.task.parent, progress=SILENT)

    def estimated(rung, *overrides):
        pace = ("n_train_causal=32", "batch_size=16", "epochs=3", "label_output=auto")
        task = load_task(fitted.task, overrides=[*(f"train.{one}" for one in pace), *overrides])
        return estimated_minutes(rung, replace(prepared, task=task))

    short, long = f"instruction={'a' * 400}", f"instruction={'a' * 800}"
    whole, halved = (estimated("smollm2-135m", long, *parts) for parts in ((), ("train.accumulation=2",)))
    # By hand: a hundred tokens more in each of two steps of three epochs, twice that in two parts; four FLOP for each
    # of 106,203,456 parameters; in two runs, tokens and head.
    more = 2 * 3 * 2 * 100 * 4 * 106_203_456 / 1.2e11 / 60
    assert whole - estimated("smollm2-135m", short) == pytest.approx(more, rel=1e-6)
    assert halved - estimated("smollm2-135m", short, "train.accumulation=2") == pytest.approx(2 * more, rel=1e-6)
    assert estimated("encoder", long) == estimated("encoder", short)
