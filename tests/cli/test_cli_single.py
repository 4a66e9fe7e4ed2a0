"""Commands that speak of single runs: train, evaluate, compare, report, runs."""

from __future__ import annotations

import json
import shutil

import pytest

from commands import Fitted
from messages import QUICK, split_rows, write_task
from suffice.errors import StorageError
from suffice.pipeline.rows.workspace import Workspace
from suffice.pipeline.single import report_runs
from suffice.records.run import RUN_FORMAT
from suffice.store.home import home


@pytest.fixture
def copy(fitted, tmp_path) -> Fitted:
    """A finished fit, to be changed."""
    shutil.copytree(fitted.out, tmp_path / "out")
    return Fitted(task=fitted.task, out=tmp_path / "out", home=fitted.home, ran=fitted.ran)


def _judged(fitted: Fitted, rung: str):
    return next(run for run in fitted.runs(rung) if "-n154-" in run.name)


def _refit(fitted: Fitted, rung: str):
    return next(run for run in fitted.runs(rung) if "-n354-" in run.name)


def test_train_fits_one_rung_and_leaves_the_test_sealed(tmp_path, suffice):
    ran = suffice("train", write_task(tmp_path, split_rows()), "--rung", "majority", "--n-train", "60", "--json")
    assert ran.code == 0, ran.err
    document = json.loads(ran.out)
    assert document["n_train"] == 60
    assert document["evaluation"]["split"] == "validation"
    assert document["name"].startswith("majority-n60-s0-")
    assert (tmp_path / "suffice-out" / "messages" / "runs" / document["name"] / "manifest.json").exists()
    assert not (home() / "openings.jsonl").exists()


def test_train_for_a_person_says_where_the_run_lies(tmp_path, suffice):
    ran = suffice("train", write_task(tmp_path, split_rows()), "--rung", "majority")
    assert "majority on 200 validation rows: accuracy 0.250" in " ".join(ran.out.split())
    assert "run: " in ran.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--rung: names the rung to fit\n  got: nothing\n  fix: one of the task's ladder: majority, tfidf"),
        (["--rung", "tfdif"], "--rung: a rung must be one of majority"),
    ],
)
def test_train_needs_a_rung_that_there_is(tmp_path, suffice, arguments, message):
    ran = suffice("train", write_task(tmp_path, split_rows()), *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_train_tells_how_fast_it_was(suffice, tmp_path, tiny_llama):
    task = write_task(tmp_path, split_rows(), train=QUICK)
    told = json.loads(suffice("train", task, "--rung", tiny_llama, "--json").out)
    training = told["training"]
    assert told["train_seconds"] == training["loop_seconds"] <= told["cost"]["train_seconds"]
    assert told["examples_per_second"] == pytest.approx(told["n_examples_seen"] / told["train_seconds"])
    n_tokens = told["text_tokens"] + training["n_parts"] * told["prefix_tokens"]
    assert told["tokens_per_second"] == pytest.approx(n_tokens / told["train_seconds"])
    assert told["peak_fraction"] == training["needed_flops"] / training["loop_seconds"] / training["peak_flops"]
    assert 0.0 < told["peak_fraction"] < 1.0
    assert told["peak_memory_bytes"] > 50_000_000
    assert told["planned_memory_bytes"] > 500_000_000
    assert 0 <= told["best_epoch"] < QUICK["epochs"]
    said = " ".join(suffice("train", task, "--rung", tiny_llama).out.split())
    assert "tokens a second" in said
    assert "of what this machine multiplies at most" in said


def test_a_rung_without_a_network_has_its_seconds_and_no_tokens(suffice, tmp_path):
    told = json.loads(suffice("train", write_task(tmp_path, split_rows()), "--rung", "tfidf", "--json").out)
    assert told["train_seconds"] == told["cost"]["train_seconds"]
    assert told["tokens_per_second"] is told["peak_fraction"] is told["best_epoch"] is None


def test_evaluate_gives_the_figures_of_the_fit_again(fitted, suffice):
    run = _judged(fitted, "tfidf")
    ran = suffice("evaluate", run, "--json")
    document = json.loads(ran.out)
    assert document.pop("opening") is None
    assert document == json.loads((run / "manifest.json").read_text())["evaluation"]
    assert not (home() / "openings.jsonl").exists()


def test_evaluate_on_the_test_counts_an_opening(fitted, suffice):
    shutil.copytree(fitted.home, home(), dirs_exist_ok=True)
    run = _refit(fitted, "tfidf")
    ran = suffice("evaluate", run, "--test", "--json")
    document = json.loads(ran.out)
    assert (document["opening"], document["split"], document["accuracy"]["n"]) == (2, "test", 120)
    (tfidf,) = (rung for rung in fitted.document["rungs"] if rung["rung"] == "tfidf")
    assert document["accuracy"]["accuracy"] == tfidf["accuracy"]
    assert "this was opening 2 of this test split" in suffice("evaluate", run, "--test").out


def test_a_refit_is_not_scored_on_the_rows_that_it_was_fitted_on(fitted, suffice):
    for command in (["evaluate"], ["compare", _judged(fitted, "majority")]):
        ran = suffice(*command, _refit(fitted, "tfidf"))
        assert (ran.code, ran.out) == (2, "")
        assert "a run is scored on rows that it has not seen" in ran.err
        assert "refitted on the validation rows" in ran.err


def test_compare_holds_two_runs_against_each_other(fitted, suffice):
    first, second = _judged(fitted, "tfidf"), _judged(fitted, "majority")
    document = json.loads(suffice("compare", first, second, "--json").out)
    assert (document["first"], document["second"], document["n"]) == (first.name, second.name, 200)
    # tfidf is right in all 200 rows, majority in the 50 of one label.
    assert (document["difference"], document["n_only_first"], document["n_only_second"]) == (0.75, 150, 0)
    said = " ".join(suffice("compare", first, second).out.split())
    assert "on 200 validation rows: +75.0 points" in said
    assert "It speaks of these two runs, not of their recipes." in said


def test_runs_on_other_data_are_not_compared(fitted, suffice, tmp_path):
    task = write_task(tmp_path, split_rows(seed=3))
    run = json.loads(suffice("train", task, "--rung", "majority", "--json").out)["run"]
    ran = suffice("compare", _judged(fitted, "majority"), run)
    assert (ran.code, ran.out) == (2, "")
    assert "runs are compared on one data version and one split" in ran.err


def test_report_writes_a_page_about_runs(fitted, suffice, tmp_path):
    page = tmp_path / "page.html"
    runs = [_judged(fitted, "majority"), _judged(fitted, "tfidf")]
    ran = suffice("report", *runs, "--out", page, "--json")
    assert (ran.code, json.loads(ran.out)) == (0, {"report": str(page)})
    html = page.read_text(encoding="utf-8")
    assert "majority" in html
    assert "tfidf" in html


def test_report_for_a_person_says_where_the_page_is(fitted, suffice, tmp_path):
    assert suffice("report", _judged(fitted, "tfidf"), "--out", tmp_path / "p.html").out.startswith("report: ")


@pytest.mark.parametrize("command", ["evaluate", "report"])
def test_a_folder_that_is_no_finished_run_is_named(fitted, suffice, tmp_path, command):
    (tmp_path / "run").mkdir()
    ran = suffice(command, tmp_path / "run")
    assert (ran.code, ran.out) == (2, "")
    assert "must be the folder of a finished run\n  got: a run that has not finished" in ran.err
    assert "got: no such folder" in suffice(command, tmp_path / "nowhere").err


def test_runs_list_shows_state_and_disk(copy, suffice):
    (_judged(copy, "majority") / "manifest.json").unlink()
    broken = _refit(copy, "majority") / "manifest.json"
    broken.write_text(broken.read_text().replace(f'"format": {RUN_FORMAT}', '"format": 99', 1))
    document = json.loads(suffice("runs", "list", copy.out, "--json").out)
    states = {one["run"]: one["state"] for one in document}
    assert sorted(states.values()) == ["finished", "finished", "unfinished", "unreadable"]
    for one in document:
        folder = copy.out / "runs" / one["run"]
        assert one["size_bytes"] == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    said = suffice("runs", "list", copy.out).out
    assert "4 runs, " in said
    assert _judged(copy, "tfidf").name in said


def test_runs_rm_removes_what_is_named_and_nothing_else(copy, suffice):
    name = _judged(copy, "tfidf").name
    document = json.loads(suffice("runs", "rm", copy.out, name, "--json").out)
    assert document["removed"] == [name]
    assert document["bytes"] > 0
    assert len(copy.runs()) == 3
    assert (copy.bundle("tfidf") / "SHA256SUMS").exists()
    assert suffice("runs", "rm", copy.out, "--all").out.count("removed ") == 3
    assert copy.runs() == []


def test_runs_rm_of_a_name_that_is_not_there_removes_nothing(copy, suffice):
    name = _judged(copy, "tfidf").name
    ran = suffice("runs", "rm", copy.out, name, name[:-1])
    assert ran.code == 2
    assert f"no such run (nearest: '{name}')" in ran.err
    assert "suffice runs list" in ran.err
    assert len(copy.runs()) == 4
    assert suffice("runs", "rm", copy.out).code == 2
    assert suffice("runs", "list", copy.out / "nowhere").code == 2


def test_runs_rm_does_not_take_runs_from_under_a_fit(copy, suffice):
    with Workspace(out=copy.out).held():
        ran = suffice("runs", "rm", copy.out, "--all")
    assert ran.code == 2
    assert "another one is at work there" in ran.err
    assert len(copy.runs()) == 4


def test_a_page_never_takes_the_place_of_the_person_s_data(tmp_path):
    data = tmp_path / "messages.csv"
    data.write_text("text,label\n", encoding="utf-8")
    with pytest.raises(StorageError, match=r"messages.csv, which is no HTML page\n  fix: name another file"):
        report_runs([tmp_path / "run"], path=data)
    assert data.read_text(encoding="utf-8") == "text,label\n"


def test_slices_are_told_by_evaluate_and_compare(suffice, tmp_path):
    task = write_task(tmp_path, split_rows(), slices={"cards": {"label": "card"}, "short": {"words": [0, 7]}})
    runs = [json.loads(suffice("train", task, "--rung", rung, "--json").out)["run"] for rung in ("tfidf", "majority")]
    document = json.loads(suffice("evaluate", runs[1], "--json").out)
    cards, _ = document["slices"]
    assert (cards["name"], cards["n"], cards["says"]) == ("cards", 50, "the label is card")
    said = suffice("evaluate", runs[1]).out
    assert "against all" in said
    assert "cards" in said
    cards, short = json.loads(suffice("compare", *runs, "--json").out)["slices"]
    # Both are right in all rows of the commonest label.
    assert (cards["difference"], cards["p_value"], cards["q_value"]) == (0.0, 1.0, 1.0)
    assert short["q_value"] < 0.001
    told = suffice("compare", *runs).out
    assert max(map(len, told.splitlines())) <= 80
    assert "Benjamini-Hochberg" in told
