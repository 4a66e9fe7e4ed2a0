"""Cells on a Ray cluster of this machine: the figures of one process, and only this process writes."""

from __future__ import annotations

import pickle
import sys

import pytest

from messages import QUICK, split_rows, write_task
from suffice.errors import ModelError, Problem, TaskError
from suffice.pipeline.cells import on_ray
from suffice.pipeline.cells.executors import executor_on
from suffice.pipeline.cells.finished import prepared_for
from suffice.pipeline.cells.on_ray import OnRay, run_there
from suffice.pipeline.rows.workspace import Workspace, finished_runs, read_run
from suffice.records.progress import SILENT, Silent
from suffice.store.strict_json import plain

TIMED = {"cost", "training"}
"""Keys of a manifest that hold timings, and what a process had resident."""


class Heard(Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


def _figures(out):
    """Everything of all runs but timings, their answers byte by byte."""
    runs = Workspace(out=out).runs
    return {
        run.name: (
            {key: value for key, value in plain(run).items() if key not in TIMED},
            (runs / run.name / "predictions.parquet").read_bytes() if run.evaluation else None,
        )
        for run in finished_runs(Workspace(out=out))
    }


def test_a_fit_on_ray_has_the_figures_of_one_process(tmp_path, fit_task, tiny_llama):
    ladder, train = ["majority", "tfidf", str(tiny_llama)], QUICK | {"epochs": 1, "n_train": 140}
    rows = split_rows(wrong=0.2)
    # Half of validation trains as well: of 40 rows there is no subset.
    rows[::2] = [row._replace(split="train") if row.split == "validation" else row for row in rows[::2]]
    task = write_task(tmp_path, rows, ladder=ladder, train=train, target={"at_least": 0.99})
    # Causes that are looked into by training anew are cells like any other: repaired labels stand for them.
    skip = ("training", "curriculum", "prompt", "next_rung")
    here = fit_task(task, skip=skip, out=tmp_path / "here")
    heard = Heard()
    away = fit_task(task, skip=skip, out=tmp_path / "away", on="ray", progress=heard)
    figures = _figures(tmp_path / "here")
    # Whole rungs, a look at few rows, points of curves, repaired labels, the refit that ships.
    assert len(figures) > 6
    assert _figures(tmp_path / "away") == figures
    assert (away.proposal, away.goals, away.verdict.code) == (here.proposal, here.goals, here.verdict.code)
    assert [one.chosen.name for one in away.rungs] == [one.chosen.name for one in here.rungs]
    # What a worker said is told; nothing half written is left.
    assert any(line.endswith("a point of its curve") for line in heard.said)
    assert not [path.name for path in (tmp_path / "away" / "runs").glob(".*")]
    # Taken up again here, there is nothing left to run.
    again = fit_task(task, skip=skip, out=tmp_path / "away")
    assert [one.chosen for one in again.rungs] == [one.chosen for one in away.rungs]


@pytest.fixture
def finished(fitted):
    """A finished run of tfidf on the rows that it is compared on, and its rows."""
    folder = next(run for run in fitted.runs("tfidf") if not read_run(run).cell.refit)
    manifest = read_run(folder)
    return folder, manifest, prepared_for(manifest, folder).material


def _sent(manifest, material, begun):
    return run_there(manifest.cell, material, begun, name=manifest.name, report_to="none", planned_memory_bytes=None)


def test_a_run_that_was_begun_here_goes_on_in_a_worker(finished):
    folder, manifest, material = finished
    begun = {name: content for name, content in on_ray._files(folder).items() if "/" in name or name == "cell.json"}
    assert "fitted/fit.json" in begun
    returned = pickle.loads(pickle.dumps(_sent(manifest, material, begun)))
    assert returned.said == (f"{manifest.name}: fitted before; it is still to be judged",)
    assert returned.run["predictions.parquet"] == (folder / "predictions.parquet").read_bytes()
    assert returned.beside == {}


def test_what_a_person_has_to_fix_comes_back_whole(finished, tmp_path, monkeypatch):
    _, manifest, material = finished
    problem = Problem(where="model", rule="must be there", got="nothing", fix="bring it")

    def failing(job, *, progress):
        progress.say("looked for it")
        raise ModelError([problem], n_more=2)

    monkeypatch.setattr(on_ray, "run_job", failing)
    returned = pickle.loads(pickle.dumps(_sent(manifest, material, {})))
    heard, out = Heard(), tmp_path / "runs" / manifest.name
    job = on_ray.Job(cell=manifest.cell, material=material, name=manifest.name, out=out, report_to="none")
    with pytest.raises(ModelError, match=r"got: nothing\n  fix: bring it\n.*2 more") as raised:
        OnRay._put(returned, job, progress=heard)
    assert raised.value.problems == (problem,)
    assert heard.said == ["looked for it"]
    assert not out.exists()


def test_what_is_written_beside_a_run_is_put_beside_it(finished, tmp_path):
    folder, manifest, material = finished
    out = tmp_path / "runs" / manifest.name
    job = on_ray.Job(cell=manifest.cell, material=material, name=manifest.name, out=out, report_to="none")
    returned = on_ray.Returned(run=on_ray._files(folder), beside={"losses-1.npz": b"x"}, said=())
    assert OnRay._put(returned, job, progress=SILENT) == manifest
    assert (out.parent / "losses-1.npz").read_bytes() == b"x"
    assert on_ray._files(out) == on_ray._files(folder)


def test_without_ray_the_line_that_installs_it_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with (
        pytest.raises(TaskError, match=r"--on ray: ray must be installed\n.*\n  fix: pip install 'suffice\[ray\]'"),
        executor_on("ray"),
    ):
        pass


def test_an_address_that_is_none_is_told(monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "nowhere")
    with (
        pytest.raises(TaskError, match=r"a Ray cluster must be there\n  got: nowhere: .*\n  fix: correct RAY_ADDRESS"),
        executor_on("ray"),
    ):
        pass
