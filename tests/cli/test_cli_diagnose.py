from __future__ import annotations

import json
import shutil

import pytest

from commands import fit_json
from messages import split_rows, write_task
from suffice.cli.diagnosis import print_diagnosis
from suffice.records.diagnosis import Compared, Diagnosis
from suffice.records.evaluation import Interval

MISSED = {"at_least": 0.95}
"""What no rung reaches where a fifth of the labels is wrong, or a tenth."""


@pytest.fixture(scope="module")
def missed(tmp_path_factory):
    """A finished fit that misses its target, and looked into the causes."""
    folder = tmp_path_factory.mktemp("missed")
    task = write_task(folder, split_rows(wrong=0.2), target=MISSED)
    return fit_json(task, "--rungs", "majority,tfidf", out=folder / "out", home=folder / "home")


@pytest.fixture
def again(missed, tmp_path, monkeypatch):
    """Its output folder, to be changed, and the ledger of its test's openings."""
    monkeypatch.setenv("SUFFICE_HOME", str(shutil.copytree(missed.home, tmp_path / "home")))
    return shutil.copytree(missed.out, tmp_path / "out")


def test_runs_of_a_fit_are_diagnosed_without_opening_the_test(missed, again, suffice):
    before = missed.document
    ran = suffice("diagnose", again, "--json")
    document = json.loads(ran.out)
    assert ran.code == 0
    assert document["verdict"]["rung"] is None
    assert "the sealed test was not opened" in document["verdict"]["because"][0]
    assert document["openings"] == before["openings"] == 1
    assert document["curves"] == before["curves"]
    assert document["gap"]["measured"] == before["gap"]["measured"]
    states = {one["symptom"]: one["state"] for one in document["symptoms"]}
    assert states == {one["symptom"]: one["state"] for one in before["symptoms"]}
    assert len(states) == 5
    # Closed labels cannot be invented, and nobody prompted an n-gram model.
    assert states["hallucination"] == "clear"
    assert states["prompt_reliance"] == "not_applicable"
    assert {"second", "gap", "curves", "forecast", "label_ceiling", "symptoms", "plans", "openings"} <= set(document)


def test_for_a_person_it_prints_the_gap_and_the_plans(again, suffice):
    ran = suffice("diagnose", again)
    assert ran.code == 0
    assert "tfidf is proposed" in ran.out
    assert "plan" in ran.out
    assert "together they bring" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80


def test_one_change_that_is_held_against_two_things_says_against_which(capsys):
    shared = {"switch": "retrieval", "rung": "hosted:mini", "change": "retrieval:gold", "n": 100, "rows": 80}
    interval = Interval(low=0.0, high=1.0, confidence=0.9)
    changes = tuple(
        Compared(**shared, against=against, difference=difference, interval=interval)
        for against, difference in (("retrieval:none", 1.0), ("retrieval:found", 0.0))
    )
    nothing = dict.fromkeys(("gap", "label_ceiling", "flip"))
    none = dict.fromkeys(("curves", "forecast", "rows_needed", "gains", "plans", "not_run", "notes"), ())
    chances = {"drawn": {}, "chances": {}, "not_learnable": False}
    print_diagnosis(Diagnosis(**nothing, **none, **chances, interventions=changes), proven=False)
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= 80
    rows = [line.split() for line in told.splitlines() if "hosted:mini" in line]
    assert [row[2] for row in rows] == ["none", "found"]


def test_what_the_last_fit_left_out_is_told_of_its_output_folder(tmp_path, suffice):
    task = write_task(tmp_path, split_rows(), ladder=["majority", "tfidf", "encoder"])
    suffice("fit", task, "--out", tmp_path / "out")
    document = json.loads(suffice("diagnose", tmp_path / "out", "--json").out)
    assert document["not_run"][0]["what"] == "encoder"
    assert document["not_run"][0]["why"].startswith("tfidf meets the target on validation")
    assert "- not run: encoder (tfidf meets the target" in suffice("diagnose", tmp_path / "out").out
    # Of a run by its own folder it is not known what else there could have been.
    alone = tmp_path / "out" / "runs" / document["runs"][0]
    assert json.loads(suffice("diagnose", alone, "--json").out)["not_run"] == []
    assert suffice("diagnose", alone).out.splitlines()[0].endswith(": of 1 run majority is proposed")


def test_points_of_curves_alone_are_refused(again, suffice):
    probe = next(run for run in (again / "runs").glob("tfidf*") if not (run / "fitted").exists())
    ran = suffice("diagnose", probe)
    assert ran.code == 2
    assert "a run at least must be on all rows" in ran.err
    assert "name such a run too, or the output folder of a fit" in ran.err


def test_runs_on_other_rows_are_refused_by_name(tmp_path, suffice, fitted):
    other = write_task(tmp_path, split_rows(seed=5))
    suffice("fit", other, "--rungs", "majority", "--out", tmp_path / "out")
    ran = suffice("diagnose", fitted.out, tmp_path / "out")
    assert ran.code == 2
    assert "runs are compared on one data version and one split" in ran.err
    assert "fit both from one task file, in one output folder" in ran.err


def test_of_an_output_folder_the_last_fit_is_diagnosed(again, tmp_path, suffice):
    task = write_task(tmp_path, split_rows(wrong=0.1), target=MISSED)  # The labels were cleaned in between.
    last = suffice("fit", task, "--rungs", "majority,tfidf", "--out", again, "--json")
    ran = suffice("diagnose", again, "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["curves"] == json.loads(last.out)["curves"]


def test_runs_whose_labels_stand_in_another_order_are_refused_by_name(tmp_path, suffice):
    task = write_task(tmp_path, split_rows(), target={"at_least": 0.95})
    suffice("fit", task, "--rungs", "majority", "--out", tmp_path / "one")
    labels = sorted({row.label for row in split_rows()}, reverse=True)
    suffice("fit", task, f"labels=[{','.join(labels)}]", "--rungs", "majority", "--out", tmp_path / "two")
    ran = suffice("diagnose", tmp_path / "one", tmp_path / "two")
    assert ran.code == 2
    assert "one list of labels, in one order" in ran.err
