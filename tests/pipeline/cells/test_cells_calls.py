"""A task of tool calls through the whole road: prepared, climbed, proven, shipped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import suffice
from household import LAMP, TIMER, household, write_tools_task
from suffice.errors import BundleError, DataError
from suffice.pipeline.fit import FitOptions, fit
from suffice.pipeline.rows.prepare import prepare
from suffice.pipeline.rows.workspace import Workspace, read_run
from suffice.pipeline.shipped.leaving import write_chats
from suffice.records.progress import SILENT
from suffice.records.verdict import FitOutcome
from suffice.store import strict_json
from suffice.store.task_file import FITTED, load_task

OTHER_WORDS = (
    "Macro-F1",
    "Confusion matrix",
    "Label ceiling",
    "categories",
    "no label:",
    "no answer found",
    "uestions",
)
"""What pages and cards say of labels and of questions alone."""


def fit_calls(task: Path, *overrides: str, **options) -> FitOutcome:
    stated = {"rungs": None, "all_rungs": False, "seed": 0, "max_minutes": None} | options
    loaded = load_task(task, overrides=overrides, kinds=FITTED)
    return fit(loaded, FitOptions(**stated), folder=task.parent, out=task.parent / "out", progress=SILENT)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory, wide_llama: Path, tiny_bert: Path):
    """A finished fit of all rungs that run here and are not trained: its folder, and what came of it."""
    folder = tmp_path_factory.mktemp("calls")
    ladder = ["majority", "embed", f"{wide_llama}@prompted"]
    task = write_tools_task(folder, ladder=ladder, train={"encoder": str(tiny_bert)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUFFICE_HOME", str(folder / "home"))
        outcome = fit_calls(task, all_rungs=True)
    return folder, outcome


def test_rows_are_right_by_label_and_keep_what_they_were_read_from(tmp_path: Path) -> None:
    task = load_task(write_tools_task(tmp_path), kinds=FITTED)
    prepared = prepare(task, Workspace(out=tmp_path / "out"), folder=tmp_path, progress=SILENT)
    assert prepared.labels.names == ("wrong", "right")
    assert set(prepared.material.data.labels) == {"right"}
    kept = dict(next(iter(prepared.material.data)).columns)
    assert json.loads(kept["tools"]) == [LAMP, TIMER]


def test_rows_whose_calls_nobody_can_make_are_refused_by_place(tmp_path: Path) -> None:
    task = load_task(write_tools_task(tmp_path), kinds=FITTED)
    rows = [*household(3), {**household(4)[3], "accepted_calls": [{"timer": {"minutes": []}}]}]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with pytest.raises(DataError, match=r"rows.jsonl: row 3: the right calls must be possible"):
        prepare(task, Workspace(out=tmp_path / "out"), folder=tmp_path, progress=SILENT)


def test_the_commonest_calls_are_right_on_the_rows_that_ask_for_them(fitted) -> None:
    majority = next(one for one in fitted[1].rungs if one.rung == "majority")
    classes = {int(one.id[1:]) % 4: one.class_ for one in majority.chosen.answers.examples}
    # Two of four rows ask for the lamp of the kitchen, with either of the values that the row accepts.
    assert classes == {0: "right", 1: "right", 2: "wrong_tool", 3: "called_when_none_right"}


def test_every_row_is_in_one_class_of_the_waterfall_of_calls(fitted) -> None:
    for rung in fitted[1].rungs:
        assert sum(one.n for one in rung.chosen.answers.waterfall.classes) == rung.chosen.answers.n
        assert sum(one.n for one in rung.test_answers.waterfall.classes) == rung.test_answers.n
        assert rung.test_answers.examples == ()


def test_the_page_and_the_cards_show_the_waterfall_of_calls(fitted) -> None:
    folder, outcome = fitted
    page = (folder / "out" / "report.html").read_text(encoding="utf-8")
    assert "called when none was right" in page
    cards = [(Path(rung.bundle) / "README.md").read_text(encoding="utf-8") for rung in outcome.rungs]
    for text in (page, *cards):
        assert not [word for word in OTHER_WORDS if word in text]
    assert all(".call(" in card for card in cards)


def test_the_outcome_comes_back_from_its_file(fitted) -> None:
    assert strict_json.read(fitted[0] / "out" / "outcome.json", FitOutcome) == fitted[1]


def test_a_bundle_loads_to_one_object_that_calls(fitted) -> None:
    asked = {key: household(1)[0][key] for key in ("messages", "tools")}
    for rung in fitted[1].rungs:
        clerk = suffice.load(rung.bundle)
        (found,) = clerk.call([asked])
        assert found.request == household(1)[0]["messages"][0]["content"]
        if rung.rung == "majority":
            (call,) = found.tool_calls()
            assert call["function"]["name"] == "lamp.switch"
            assert json.loads(call["function"]["arguments"]) == {"room": "kitchen", "on": True}
            assert (found.in_form, found.fault, found.stop_reason) == (True, None, "end")
        with pytest.raises(BundleError, match=r"a bundle that calls tools\n  fix: call"):
            clerk.answer(["a question"])


def test_requests_that_cannot_be_read_are_told_all_at_once(fitted) -> None:
    clerk = suffice.load(fitted[1].rungs[0].bundle)
    with pytest.raises(DataError) as told:
        clerk.call([{"messages": [], "tools": [LAMP]}, {"messages": household(1)[0]["messages"], "tools": []}])
    assert [one.where for one in told.value.problems] == ["call: request 0: messages", "call: request 1: tools"]
    with pytest.raises(DataError, match="takes a list of requests"):
        clerk.call(household(1)[0])


def test_training_rows_leave_with_their_tools_and_the_calls_that_are_right(fitted, tmp_path: Path) -> None:
    n = write_chats(Path(fitted[1].rungs[0].bundle), tmp_path / "rows.jsonl", out=None)
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    right = {row["messages"][0]["content"]: row["accepted_calls"] for row in household(120)}
    assert len(rows) == n > 0
    for row in rows:
        asked, said = row["messages"]
        assert [tool["function"]["name"] for tool in row["tools"]] == ["lamp_switch", "timer"]
        called = [call["function"]["name"] for call in said.get("tool_calls", [])]
        assert called == [name.replace(".", "_") for call in right[asked["content"]] for name in call]
        assert bool(said["content"]) == (not called)


def test_a_model_is_held_to_its_tools_as_a_switch_and_told_of_schemas_that_no_grammar_holds(
    tmp_path: Path, wide_llama: Path
) -> None:
    task = write_tools_task(tmp_path, n=60, ladder=[f"{wide_llama}@prompted"], completion={"max_tokens": 16})
    backwards = {"type": "object", "properties": {"room": {"type": "string", "pattern": r"x\by"}}}
    rows = household(60)
    for row in rows[::2]:
        row["tools"] = [{**LAMP, "parameters": backwards}, TIMER]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    fit_calls(task, skip=("next_rung",))
    (held,) = [read_run(run) for run in (tmp_path / "out" / "runs").glob("*form-held*")]
    ids = [one.id for one in held.answers.examples]
    assert held.writing.n_unheld == sum(int(one[1:]) % 2 == 0 for one in ids) > 0
    assert held.writing.n_held == held.writing.n - held.writing.n_unheld > 0
    # Whatever a random model writes, no tool comes out that is not offered.
    assert not [one.class_ for one in held.answers.examples if one.class_ == "invented_tool"]


def test_a_tuned_model_held_to_its_tools_ships_and_invents_nothing(tmp_path: Path, tool_qwen2: Path) -> None:
    task = write_tools_task(
        tmp_path,
        n=60,
        ladder=["majority", str(tool_qwen2)],
        train={"epochs": 1, "batch_size": 16},
        tools={"held": True},
        completion={"max_tokens": 12},
    )
    outcome = fit_calls(task, all_rungs=True, skip=("prompt", "training", "curriculum", "next_rung"))
    tuned = outcome.rungs[-1]
    assert tuned.chosen.training.n_steps > 0
    classes = {one.name: one.n for one in tuned.chosen.answers.waterfall.classes}
    assert classes["invented_tool"] == 0
    (found,) = suffice.load(tuned.bundle).call([household(1)[0]])
    assert found.completion.startswith("[")
