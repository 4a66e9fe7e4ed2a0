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
