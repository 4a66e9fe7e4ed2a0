"""Tool calls on the command line: fit, answer, and what is called scored again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import Fitted, fit_json, run_here
from household import LAMP, household, write_tools_task


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    """A finished fit of the commonest calls."""
    folder = tmp_path_factory.mktemp("calls")
    return fit_json(write_tools_task(folder), out=folder / "out", home=folder / "home")


def test_the_document_of_a_fit_has_the_waterfall_of_calls(calls: Fitted) -> None:
    (rung,) = calls.document["rungs"]
    waterfall = rung["answers"]["waterfall"]
    assert sum(waterfall.values()) == pytest.approx(1.0)
    assert waterfall["called_when_none_right"] > 0
    assert "no_answer" not in waterfall


def test_what_is_called_is_scored_as_the_run_was(calls: Fitted, tmp_path: Path) -> None:
    ran = run_here("answer", calls.bundle("majority"), calls.task.parent / "rows.jsonl", home=calls.home)
    assert ran.returncode == 0, ran.stderr
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [line["id"] for line in lines] == [row["id"] for row in household(120)]
    (call,) = lines[0]["tool_calls"]
    assert call["function"] == {"name": "lamp.switch", "arguments": '{"room": "kitchen", "on": true}'}
    (tmp_path / "called.jsonl").write_text(ran.stdout, encoding="utf-8")
    scored = run_here("evaluate", calls.task, "--completions", tmp_path / "called.jsonl", "--json", home=calls.home)
    assert scored.returncode == 0, scored.stderr
    # Two of four rows ask for the lamp of the kitchen, one for a timer, and one for nothing.
    told = json.loads(scored.stdout)
    assert told["accuracy"]["verified"]["accuracy"] == 0.5
    assert told["waterfall"]["called_when_none_right"] == told["waterfall"]["wrong_tool"] == 0.25


def test_requests_without_ids_go_by_their_row(calls: Fitted) -> None:
    rows = [{"messages": row["messages"], "tools": row["tools"]} for row in household(2)]
    given = "".join(f"{json.dumps(row)}\n" for row in rows)
    ran = run_here("answer", calls.bundle("majority"), home=calls.home, given=given)
    assert [json.loads(line)["id"] for line in ran.stdout.splitlines()] == ["0", "1"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "standard input:2"),
        ('"Light please"', "a request is an object with messages and tools"),
        (json.dumps({"messages": [], "tools": [LAMP]}), "must be a list of at least one message"),
        (json.dumps({"messages": [{"role": "user", "content": "x"}]}), "must be a list of at least one tool"),
        (json.dumps({"id": [1], "messages": [], "tools": []}), "the id"),
    ],
)
def test_a_line_that_is_no_request_is_told_and_those_before_it_are_answered(
    calls: Fitted, line: str, told: str
) -> None:
    first = json.dumps(household(1)[0])
    ran = run_here("answer", calls.bundle("majority"), home=calls.home, given=f"{first}\n{line}\n")
    assert ran.returncode == 2
    assert told in ran.stderr
    assert len(ran.stdout.splitlines()) == 1


def test_every_bad_line_of_a_file_of_requests_is_told(calls: Fitted, tmp_path: Path, suffice) -> None:
    file = tmp_path / "asked.jsonl"
    file.write_text(f'{json.dumps(household(1)[0])}\n{{\n"Light please"\n', encoding="utf-8")
    ran = suffice("answer", calls.bundle("majority"), file)
    assert (ran.code, ran.out) == (2, "")
    assert f"{file}:2: every line must be JSON" in ran.err
    assert f"{file}:3: a request is an object with messages and tools" in ran.err


@pytest.mark.parametrize("flags", [("--text", "question"), ("--context", "passage"), ("--with-context",)])
def test_requests_are_no_columns_of_text(calls: Fitted, flags: tuple[str, ...]) -> None:
    ran = run_here("answer", calls.bundle("majority"), *flags, home=calls.home, given="")
    assert ran.returncode == 2
    assert "read as JSON Lines" in ran.stderr
    assert f"got: {flags[0]}" in ran.stderr
