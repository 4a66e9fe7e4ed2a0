"""Free answers on the command line: fit, answer, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import Fitted, fit_json, run_suffice
from word_sums import word_sums, write_answer_task


@pytest.fixture(scope="module")
def sums(tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    """A finished fit of the commonest answer."""
    folder = tmp_path_factory.mktemp("sums")
    return fit_json(write_answer_task(folder), out=folder / "out", home=folder / "home")


def test_the_document_of_a_fit_has_layers_where_labels_have_scores(sums: Fitted) -> None:
    (rung,) = sums.document["rungs"]
    assert not {"macro_f1", "log_loss", "ece", "invalid_label_rate"} & set(rung)
    layers = rung["answers"]
    assert layers["accuracy"]["verified"]["n"] == rung["n"]
    assert sum(layers["waterfall"].values()) == pytest.approx(1.0)
    assert layers["examples"] == []  # Rows of the sealed test are named to nobody.
    assert sums.document["label_ceiling"] is None


def test_a_person_is_told_where_answers_are_lost(sums: Fitted) -> None:
    told = run_suffice("fit", sums.task, "--out", sums.out, home=sums.home).stdout
    assert "where answers are lost" in told
    assert "right form, wrong value" in told
    assert "macro" not in told.lower()
    assert "suffice answer" in told


def test_every_question_has_a_line_in_order(sums: Fitted) -> None:
    asked = "".join(f"{row['question']}\n" for row in word_sums(3))
    ran = run_suffice("answer", sums.bundle("majority"), home=sums.home, given=asked)
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [line["question"] for line in lines] == [row["question"] for row in word_sums(3)]
    assert {(line["answer"], line["in_form"]) for line in lines} == {("12", True)}


def test_questions_are_read_from_the_column_that_the_bundle_was_fitted_on(sums: Fitted, tmp_path: Path) -> None:
    file = tmp_path / "asked.csv"
    file.write_text("id,question\n1,How many?\n", encoding="utf-8")
    ran = run_suffice("answer", sums.bundle("majority"), file, home=sums.home)
    assert json.loads(ran.stdout)["question"] == "How many?"


def test_what_gives_labels_and_what_answers_freely_refuse_each_others_bundles(sums: Fitted, fitted: Fitted) -> None:
    ran = run_suffice("classify", sums.bundle("majority"), home=sums.home, given="a\n")
    assert ran.returncode == 2
    assert "one whose answers are free text" in ran.stderr
    assert "suffice answer" in ran.stderr
    ran = run_suffice("answer", fitted.bundle("tfidf"), home=sums.home, given="a\n")
    assert ran.returncode == 2
    assert "one that gives labels" in ran.stderr


def test_a_run_is_scored_again_and_told_in_layers(sums: Fitted) -> None:
    run = next(one for one in sums.runs("majority") if (one / "completions.jsonl").exists())
    told = json.loads(run_suffice("evaluate", run, "--json", home=sums.home).stdout)
    assert told["answers"]["n"] == told["accuracy"]["n"]
    assert "verified: by value" in run_suffice("evaluate", run, home=sums.home).stdout


@pytest.mark.parametrize("command", ["review", "clean", "advise"])
def test_commands_about_labels_say_what_can_be_done_instead(sums: Fitted, command: str) -> None:
    ran = run_suffice(command, sums.task, home=sums.home)
    assert ran.returncode == 2
    assert "this command is for tasks whose kind is classify" in ran.stderr
