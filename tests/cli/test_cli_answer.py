"""Free answers on the command line: fit, answer, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import Fitted, fit_json, run_here
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
    told = run_here("fit", sums.task, "--out", sums.out, home=sums.home).stdout
    assert "where answers are lost" in told
    assert "right form, wrong value" in told
    assert "macro" not in told.lower()
    assert "suffice answer" in told


def test_every_question_has_a_line_in_order(sums: Fitted) -> None:
    asked = "".join(f"{row['question']}\n" for row in word_sums(3))
    ran = run_here("answer", sums.bundle("majority"), home=sums.home, given=asked)
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [line["question"] for line in lines] == [row["question"] for row in word_sums(3)]
    assert {(line["answer"], line["in_form"]) for line in lines} == {("12", True)}
    assert [line["id"] for line in lines] == ["0", "1", "2"]  # A stream's questions go by their numbers.


def test_questions_are_read_from_the_column_that_the_bundle_was_fitted_on(sums: Fitted, tmp_path: Path) -> None:
    file = tmp_path / "asked.csv"
    file.write_text("id,question\n1,How many?\n", encoding="utf-8")
    ran = run_here("answer", sums.bundle("majority"), file, home=sums.home)
    assert json.loads(ran.stdout)["question"] == "How many?"


def test_every_bad_line_of_a_file_is_told_before_anything_is_answered(sums: Fitted, tmp_path: Path, suffice) -> None:
    file = tmp_path / "asked.jsonl"
    file.write_text('{"question": "How many?"}\n{bad\n{"q": 1}\n', encoding="utf-8")
    ran = suffice("answer", sums.bundle("majority"), file)
    assert (ran.code, ran.out) == (2, "")
    assert f"{file}:2: every line must be JSON" in ran.err
    assert f"{file}:3: every line must be a string or have the message under 'question'" in ran.err
    assert "--out" not in ran.err


@pytest.fixture(scope="module")
def from_passages(tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    """A finished fit on questions that bring what they are to be answered from, under a name of its own."""
    folder = tmp_path_factory.mktemp("passages")
    task = write_answer_task(folder, data={"path": "rows.jsonl", "context": "passage"})
    rows = [row | {"passage": f"Day {k} was a fine one."} for k, row in enumerate(word_sums(120))]
    (folder / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return fit_json(task, out=folder / "out", home=folder / "home")


def test_rows_bring_what_they_are_answered_from_as_they_did_at_fitting(from_passages: Fitted, tmp_path: Path) -> None:
    bundle, home, file = from_passages.bundle("majority"), from_passages.home, tmp_path / "asked.csv"
    file.write_text("id,question,passage\n1,How many?,Ada has 12.\n2,When?,\n", encoding="utf-8")
    told = [
        json.loads(line)
        for line in run_here("answer", bundle, file, "--with-context", home=home).stdout.split("\n")[:-1]
    ]
    assert [(one["question"], one["context"], one["passages"]) for one in told] == [
        ("How many?", "Ada has 12.", []),
        ("When?", None, []),
    ]
    plain = [json.loads(line) for line in run_here("answer", bundle, file, home=home).stdout.splitlines()]
    assert plain == [{key: said for key, said in one.items() if key != "context"} for one in told]
    file.write_text("id,question,given\n1,How many?,Ada has 12.\n", encoding="utf-8")
    ran = run_here("answer", bundle, file, home=home)
    assert ran.returncode == 2
    assert "must have a column 'passage'" in ran.stderr
    ran = run_here("answer", bundle, file, "--context", "given", "--with-context", home=home)
    assert json.loads(ran.stdout)["context"] == "Ada has 12."


def test_what_gives_labels_and_what_answers_freely_refuse_each_others_bundles(sums: Fitted, fitted: Fitted) -> None:
    ran = run_here("classify", sums.bundle("majority"), home=sums.home, given="a\n")
    assert ran.returncode == 2
    assert "one whose answers are free text" in ran.stderr
    assert "suffice answer" in ran.stderr
    ran = run_here("answer", fitted.bundle("tfidf"), home=sums.home, given="a\n")
    assert ran.returncode == 2
    assert "one that gives labels" in ran.stderr


def test_a_run_is_scored_again_and_told_in_layers(sums: Fitted) -> None:
    run = next(one for one in sums.runs("majority") if (one / "completions.jsonl").exists())
    told = json.loads(run_here("evaluate", run, "--json", home=sums.home).stdout)
    assert told["answers"]["n"] == told["accuracy"]["n"]
    assert "verified: by value" in run_here("evaluate", run, home=sums.home).stdout


def test_what_was_answered_is_scored_as_it_was_printed(sums: Fitted, tmp_path: Path, suffice) -> None:
    said = tmp_path / "said.jsonl"
    said.write_text(suffice("answer", sums.bundle("majority"), sums.task.parent / "rows.jsonl").out, encoding="utf-8")
    assert [json.loads(line)["id"] for line in said.read_text().splitlines()[:2]] == ["q000", "q001"]
    scored = json.loads(suffice("evaluate", sums.task, "--completions", said, "--json").out)
    # Every third answer is 12, and 12 is given to all.
    assert (scored["n"], scored["accuracy"]["verified"]["n_correct"]) == (120, 40)


def test_questions_without_ids_get_those_that_the_data_has_for_them(sums: Fitted, tmp_path: Path, suffice) -> None:
    task, said = write_answer_task(tmp_path, n=12), tmp_path / "said.jsonl"
    rows = [{key: row[key] for key in ("question", "answer")} for row in word_sums(12)]
    lines = "".join(f"{json.dumps(row)}\n\n" for row in rows)
    (tmp_path / "rows.jsonl").write_text(lines, encoding="utf-8")
    said.write_text(suffice("answer", sums.bundle("majority"), tmp_path / "rows.jsonl").out, encoding="utf-8")
    assert json.loads(said.read_text().splitlines()[3])["id"].startswith("rows.jsonl:3:")
    scored = json.loads(suffice("evaluate", task, "--completions", said, "--json").out)
    assert (scored["n"], scored["accuracy"]["verified"]["n_correct"]) == (12, 4)


def test_a_runs_own_completions_are_scored_and_those_of_the_sealed_test_are_not(sums: Fitted, suffice) -> None:
    written = [run / "completions.jsonl" for run in sums.runs("majority") if (run / "completions.jsonl").exists()]
    scored = json.loads(suffice("evaluate", sums.task, "--completions", written[0], "--json").out)
    assert scored["accuracy"] == json.loads((written[0].parent / "manifest.json").read_text())["answers"]["accuracy"]
    (sealed,) = sums.out.glob("runs/*/test_completions.jsonl")
    ran = suffice("evaluate", sums.task, "--completions", sealed)
    assert (ran.code, ran.out) == (2, "")
    assert "a run's completions of the sealed test are scored where that is counted" in " ".join(ran.err.split())
    assert len((sums.home / "openings.jsonl").read_text().splitlines()) == 1


def test_an_export_of_answers_is_refused_with_a_command_that_takes_them(sums: Fitted, tmp_path: Path, suffice) -> None:
    ran = suffice("export", sums.bundle("majority"), "--to", "merged", "--out", tmp_path / "export")
    assert (ran.code, ran.out) == (2, "")
    assert "a bundle of majority, kind: answer" in ran.err
    assert "`suffice answer`" in ran.err
    assert "classify" not in ran.err


def test_the_same_fit_again_says_first_what_it_says_last_of_the_level_of_its_proof(sums: Fitted) -> None:
    def planned(*options: str) -> str:
        return run_here("fit", sums.task, *options, "--out", sums.out, "--plan", "--json", home=sums.home).stdout

    same, other = " ".join(planned().split()), " ".join(planned("target.at_least=0.91").split())
    again = run_here("fit", sums.task, "--out", sums.out, home=sums.home).stderr
    for said in (same, " ".join(again.split())):
        assert "(alpha 0.04)" in said
        assert "opened before" not in said
    assert "this test split was opened before (1)" in other
    assert "takes alpha 0.005" in other


def test_the_card_of_a_rung_that_multiplies_nothing_names_no_precision(sums: Fitted) -> None:
    card = (sums.bundle("majority") / "README.md").read_text()
    assert "- run `" in card
    assert "to be run in" not in card


@pytest.mark.parametrize("command", ["review", "clean", "advise"])
def test_commands_about_labels_say_what_can_be_done_instead(sums: Fitted, command: str) -> None:
    ran = run_here(command, sums.task, home=sums.home)
    assert ran.returncode == 2
    assert "this command is for tasks whose kind is classify" in ran.stderr
