from __future__ import annotations

import json
import shlex
import shutil
import sys
from io import StringIO

import pytest

from messages import LABELS, message_rows, split_rows, write_task
from suffice.cli.next_step import commands_after
from suffice.pipeline.labels import evidence as evidence_module

KEYS = ["n_examples", "labels", "findings", "learnability", "not_applicable", "version", "report"]
FINDING = ["code", "severity", "rows", "score", "message", "fix"]
ROWS = split_rows(wrong=0.05)
# An empty text stops a fit, a copy is a note.
STOPPING = [row._replace(text="") if n == 7 else row for n, row in enumerate([*ROWS, ROWS[0]])]


@pytest.fixture(scope="module")
def task(tmp_path_factory):
    """A task with findings of every severity."""
    return write_task(tmp_path_factory.mktemp("audited"), STOPPING)


def test_findings_that_stop_a_fit_end_an_audit_with_zero(task, suffice):
    ran = suffice("audit", task, "--json")
    assert ran.code == 0, ran.err
    document = json.loads(ran.out)
    assert {finding["severity"] for finding in document["findings"]} == {"stop", "warn", "note"}
    assert suffice("fit", task, "--json").code == 2


def test_the_document_has_the_shape_that_other_tools_rely_on(task, suffice):
    document = json.loads(suffice("audit", task, "--json").out)
    assert list(document) == KEYS
    assert document["n_examples"] == len(STOPPING)
    assert set(document["labels"]) == set(LABELS)
    assert all(list(finding) == FINDING for finding in document["findings"])
    empty = next(finding for finding in document["findings"] if finding["code"] == "empty_text")
    assert [row.split(":")[:2] for row in empty["rows"]] == [["messages.csv", "7"]]
    assert all(list(check) == ["code", "why"] for check in document["not_applicable"])
    assert "paraphrase" in {check["code"] for check in document["not_applicable"]}
    learned = document["learnability"]
    assert [reach["rung"] for reach in learned["rungs"]] == ["tfidf"]
    assert (learned["chance"], set(learned["per_label"])) == (0.25, set(LABELS))
    assert learned["curve"][-1] == learned["rungs"][-1]
    assert (task.parent / "suffice-out" / "messages" / "audit.html").samefile(document["report"])


def test_where_no_model_can_be_asked_learnability_is_empty_and_the_reason_is_given(tmp_path, suffice):
    document = json.loads(suffice("audit", write_task(tmp_path, message_rows(16)), "--json").out)
    assert document["learnability"] == {}
    why = {check["code"]: check["why"] for check in document["not_applicable"]}
    assert "too few to learn from" in why["learnability"]
    assert why["confusable_labels"] == why["learnability"]
    assert why["label_error"].startswith(why["learnability"])


def test_for_a_person_it_says_what_was_found_and_names_three_commands_that_parse(task, suffice, tmp_path, monkeypatch):
    copied = shutil.copytree(task.parent, tmp_path / "with space") / "task.yaml"
    out = tmp_path / "my out"
    ran = suffice("audit", copied, "train.refit=false", "audit.allow=[empty_text]", "--out", out)
    assert ran.code == 0
    lines = ran.out.splitlines()
    # What is to be copied stands on one line, however wide.
    plain = [line for line in lines if not line.startswith(("  suffice ", "report: "))]
    assert max(map(len, plain)) <= 80
    assert lines[0].startswith(f"{len(STOPPING)} messages with 4 labels: 1 finding let pass by audit.allow, ")
    said = " ".join(ran.out.split())
    for part in ("empty_text (allowed): ", "warnings", "notes", "Out of fold on ", "not to be read as clear - "):
        assert part in said
    assert f"report: {out / 'audit.html'}" in lines
    words = [shlex.split(line) for line in lines[-3:]]
    given = [str(copied), "train.refit=false", "audit.allow=[empty_text]", "--out", str(out)]
    assert words == [["suffice", command, *given] for command in ("review", "clean", "fit")]
    assert lines[-4] == "from here to a model on cleaned data, one after the other:"
    page = (out / "audit.html").read_text(encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", StringIO("q\n"))
    for command, *rest in (line[1:] for line in words):
        assert f"suffice {command} " in page
        ended = suffice(command, *rest, *(["--rungs", "majority"] if command == "fit" else []))
        # Three: what is not met is only the target.
        assert ended.code == (3 if command == "fit" else 0), ended.err
    assert "data version clean-" in ended.err


def test_what_was_not_given_is_not_in_the_commands(tmp_path):
    path = tmp_path / "task.yaml"
    named = {command: f"suffice {command} {path}" for command in ("review", "clean", "fit")}
    assert commands_after("audit", path, out=None) == named


def test_where_there_is_no_order_to_review_in_no_review_is_named(tmp_path, suffice):
    task = write_task(tmp_path, message_rows(16))
    ran = suffice("audit", task)
    assert ran.code == 0, ran.err
    assert [line.strip() for line in ran.out.splitlines()[-2:]] == [f"suffice clean {task}", f"suffice fit {task}"]
    assert "suffice review" not in ran.out.splitlines()[-3]


def test_a_second_audit_says_the_same_and_asks_no_model(task, suffice, tmp_path, monkeypatch):
    out = tmp_path / "out"
    first = suffice("audit", task, "--json", "--out", out)
    monkeypatch.setattr(evidence_module, "ask", lambda *asked, **more: pytest.fail("it is kept"))
    assert suffice("audit", task, "--json", "--out", out).out == first.out


def test_a_ranking_is_written_where_it_is_asked_for_and_said_so(task, suffice, tmp_path):
    path = tmp_path / "ranking.jsonl"
    ran = suffice("audit", task, "--ranking", path)
    assert f"ranking: {path}" in ran.out.splitlines()
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [set(line) for line in lines] == [{"source", "row", "id", "label", "suggested", "score"}] * len(lines)
    every = suffice("audit", task, "--ranking", path, "--also-test")
    assert every.code == 0
    assert len(path.read_text(encoding="utf-8").splitlines()) == len(STOPPING) > len(lines)


def test_a_ranking_of_too_few_rows_is_the_persons_to_mend(tmp_path, suffice):
    ran = suffice("audit", write_task(tmp_path, message_rows(16)), "--ranking", tmp_path / "ranking.jsonl")
    assert (ran.code, ran.out) == (2, "")
    assert "--ranking: rows must be enough to be ranked" in ran.err
    assert "fix: label more rows, or leave the option out" in ran.err


def test_a_code_that_no_check_has_is_the_persons_to_mend(task, suffice):
    ran = suffice("audit", task, "audit.allow=[empty_txt]")
    assert (ran.code, ran.out) == (2, "")
    assert "nearest: 'empty_text'" in ran.err
