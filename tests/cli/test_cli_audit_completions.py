"""suffice audit TASK, where the task's kind is `answer` or `tools`."""

from __future__ import annotations

import json

import pytest

from towers import towers, write_tower_task


def write(folder, kind, rows):
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "rows.jsonl").write_text(lines, encoding="utf-8")
    task = f"name: it\nkind: {kind}\ndata: {{path: rows.jsonl}}\ntarget: {{at_least: 0.9}}\n"
    (folder / "task.yaml").write_text(task, encoding="utf-8")
    return folder / "task.yaml"


@pytest.fixture
def answers(tmp_path):
    """Ten sums, one with a wrong step, one asked twice with two answers."""
    rows = [
        {
            "id": f"q{n}",
            "question": f"Add {n * 7} to {n} for child {'abcdefghij'[n]}",
            "answer": f"{n * 7} + {n} = {8 * n}\n#### {8 * n}",
        }
        for n in range(1, 10)
    ]
    rows[4]["answer"] = "35 + 5 = 41\n#### 41"
    return write(tmp_path, "answer", [*rows, {"id": "twice", "question": rows[0]["question"], "answer": "#### 9"}])


def test_answers_are_looked_through_on_terminal_page_and_as_json(answers, tmp_path, suffice):
    ran = suffice("audit", answers, "--out", tmp_path / "out")
    assert ran.code == 0, ran.err
    said = " ".join(ran.out.split())
    assert "10 questions (9 with a trace): " in said
    assert "trace_arithmetic: 1 of 9 traces have a wrong step" in said
    assert "conflicting_answers: one question in 2 rows has 2 different answers" in said
    page = (tmp_path / "out" / "audit.html").read_text(encoding="utf-8")
    assert "1 of 9 traces have a wrong step" in page
    assert "Add 35 to 5" not in page
    document = json.loads(suffice("audit", answers, "--out", tmp_path / "out", "--json").out)
    assert document["n_examples"] == 10
    by_code = {finding["code"]: finding for finding in document["findings"]}
    assert by_code["trace_arithmetic"]["rows"] == ["q5"]
    assert by_code["conflicting_answers"]["rows"] == ["q1", "twice"]


def test_calls_are_looked_through(tmp_path, suffice):
    tool = {"name": "f", "parameters": {"type": "object", "properties": {"x": {"type": "integer"}}}}
    rows = [
        {"messages": [{"role": "user", "content": asked}], "tools": [tool], "accepted_calls": calls}
        for asked, calls in (("one", [{"f": {"x": [1]}}]), ("two", [{"g": {"x": [1]}}]), ("none", []))
    ]
    ran = suffice("audit", write(tmp_path, "tools", rows))
    assert ran.code == 0, ran.err
    said = " ".join(ran.out.split())
    assert "3 requests (2 with a right call): 1 warning" in said
    assert "1 with a tool that is not among the row's tools" in said


CALLED = {"name": "f", "parameters": {"type": "object", "properties": {"x": {"type": "integer"}}}}
WORDS = ("apples", "pears", "plums")


def copied(kind, asked, split):
    if kind == "answer":
        return {"question": asked, "answer": "#### 6", "split": split}
    messages = [{"role": "user", "content": asked}]
    return {"messages": messages, "tools": [CALLED], "accepted_calls": [{"f": {"x": [6]}}], "split": split}


@pytest.mark.parametrize("kind", ["answer", "tools"])
def test_copies_within_and_across_splits_are_told_and_no_test_row_is_shown(kind, tmp_path, suffice):
    said = "The gardener from next door picks 6 {}, does what with them?"
    exact, alike, near = (said.format(one) for one in WORDS)
    rows = [
        *((exact, "train"), (exact, "train"), (exact, "test")),
        *((alike, "train"), (alike.upper(), "validation")),
        *((near, "validation"), (f"{near}?!", "test"), (near.replace("picks", "pickes"), "test")),
        ("Nobody else asks what this one asks", "train"),
        ("My own number is +49 30 901820, call it", "test"),
    ]
    task = write(tmp_path, kind, [copied(kind, *row) for row in rows])
    ran = suffice("audit", task)
    assert ran.code == 0, ran.err
    document = json.loads(suffice("audit", task, "--json").out)
    found = [one for one in document["findings"] if one["code"] == "leakage"]
    # Counted by hand: of 4 test rows 1 is that of train, 1 that of validation but for its signs, 1 nearly that.
    assert [one["message"] for one in found] == [
        "1 test row of 4 with the same text in another split (1 in train)",
        "1 test row of 4 with the same text but for case, white space, Unicode form or punctuation in another split "
        "(1 in validation)",
        "1 test row of 4 with a near-copy in another split (1 in validation)",
        "1 validation row of 2 with the same text but for case, white space, Unicode form or punctuation in another "
        "split (1 in train)",
    ]
    assert "in `suffice audit task.yaml --json`" in found[0]["fix"]
    of_code = {one["code"]: one for one in document["findings"]}
    assert of_code["exact_duplicate"]["message"] == "3 rows have the same text"
    assert {"normalised_duplicate", "near_duplicate", "personal_data"} <= set(of_code)
    # Cleaning is for labels.
    assert not any("suffice clean" in one["fix"] for one in document["findings"])
    page = (tmp_path / "suffice-out" / "it" / "audit.html").read_text(encoding="utf-8")
    assert ran.out.endswith(f"from here to a model:\n  suffice fit {task}\n")
    for shown in (ran.out, page, json.dumps(document)):
        assert "with the same text in another split" in " ".join(shown.split())
        assert not any(text in shown for text in (*WORDS, "901820", "Nobody else"))


def test_splits_that_are_made_here_part_no_copies(tmp_path, suffice):
    rows = [copied("answer", f"What do you pick first, {word}?", "train") for word in ("plums", "plums", "a pear")]
    rows[1]["split"] = "test"
    document = json.loads(suffice("audit", write(tmp_path, "answer", rows), "data.split=none", "--json").out)
    assert [one["code"] for one in document["findings"]] == ["exact_duplicate"]


@pytest.mark.parametrize("option", [("--also-test",), ("--ranking", "ranking.jsonl")])
def test_what_is_for_labels_alone_is_refused(answers, option, suffice):
    ran = suffice("audit", answers, *option)
    assert (ran.code, ran.out) == (2, "")
    assert f"{option[0]}: does not fit here: it is for labels, and the task's kind is answer" in ran.err


def test_what_of_the_knowledge_cannot_be_read_and_which_links_lead_nowhere_is_told(tmp_path, suffice):
    some = towers()[:40]
    task = write_tower_task(tmp_path, some)
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    rows[1]["about"] = ["t999"]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    ran = suffice("audit", task, "--out", tmp_path / "out")
    assert ran.code == 0, ran.err
    assert "knowledge: 40 passages of 2 files" in ran.out
    assert "broken.md" in ran.err
    assert "rows.jsonl: row 2: gold links must name something in the knowledge" in ran.err
    page = (tmp_path / "out" / "audit.html").read_text(encoding="utf-8")
    assert "Documents beside them: 40 passages of 2 files." in page
    document = json.loads(suffice("audit", task, "--out", tmp_path / "out", "--json").out)
    assert (document["knowledge"]["n_passages"], len(document["knowledge"]["problems"])) == (40, 2)
    # A folder that is not there is an error that names the nearest.
    ran = suffice("audit", task, "knowledge.path=dosc", "--out", tmp_path / "out")
    assert ran.code == 2
    assert "nearest: 'docs'" in ran.err
