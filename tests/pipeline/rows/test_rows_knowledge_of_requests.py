"""Knowledge before requests with tools: read, tuned or told, judged, shipped and served as before questions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import suffice
from household import LAMP, write_tools_task
from served import served
from suffice.bundles.request_lines import line_of
from suffice.errors import TaskError
from suffice.pipeline.cells.answers import asked_of
from suffice.pipeline.fit import FitOptions, fit
from suffice.pipeline.labels.completion_audit import audit_asked
from suffice.pipeline.rows.given import given_rows
from suffice.pipeline.rows.prepare import Prepared, prepare
from suffice.pipeline.rows.workspace import Workspace
from suffice.pipeline.single import evaluate_run
from suffice.records.progress import SILENT
from suffice.records.verdict import FitOutcome
from suffice.store.task_file import FITTED, load_task

N = 60
READS = {"path": "docs/", "passages": 1, "words": 60, "ranking": "bm25", "use": "always"}


def write_rooms(folder: Path, *, n: int = N, linked: bool = True, **keys: object) -> Path:
    """A task whose requests name lamps that the documents alone put into rooms."""
    task = write_tools_task(folder, n=n, knowledge=READS, **keys)
    rows = []
    for k in range(n):
        asked = [{"role": "user", "content": f"Switch on lamp L{k:03d}, please."}]
        right = [{"lamp.switch": {"room": [f"room {k}"], "on": [True]}}]
        row = {"id": f"r{k:03d}", "messages": asked, "tools": [LAMP], "accepted_calls": right}
        rows.append(row | ({"about": f"lamps.jsonl#l{k}"} if linked else {}))
    (folder / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    place = folder / "docs"
    place.mkdir(exist_ok=True)
    facts = [{"id": f"l{k}", "text": f"Lamp L{k:03d} hangs in room {k}."} for k in range(n)]
    (place / "lamps.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in facts), encoding="utf-8")
    return task


def prepared_rooms(task: Path, *overrides: str) -> Prepared:
    loaded = load_task(task, overrides=["data.links=about", *overrides], kinds=FITTED)
    return prepare(loaded, Workspace(out=task.parent / "out"), folder=task.parent, progress=SILENT)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory, wide_llama: Path) -> tuple[Path, FitOutcome]:
    """A finished fit of a tiny model that reads before every request."""
    folder = tmp_path_factory.mktemp("rooms")
    task = write_rooms(folder, ladder=["majority", f"{wide_llama}@prompted"])
    loaded = load_task(task, overrides=["data.links=about"], kinds=FITTED)
    options = FitOptions(rungs=None, all_rungs=True, seed=0, max_minutes=None, skip=("prompt", "form", "next_rung"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUFFICE_HOME", str(folder / "home"))
        return task, fit(loaded, options, folder=folder, out=folder / "out", progress=SILENT)


def test_what_is_found_stands_before_the_request_and_nothing_else_of_the_row_changes(shipped) -> None:
    task, outcome = shipped
    prepared = prepared_rooms(task)
    places = prepared.material.rows("validation")
    rows = given_rows(outcome.rungs[-1].chosen.cell, prepared.material, places)
    plain = given_rows(outcome.rungs[0].chosen.cell, prepared.material, places)
    for read, bare in zip(rows, plain, strict=True):
        (asked,) = bare.example.messages
        number = int(asked.content[16:19])
        # Every request is answered by the one passage that shares the number of its lamp.
        told = f"[1] (lamps.jsonl)\nLamp L{number:03d} hangs in room {number}."
        assert [one.content for one in read.example.messages] == [f"{told}\n\n{asked.content}"]
        assert (read.id, read.text, read.links) == (bare.id, bare.text, bare.links)
        assert (read.example.tools, read.example.accepted) == (bare.example.tools, bare.example.accepted)
        assert read.links == (f"lamps.jsonl#l{number}",)


def test_gold_links_of_requests_tell_recall(shipped) -> None:
    recall = shipped[1].knowledge.recall
    assert (recall.recall, recall.missed, recall.not_there) == (1.0, (), ())
    assert recall.n > 0
    page = (shipped[0].parent / "out" / "report.html").read_text(encoding="utf-8")
    assert "stand before a request" in page
    assert "uestions" not in page


def test_a_bundle_reads_before_a_request_what_it_was_measured_with(shipped) -> None:
    task, outcome = shipped
    prepared, rung = prepared_rooms(task), outcome.rungs[-1]
    places = prepared.material.rows("validation")
    rows = given_rows(rung.chosen.cell, prepared.material, places)
    clerk, seen = suffice.load(rung.bundle), []
    write = clerk.rung.completions
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clerk.rung, "completions", lambda some, **how: seen.extend(some) or write(some, **how))
        bare = given_rows(outcome.rungs[0].chosen.cell, prepared.material, places)
        found = clerk.calls_of(asked_of(bare))
    assert [one.messages for one in seen] == [row.example.messages for row in rows]
    # A request is told as it was asked, and beside it what was read.
    assert [one.request for one in found] == [row.text for row in rows]
    assert [[passage.source for passage in one.passages] for one in found] == [["lamps.jsonl"]] * len(rows)
    assert not any(passage.cited for one in found for passage in one.passages)
    line = json.loads(line_of(asked_of(bare)[0], found[0]))
    assert [one["place"] for one in line["passages"]] == ["lamps.jsonl"]
    run = task.parent / "out" / "runs" / rung.chosen.name
    assert evaluate_run(run, test=False, progress=SILENT).answers.accuracy == rung.chosen.answers.accuracy
    assert suffice.load(outcome.rungs[0].bundle).calls_of(asked_of(bare))[0].passages == ()


def test_a_server_reads_before_requests_too_and_names_what_it_read_beside_its_calls(shipped, tmp_path: Path) -> None:
    bundle = shipped[1].rungs[-1].bundle
    # A random model ends where its schema does: a room by any name would go on to the last token.
    rooms = {"type": "object", "properties": {"room": {"enum": ["hall"]}}, "required": ["room"]}
    tools = [{"type": "function", "function": {"name": "lamp_switch", "description": "", "parameters": rooms}}]
    with served(f"rooms={bundle}", "--deadline", 60, home=tmp_path / "home") as up:
        asked = "Switch on lamp L007, please."
        for choice in ("required", "none"):
            reply = up.chat("rooms", asked, tools=tools, tool_choice=choice, max_tokens=400)
            assert reply.status == 200, reply.text
            message = reply.body["choices"][0]["message"]
            assert [one["place"] for one in message["passages"]] == ["lamps.jsonl"]
            assert not message["passages"][0]["cited"]
            assert bool(message.get("tool_calls")) is (choice == "required")


def test_the_audit_of_requests_says_what_was_read_and_which_links_lead_nowhere(tmp_path: Path) -> None:
    task = write_rooms(tmp_path, n=12)
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    rows[3]["about"] = ["nowhere"]
    (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    loaded = load_task(task, overrides=["data.links=about"], kinds=FITTED)
    found = audit_asked(loaded, folder=tmp_path, page=tmp_path / "audit.html", progress=SILENT)
    assert found.knowledge.n_passages == 12
    (problem,) = found.knowledge.problems
    assert (problem.where, problem.got) == ("rows.jsonl: row 4", "'nowhere'")


def test_labels_read_nothing(tmp_path: Path) -> None:
    task = tmp_path / "task.yaml"
    task.write_text("name: n\nkind: classify\ndata: {path: d.csv}\ntarget: {at_least: 0.9}\nknowledge: docs/\n")
    with pytest.raises(TaskError, match="kind: classify has no use for knowledge"):
        load_task(task, kinds=FITTED)
