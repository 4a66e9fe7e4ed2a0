"""An endpoint that minds slips of the keyboard and the place of an option, and neither capitals nor greetings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from hosted_server import Running, endpoint
from suffice.cli.summary import fit_document
from suffice.kinds.small_changes import changed_row
from suffice.pipeline.diagnose import diagnose_runs
from suffice.pipeline.fit import FitOptions, fit
from suffice.pipeline.grid.sensitivity_askings import sensitivity_askings_of
from suffice.pipeline.rows.prepare import prepare
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Gold, Question
from suffice.records.progress import SILENT
from suffice.records.verdict import FitOutcome
from suffice.store import strict_json
from suffice.store.task_file import FITTED, load_task
from towers import PARTS, towers

STUB = "hosted:stub"
SPEC = AnswerSpec(type="choice", form="Answer: {answer}")
COST_OF_CALL = 100 * 10.0 / 1e6 + 5 * 20.0 / 1e6
"""By the tokens that the endpoint counts, and its price."""


def rows() -> list[dict[str, str]]:
    """A hundred questions, each about another tower; every second one lists options."""
    found = []
    for k, tower in enumerate(towers()):
        listed = f"\nA) {tower.steps} steps\nB) {k + 1} steps\nC) no steps" if k % 2 == 0 else ""
        asks = f"{tower.question}{listed}"
        found.append({"id": tower.id, "question": asks, "answer": "ABC"[k % 3], "split": tower.split})
    return found


def asked(row: dict[str, str], change: str) -> str:
    """A row's question as it is sent under a change; the task's `split.seed` is 0."""
    question = Question(
        id=row["id"],
        source="rows.jsonl",
        row=0,
        text=row["question"],
        gold=Gold(answer=row["answer"], trace=None),
        group=None,
        split=None,
    )
    return changed_row(question, change, spec=SPEC, seed=0).text


def known() -> dict[str, str]:
    """What the endpoint knows: every question as it is, without capitals, and greeted; of one whose options stand
    elsewhere still the old letter, and nothing of one with a slip.
    """
    known: dict[str, str] = {}
    for row in rows():
        ways = (row["question"], *(asked(row, change) for change in ("case", "greeting", "options")))
        known |= dict.fromkeys(ways, f"Answer: {row['answer']}")
    return known


def write_task(folder: Path, running: Running, **more: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows()), encoding="utf-8")
    task = {
        "name": "switches",
        "kind": "answer",
        "answer": {"type": "choice", "form": SPEC.form},
        "completion": {"max_tokens": 8},
        "data": {"path": "rows.jsonl"},
        "target": {"at_least": 0.8},
        "ladder": ["majority", STUB],
        "hosted": {"stub": running.spec(**more)},
    }
    path = folder / "task.yaml"
    path.write_text(yaml.safe_dump(task, sort_keys=False), encoding="utf-8")
    return path


def fit_switches(task: Path, **options) -> FitOutcome:
    stated = {"rungs": None, "all_rungs": False, "seed": 0, "max_minutes": None} | options
    out = task.parent / "out"
    return fit(load_task(task, kinds=FITTED), FitOptions(**stated), folder=task.parent, out=out, progress=SILENT)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory) -> tuple[Path, FitOutcome, list[str]]:
    """A finished fit: its folder, what came of it, and what was sent."""
    folder = tmp_path_factory.mktemp("switches")
    with pytest.MonkeyPatch.context() as patch, endpoint(folder / "endpoint", known()) as running:
        patch.setattr("suffice.store.paid_answers.SYNCHRONOUS", "OFF")
        patch.setenv("SUFFICE_HOME", str(folder / "home"))
        task = write_task(folder, running, repeats=2, repeat_rows=10)
        outcome = fit_switches(task)
        n_calls = len(running.calls())
        fit_switches(task)
        assert len(running.calls()) == n_calls  # What was answered is never paid for again.
        return folder, outcome, [call["user"] for call in running.calls()]


def test_each_change_is_asked_about_the_validation_rows_that_it_touches(fitted) -> None:
    (found,) = fitted[1].diagnosis.sensitivity
    told = {one.change: one.found for one in found.flips}
    counts = {change: (one.n, one.n_right_to_wrong, one.n_wrong_to_right) for change, one in told.items()}
    # Of forty validation rows every second one lists options.
    assert counts == {"case": (40, 0, 0), "typo": (40, 40, 0), "greeting": (40, 0, 0), "options": (20, 20, 0)}
    assert (told["typo"].rate, told["typo"].difference, told["case"].rate) == (1.0, -1.0, 0.0)
    assert found.together.n == 20
    assert (found.repeated.n, found.repeated.n_same) == (10, 10)


def test_no_row_of_the_sealed_test_is_sent_with_a_change(fitted) -> None:
    sent = set(fitted[2])
    of_split = {split: [row for row in rows() if row["split"] == split] for split in PARTS}
    assert all(asked(row, "greeting") in sent for row in of_split["validation"])
    for row in [*of_split["test"], *of_split["train"]]:
        for change in ("case", "typo", "greeting"):
            assert asked(row, change) not in sent


def test_flips_are_told_on_the_page_and_in_json_and_by_finished_runs(fitted) -> None:
    folder, outcome, _ = fitted
    page = (folder / "out" / "report.html").read_text(encoding="utf-8")
    for words in ('<section id="sensitivity">', "Slips of the keyboard", "Options in another order", "Cochran&#39;s Q"):
        assert words in page
    document = fit_document(outcome, out=folder / "out")["sensitivity"]
    assert [one["rung"] for one in document] == [STUB]
    typo = next(one for one in document[0]["changes"] if one["change"] == "typo")
    assert (typo["n"], typo["rate"], typo["n_wrong_to_other"], len(typo["interval"])) == (40, 1.0, None, 2)
    assert strict_json.read(folder / "out" / "outcome.json", FitOutcome) == outcome
    later = diagnose_runs([folder / "out"], decisions=None, seed=0)
    assert later.diagnosis.sensitivity == outcome.diagnosis.sensitivity


def test_the_endpoint_is_asked_nothing_more_where_that_is_left_out(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("suffice.store.paid_answers.SYNCHRONOUS", "OFF")
    with endpoint(tmp_path / "endpoint", known()) as running:
        outcome = fit_switches(write_task(tmp_path, running, repeats=1), skip=("sensitivity",))
        assert {call["user"] for call in running.calls()} <= {row["question"] for row in rows()}
    assert outcome.diagnosis.sensitivity == ()
    assert ("every rung: sensitivity", "left out by --skip sensitivity") in outcome.diagnosis.not_run


def test_money_for_the_proof_is_never_spent_on_what_only_explains(tmp_path: Path, monkeypatch) -> None:
    # Forty validation and forty test rows take 80 calls; forty more for the first change would take 120. A cap of 110
    # is over what the proof takes, with some room for the most that calls under way may cost.
    monkeypatch.setattr("suffice.store.paid_answers.SYNCHRONOUS", "OFF")
    with endpoint(tmp_path / "endpoint", known()) as running:
        outcome = fit_switches(write_task(tmp_path, running, repeats=1, max_cost=110 * COST_OF_CALL))
        assert len(running.calls()) == 80
    assert outcome.diagnosis.sensitivity == ()
    assert outcome.rungs[-1].test_answers.accuracy.verified.n == 40
    told = [why for what, why in outcome.diagnosis.not_run if what == f"{STUB}: sensitivity:case"]
    assert "it cannot be done here: 0.044 of 0.121 spent, 80 calls to come at 0.0011 each" in told[0]


def test_a_change_that_touches_too_few_rows_is_not_offered(tmp_path: Path) -> None:
    def offered(rung: str, some: list[dict[str, str]]) -> list[str]:
        (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in some), encoding="utf-8")
        task = load_task(path, kinds=FITTED)
        ready = prepare(task, Workspace(out=tmp_path / "out"), folder=tmp_path, progress=SILENT)
        return [one.change.partition(":")[2] for one in sensitivity_askings_of(rung, ready)]

    with endpoint(tmp_path / "endpoint", {}) as running:
        path = write_task(tmp_path, running)
    assert offered(STUB, rows()) == ["case", "typo", "greeting", "options"]
    assert offered("majority", rows()) == []
    without = [row | {"question": row["question"].partition("\n")[0].lower()} for row in rows()]
    assert offered(STUB, without) == ["typo", "greeting"]
