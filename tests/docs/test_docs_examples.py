"""Examples are what their scripts write, and come to a verdict at small size."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import suffice
from suffice.pipeline.fit import FitOptions, fit
from suffice.records.progress import SILENT
from suffice.store.task_file import FITTED, load_task

EXAMPLES = Path(__file__).parents[2] / "examples"
ANSWERS, TOOLS = EXAMPLES / "answers", EXAMPLES / "tools"


@pytest.mark.parametrize("rows", [ANSWERS / "questions.jsonl", TOOLS / "requests.jsonl"])
def test_the_rows_are_those_that_the_script_writes(rows: Path) -> None:
    ran = subprocess.run([sys.executable, rows.parent / "make.py"], capture_output=True, text=True, check=True)
    assert ran.stdout == rows.read_text(encoding="utf-8")


def test_the_example_of_answers_comes_to_a_verdict_and_a_bundle_that_answers(
    tmp_path: Path, tiny_llama: Path, tiny_bert: Path
) -> None:
    folder = tmp_path / "answers"
    shutil.copytree(ANSWERS, folder)
    overrides = [
        f"ladder=[majority, embed, {tiny_llama}@prompted]",
        f"train.encoder={tiny_bert}",
        "completion.max_tokens=4",
        "train.n_train=60",
    ]
    task = load_task(folder / "task.yaml", overrides=overrides, kinds=FITTED)
    options = FitOptions(rungs=None, all_rungs=True, seed=0, max_minutes=None, skip=("prompt", "next_rung"))
    outcome = fit(task, options, folder=folder, out=folder / "out", progress=SILENT)
    assert [rung.rung for rung in outcome.rungs] == ["majority", "embed", f"{tiny_llama}@prompted"]
    assert outcome.verdict.code in {"undecided", "more_data", "not_learnable", "scale_up"}
    # Nothing random gets nine in ten right, and steps are shown where a training question had some.
    assert outcome.verdict.rung is None
    for rung in outcome.rungs:
        (found,) = suffice.load(rung.bundle).answer(["Ada has 3 apples and gets 4 more. How many apples is that?"])
        assert found.completion


def test_the_example_of_tool_calls_comes_to_a_verdict_and_a_bundle_that_calls(
    tmp_path: Path, tool_qwen2: Path, tiny_bert: Path
) -> None:
    folder = tmp_path / "tools"
    shutil.copytree(TOOLS, folder)
    overrides = [
        f"ladder=[majority, embed, {tool_qwen2}, {tool_qwen2}@prompted]",
        f"train.encoder={tiny_bert}",
        "tools.held=true",
        "completion.max_tokens=4",
        "train.n_train=40",
        "train.epochs=1",
    ]
    task = load_task(folder / "task.yaml", overrides=overrides, kinds=FITTED)
    skip = ("prompt", "next_rung", "training", "curriculum")
    options = FitOptions(rungs=None, all_rungs=True, seed=0, max_minutes=None, skip=skip)
    outcome = fit(task, options, folder=folder, out=folder / "out", progress=SILENT)
    assert [rung.rung for rung in outcome.rungs] == ["majority", "embed", f"{tool_qwen2}", f"{tool_qwen2}@prompted"]
    assert outcome.verdict.rung is None
    asked = json.loads((folder / "requests.jsonl").read_text(encoding="utf-8").splitlines()[0])
    for rung in outcome.rungs:
        (found,) = suffice.load(rung.bundle).call([asked])
        assert found.completion.startswith("[")
