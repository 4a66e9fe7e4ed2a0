from __future__ import annotations

import json
import re

import pytest

from commands import run_suffice
from messages import message_rows, split_rows, write_task

RUNG_KEYS = [
    "rung",
    "split",
    "n",
    "accuracy",
    "interval",
    "without_leaked",
    "macro_f1",
    "log_loss",
    "ece",
    "invalid_label_rate",
    "slices",
    "latency_ms",
    "size_bytes",
    "train_seconds",
    "bundle",
]


def test_a_finished_fit_ends_with_zero_and_one_json_document_and_nothing_else(fitted):
    assert fitted.ran.returncode == 0, fitted.ran.stderr
    decoder = json.JSONDecoder()
    document, end = decoder.raw_decode(fitted.ran.stdout)
    assert fitted.ran.stdout[end:] == "\n"
    assert document["task"] == "messages"
    assert "rung tfidf" in fitted.ran.stderr
    assert "Traceback" not in fitted.ran.stderr


def test_the_document_has_the_shape_that_other_tools_rely_on(fitted):
    document = fitted.document
    assert list(document) == [
        *("task", "verdict", "second", "gap", "interventions", "curves", "forecast", "foretold"),
        *("rows_needed", "gains", "label_ceiling"),
        *("capability", "break_even", "rounds", "symptoms", "sensitivity", "plans", "chances", "openings", "not_run"),
        *("notes", "ran"),
        *("rungs", "report", "runs", "data_version", "time", "knowledge"),
    ]
    verdict = document["verdict"]
    assert list(verdict) == ["code", "rung", "probability", "because", "flip"]
    assert (verdict["code"], verdict["rung"]) == ("suffices", "tfidf")
    assert 0.0 <= verdict["probability"] <= 1.0
    assert all(isinstance(sentence, str) for sentence in verdict["because"])
    assert isinstance(verdict["flip"], str)
    assert [list(rung) for rung in document["rungs"]] == [RUNG_KEYS, RUNG_KEYS]
    for rung in document["rungs"]:
        assert (rung["split"], rung["n"], rung["invalid_label_rate"]) == ("test", 120, 0.0)
        low, high = rung["interval"]
        assert 0.0 <= low <= rung["accuracy"] <= high <= 1.0
        assert 0.0 < rung["latency_ms"]["p50"] <= rung["latency_ms"]["p95"]
        assert rung["size_bytes"] > 0
        assert (fitted.out / "bundles" / rung["rung"]).samefile(rung["bundle"])
    assert (fitted.out / "report.html").samefile(document["report"])
    assert (fitted.out / "runs").samefile(document["runs"])


def test_a_target_that_is_not_met_ends_with_three_and_a_null_rung(tmp_path, suffice):
    ran = suffice("fit", write_task(tmp_path, split_rows()), "--rungs", "majority", "--json")
    document = json.loads(ran.out)
    assert (ran.code, document["verdict"]["code"], document["verdict"]["rung"]) == (3, "scale_up", None)
    assert [rung["rung"] for rung in document["rungs"]] == ["majority"]


def test_without_test_rows_nothing_is_proven_and_nothing_is_made_up(tmp_path, suffice, monkeypatch):
    monkeypatch.setattr("suffice.split.assign.TEST_SHARE", 0.0)
    rows = [row._replace(split=None) for row in split_rows()]
    ran = suffice("fit", write_task(tmp_path, rows), "--rungs", "majority", "--json")
    document = json.loads(ran.out)
    assert (ran.code, document["verdict"]["code"], document["verdict"]["rung"]) == (3, "scale_up", None)
    assert "there are no test rows" in document["verdict"]["because"][0]
    assert document["rungs"] == []


def test_for_a_person_it_prints_verdict_ladder_and_what_to_type_next(tmp_path, suffice):
    ran = suffice("fit", write_task(tmp_path, split_rows()), "--rungs", "majority", "target.at_least=0.1")
    assert ran.code == 0
    assert ran.out.splitlines()[0].startswith("Ship majority")
    assert "what would turn it" in ran.out
    assert "suffice classify" in ran.out
    assert "report.html" in ran.out


def test_what_was_not_run_is_printed_with_what_it_would_cost(tmp_path, suffice):
    ran = suffice("fit", write_task(tmp_path, split_rows()), "target.at_least=0.1")
    assert "- not run: tfidf (majority meets the target on validation; under a minute)" in " ".join(ran.out.split())
    assert "--all-rungs goes on" in ran.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train.epoch=3"], r"nearest: 'epochs'|nearest: 'train.epochs'"),
        (["--max-minutes", "0"], r"--max-minutes: must leave time for one rung at least\s+got: 0 minutes"),
        (["--max-minutes", "-1"], r"--max-minutes"),
        (["--n-train", "0"], r"--n-train"),
        (["--seed", "-1"], r"--seed"),
        (["--rungs", "tfdif"], r"'tfdif' \(nearest: 'tfidf'\)"),
        (["--rungs", ","], r"--rungs: a rung must be one of"),
        (["--skip", "promt"], r"--skip: must be an intervention: .*next_rung\s+got: 'promt' \(nearest: 'prompt'\)"),
        (["--rung", "tfidf"], r"(?i)no such option"),
        (["target.within=0.02", "target.at_least=0.9"], r"exactly one of them"),
        (["target.recall={crad: 0.9}"], r"'crad' \(nearest: 'card'\)"),
        (["data.path=nowhere.csv"], r"nowhere.csv"),
        (["data.text=words"], r"no column 'words'"),
        (["data.version=abcdef"], r"data.version: must be `raw`, `latest`"),
    ],
)
def test_what_the_person_can_mend_ends_with_two_and_no_traceback(tmp_path, suffice, arguments, message):
    ran = suffice("fit", write_task(tmp_path, split_rows()), *arguments, "--json")
    assert ran.code == 2, ran.err
    assert ran.out == ""
    assert "Traceback" not in ran.err

    assert re.search(message, ran.err), ran.err
    assert not (tmp_path / "suffice-out" / "messages" / "runs").exists()


def test_an_intervention_can_be_left_out_and_is_said_to_be(tmp_path, suffice):
    task = write_task(tmp_path, split_rows(wrong=0.2), target={"at_least": 0.95})
    ran = suffice("fit", task, "--rungs", "majority,tfidf", "--skip", "train_labels", "--skip", "next_rung", "--json")
    document = json.loads(ran.out)
    assert document["interventions"] == []
    assert not any("train_labels" in one["run"] or "train-labels" in one["run"] for one in document["ran"])
    why = {one["what"]: one["why"] for one in document["not_run"]}
    assert why["every rung: train_labels"] == "left out by --skip train_labels"
    assert why["every rung: next_rung"] == "left out by --skip next_rung"


def test_a_task_file_that_is_not_there_brings_the_one_beside_it(tmp_path, suffice):
    write_task(tmp_path, split_rows())
    ran = suffice("fit", tmp_path / "tasks.yaml")
    assert ran.code == 2
    assert "nearest: 'task.yaml'" in ran.err


def test_a_fault_of_ours_ends_with_one_and_says_whose_it_is(tmp_path, suffice, monkeypatch):
    def broken(*arguments, **options):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("suffice.pipeline.fit.prepare", broken)
    ran = suffice("fit", write_task(tmp_path, split_rows()))
    assert (ran.code, ran.out) == (1, "")
    assert "ZeroDivisionError: ours" in ran.err
    assert "this is a fault of suffice, not yours" in ran.err


def test_by_default_the_output_lies_beside_the_task_file(tmp_path, suffice):
    task = write_task(tmp_path, split_rows())
    suffice("fit", task, "--rungs", "majority", "--json")
    assert (tmp_path / "suffice-out" / "messages" / "report.html").exists()


def test_json_in_a_real_process_with_an_error_prints_nothing_on_standard_output(tmp_path):
    ran = run_suffice("fit", tmp_path / "task.yaml", "--json", home=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("task.yaml: ")


def test_what_was_judged_out_of_fold_is_marked_and_nothing_unproven_is_recommended(tmp_path, suffice):
    ran = suffice("fit", write_task(tmp_path, message_rows(120)), "--rungs", "majority", "target.at_least=0.9")
    assert ran.code == 3
    assert re.search(r"0\.\d{3}\*", ran.out)
    said = " ".join(ran.out.split())
    assert "* out of fold, over train plus validation" in said
    assert "Not to be shipped as it is. To see where it fails on new messages" in said
    assert ran.out.splitlines()[-1].startswith("suffice classify ")
