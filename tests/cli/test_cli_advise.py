"""advise: beliefs before anything is run, measurements after."""

from __future__ import annotations

import json
import shutil

import pytest

from messages import message_rows, split_rows, write_task


def test_before_anything_is_run_beliefs_are_marked_so_and_nothing_is_trained(tmp_path, suffice):
    task = write_task(tmp_path, message_rows(400), ladder=["tfidf", "majority", "smollm2-135m"])
    document = json.loads(suffice("advise", task, "--json").out)
    assert [one["rung"] for one in document["rungs"]] == ["majority", "tfidf", "smollm2-135m"]
    assert {one["basis"] for one in document["rungs"]} == {"prior belief"}
    assert all(one["accuracy"] is None for one in document["rungs"])
    assert document["rungs"][2]["minutes"] > document["rungs"][1]["minutes"]
    assert document["facts"][0].startswith("400 messages with 4 labels: ")
    assert any("prove accuracy of 0.9 with at most" in sentence for sentence in document["plan"])
    assert document["sizes"][0]["size"] == "under 500M"
    assert document["next"] == f"suffice fit {task}"
    assert not (tmp_path / "suffice-out" / "messages" / "runs").exists()


def test_for_a_person_it_fits_eighty_columns(tmp_path, suffice):
    ran = suffice("advise", write_task(tmp_path, split_rows()))
    assert ran.code == 0, ran.err
    *told, last = ran.out.splitlines()
    assert max(map(len, told)) <= 80
    assert last.startswith("next: suffice fit ")
    said = " ".join(ran.out.split())
    assert "tfidf, prior belief: " in said
    assert "try first: tfidf (under a minute)" in said
    assert "under 500M: good for embeddings, sorting into labels" in said


def test_what_was_run_on_these_rows_is_measured(fitted, suffice, tmp_path):
    out = shutil.copytree(fitted.out, tmp_path / "out")
    document = json.loads(suffice("advise", fitted.task, "--out", out, "--json").out)
    majority, tfidf = document["rungs"]
    assert (majority["basis"], majority["accuracy"]) == ("measured", 0.25)
    assert (tfidf["basis"], tfidf["accuracy"], tfidf["reach"]) == ("measured", 1.0, "likely")
    assert document["first"].startswith("nothing more: tfidf met the target")
    assert "measured" in suffice("advise", fitted.task, "--out", out).out


def test_runs_on_other_rows_are_no_measurement(fitted, suffice, tmp_path):
    out = shutil.copytree(fitted.out, tmp_path / "out")
    other = write_task(tmp_path, split_rows(seed=3))
    document = json.loads(suffice("advise", other, "--out", out, "--json").out)
    assert {one["basis"] for one in document["rungs"]} == {"prior belief"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ladder=[tfdif]"], "ladder: a rung must be one of majority"),
        (["data.path=nowhere.csv"], "no such file"),
    ],
)
def test_what_cannot_be_read_or_run_is_told(tmp_path, suffice, arguments, message):
    ran = suffice("advise", write_task(tmp_path, split_rows()), *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
