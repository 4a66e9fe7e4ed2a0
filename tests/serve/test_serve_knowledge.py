"""A bundle that ships with its knowledge, put to work on the command line and by a process that serves it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import Fitted, fit_json, run_here
from served import served
from towers import towers, write_tower_task

SKIPPED = ("prompt", "form", "retrieval", "sensitivity", "next_rung")
ASKED = towers()[5]


@pytest.fixture(scope="module")
def knowing(tmp_path_factory: pytest.TempPathFactory, tiny_llama: Path) -> Fitted:
    """A finished fit of the commonest answer and of a tiny language model that reads before every question."""
    folder = tmp_path_factory.mktemp("knowing")
    knowledge = {"path": "docs/", "passages": 2, "words": 40, "ranking": "bm25", "use": "always"}
    task = write_tower_task(
        folder,
        towers(),
        knowledge=knowledge,
        ladder=["majority", f"{tiny_llama}@prompted"],
        completion={"max_tokens": 4},
    )
    skip = [word for name in SKIPPED for word in ("--skip", name)]
    return fit_json(task, "--all-rungs", *skip, out=folder / "out", home=folder / "home")


@pytest.fixture(scope="module")
def writer(knowing: Fitted) -> Path:
    """The bundle of the language model."""
    (place,) = [folder for folder in knowing.bundle("").iterdir() if folder.name != "majority"]
    return place


def places(passages: list[dict[str, object]]) -> list[tuple[object, ...]]:
    return [(one["number"], one["source"], one["headings"], one["place"], one["cited"]) for one in passages]


def test_answers_on_the_command_line_name_what_was_read(knowing: Fitted, writer: Path) -> None:
    ran = run_here("answer", writer, home=knowing.home, given=f"{ASKED.question}\nZzz?\n")
    first, second = (json.loads(line) for line in ran.stdout.splitlines())
    assert places(first["passages"])[0] == (1, "towers.jsonl", ["Towers"], "towers.jsonl, Towers", False)
    assert first["question"] == ASKED.question
    assert second["passages"] == []  # Nothing shares a word with it.


def test_a_server_names_what_was_read_whole_and_in_parts(knowing: Fitted, writer: Path, tmp_path: Path) -> None:
    with served(f"writer={writer}", f"common={knowing.bundle('majority')}", "--deadline", 60, home=tmp_path) as up:
        reply = up.chat("writer", ASKED.question)
        message = reply.body["choices"][0]["message"]
        assert places(message["passages"])[0] == (1, "towers.jsonl", ["Towers"], "towers.jsonl, Towers", False)
        # The prompt holds the passages: more tokens than those of the question alone.
        assert reply.body["usage"]["prompt_tokens"] > len(ASKED.question.split())
        parts = up.chat("writer", ASKED.question, stream=True).text
        assert parts.count('"source":"towers.jsonl"') == len(message["passages"]) > 0
        assert "passages" not in up.chat("common", ASKED.question).body["choices"][0]["message"]


def test_the_document_of_a_fit_tells_what_was_read_and_how_often_it_is_found(knowing: Fitted) -> None:
    knowledge = knowing.document["knowledge"]
    assert (knowledge["use"], knowledge["n_files"], knowledge["uses"]) == ("always", 2, [])
    assert [(one["k"], one["recall"]) for one in knowledge["held_out"]] == [(k, 1.0) for k in (1, 2, 3, 5, 10)]


def test_training_rows_leave_with_what_stands_before_them(knowing: Fitted, writer: Path, tmp_path: Path) -> None:
    out = tmp_path / "rows.jsonl"
    ran = run_here("export", writer, "--to", "openai-jsonl", "--out", out, home=knowing.home)
    assert ran.returncode == 0, ran.stderr
    facts = {one.question: one.fact for one in towers()}
    asked = [json.loads(line)["messages"][1]["content"] for line in out.read_text(encoding="utf-8").splitlines()]
    assert asked
    for text in asked:
        before, _, question = text.rpartition("\n\n")
        assert facts[question] in before
