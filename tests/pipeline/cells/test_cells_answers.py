"""A task of free answers through the whole road: prepared, climbed, proven, shipped; killed and taken up again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

import suffice
from hosted_server import endpoint
from suffice.dataset.questions import question_rows, questions_of
from suffice.errors import BundleError, DataError, TaskError
from suffice.kinds.answer import default_instruction
from suffice.pipeline.cells.answers import asked_of
from suffice.pipeline.cells.changes import changed
from suffice.pipeline.cells.estimate import estimated_minutes
from suffice.pipeline.cells.names import cells_of, wanted_cells
from suffice.pipeline.cells.rows import judged_rows, training_rows, tune_rows_asked
from suffice.pipeline.completions import CompletionFiles, score_completions
from suffice.pipeline.fit import FitOptions, fit
from suffice.pipeline.grid.measured import facts_of
from suffice.pipeline.rows.prepare import Prepared, prepare
from suffice.pipeline.rows.workspace import Workspace, read_run
from suffice.pipeline.single import compare_folders, evaluate_run, report_runs, train_rung
from suffice.pipeline.stored import stored_runs
from suffice.predict.completer import Completer
from suffice.records.answer_spec import AnswerSpec
from suffice.records.dataset import Dataset
from suffice.records.next_cells import Wanted
from suffice.records.progress import SILENT
from suffice.records.task import TrainSpec
from suffice.records.verdict import FitOutcome
from suffice.store import strict_json
from suffice.store.task_file import FITTED, load_task
from word_sums import ENDS_SOON, questions, word_sums, write_answer_task

LABEL_WORDS = ("Macro-F1", "Log-loss", "Confusion matrix", "Label ceiling", "taken for", "categories", "no label:")
"""What pages and cards say of labels alone."""


def fit_answers(task: Path, *overrides: str, out: Path | None = None, **options) -> FitOutcome:
    stated = {"rungs": None, "all_rungs": False, "seed": 0, "max_minutes": None} | options
    loaded = load_task(task, overrides=overrides, kinds=FITTED)
    folder = task.parent
    return fit(loaded, FitOptions(**stated), folder=folder, out=out or folder / "out", progress=SILENT)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory, tiny_llama: Path, tiny_bert: Path):
    """A finished fit of all rungs that run here: the task file, the output folder, and what came of it."""
    folder = tmp_path_factory.mktemp("answers")
    ladder = ["majority", "embed", f"{tiny_llama}@prompted"]
    task = write_answer_task(folder, ladder=ladder, train={"encoder": str(tiny_bert)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUFFICE_HOME", str(folder / "home"))
        outcome = fit_answers(task, all_rungs=True)
    return task, folder / "out", outcome


def runs_of(out: Path, beginning: str) -> list[Path]:
    return sorted((out / "runs").glob(f"{beginning}*"))


def test_rows_are_right_by_label_and_keep_their_right_answers(tmp_path: Path) -> None:
    task = load_task(write_answer_task(tmp_path), kinds=FITTED)
    prepared = prepare(task, Workspace(out=tmp_path / "out"), folder=tmp_path, progress=SILENT)
    assert prepared.labels.names == ("wrong", "right")
    assert set(prepared.material.data.labels) == {"right"}
    assert prepared.summary.label_counts == {}
    assert prepared.summary.split_counts["test"] > 0


def test_what_cannot_be_read_of_questions_is_told_by_line(tmp_path: Path) -> None:
    task = load_task(write_answer_task(tmp_path), kinds=FITTED)
    rows = [*word_sums(3), {"id": "x", "question": "How many?", "answer": "nobody knows"}]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with pytest.raises(DataError, match=r"rows.jsonl:4: the answer must be a finite number"):
        prepare(task, Workspace(out=tmp_path / "out"), folder=tmp_path, progress=SILENT)


def test_right_answers_and_traces_are_audited_but_for_those_of_the_test(tmp_path: Path) -> None:
    path = write_answer_task(tmp_path)
    rows = [row | {"answer": f"1 + 1 = 3\n{row['answer']}"} for row in word_sums(120)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    outcome = fit_answers(path)
    (found,) = [one for one in outcome.audit.findings if one.code == "trace_arithmetic"]
    prepared = prepare(load_task(path, kinds=FITTED), Workspace(out=tmp_path / "out"), folder=tmp_path, progress=SILENT)
    assert set(found.rows) == set(prepared.material.data.ids)
    assert len(found.rows) == 120 - prepared.summary.split_counts["test"]
    assert "the audit warns of trace arithmetic" in " ".join(outcome.notes)


def test_the_default_instruction_counts_in_an_estimate_as_if_it_were_the_persons(tmp_path: Path) -> None:
    def estimated(rung: str, *overrides: str) -> float | None:
        task = load_task(write_answer_task(tmp_path), overrides=overrides, kinds=FITTED)
        workspace = Workspace(out=tmp_path / "out")
        return estimated_minutes(rung, prepare(task, workspace, folder=tmp_path, progress=SILENT))

    told = f"instruction={json.dumps(default_instruction(AnswerSpec()))}"
    for rung in ("smollm2-135m", "smollm2-135m@prompted"):
        assert estimated(rung) == pytest.approx(estimated(rung, told))
        assert estimated(rung) < estimated(rung, f"instruction={'a' * 4_000}")


def test_the_verdict_counts_right_answers_by_value(fitted) -> None:
    _, out, outcome = fitted
    majority = next(one for one in outcome.rungs if one.rung == "majority")
    assert majority.chosen.answers is not None
    # A third of the answers is 12, and one answer is given to all.
    verified = majority.chosen.answers.accuracy.verified
    assert verified.accuracy == pytest.approx(1 / 3, abs=0.15)
    assert majority.chosen.evaluation.accuracy.n_correct == verified.n_correct
    assert outcome.verdict.rung is None
    assert (out / "report.html").is_file()


def test_every_row_is_in_one_class_of_the_waterfall(fitted) -> None:
    for rung in fitted[2].rungs:
        answers = rung.chosen.answers
        assert sum(one.n for one in answers.waterfall.classes) == answers.n
        assert sum(one.n for one in rung.test_answers.waterfall.classes) == rung.test_answers.n


def test_every_completion_is_stored_whole_with_its_tokens_and_why_it_ended(fitted) -> None:
    (run,) = runs_of(fitted[1], "tiny-llama")[:1] or [None]
    lines = [json.loads(line) for line in (run / "completions.jsonl").read_text(encoding="utf-8").splitlines()]
    manifest = read_run(run)
    assert {line["completion"]["id"] for line in lines} == {one.id for one in manifest.answers.examples}
    assert all(line["completion"]["n_tokens"] <= 8 for line in lines)
    assert manifest.writing.tokens == pytest.approx(sum(line["completion"]["n_tokens"] for line in lines) / len(lines))


def test_rows_of_the_sealed_test_are_shown_to_nobody(fitted) -> None:
    _, out, outcome = fitted
    assert all(rung.test_answers.examples == () for rung in outcome.rungs)
    page = (out / "report.html").read_text(encoding="utf-8")
    task = load_task(fitted[0], kinds=FITTED)
    prepared = prepare(task, Workspace(out=out), folder=fitted[0].parent, progress=SILENT)
    shown = {row["id"]: row["question"] for row in word_sums(120)}
    hidden = set(shown) - set(prepared.material.data.ids)
    assert hidden
    assert not [i for i in hidden if shown[i] in page]


def test_nothing_on_the_page_or_in_a_card_speaks_of_labels(fitted) -> None:
    _, out, outcome = fitted
    page = (out / "report.html").read_text(encoding="utf-8")
    cards = [(Path(rung.bundle) / "README.md").read_text(encoding="utf-8") for rung in outcome.rungs]
    for text in (page, *cards):
        assert not [word for word in LABEL_WORDS if word in text]
    assert "Where answers are lost" in page
    assert "right form, wrong value" in page
    assert outcome.diagnosis.label_ceiling is None
    assert outcome.diagnosis.gains == ()


def test_the_outcome_comes_back_from_its_file(fitted) -> None:
    assert strict_json.read(fitted[1] / "outcome.json", FitOutcome) == fitted[2]


def test_a_bundle_loads_to_one_object_that_answers(fitted) -> None:
    for rung in fitted[2].rungs:
        clerk = suffice.load(rung.bundle)
        (found,) = clerk.answer([word_sums(1)[0]["question"]])
        assert found.question == word_sums(1)[0]["question"]
        if rung.rung == "majority":
            assert (found.answer, found.in_form, found.stop_reason) == ("12", True, "end")


def test_a_bundle_that_was_changed_is_refused(fitted, tmp_path: Path) -> None:
    import shutil  # noqa: PLC0415

    copy = tmp_path / "copy"
    shutil.copytree(fitted[2].rungs[0].bundle, copy)
    (copy / "model" / "answer.json").write_text('"#### 13"', encoding="utf-8")
    with pytest.raises(BundleError, match="sha256"):
        suffice.load(copy)


def test_a_fit_that_has_finished_changes_nothing_when_it_is_run_again(fitted, monkeypatch) -> None:
    task, out, outcome = fitted
    monkeypatch.setenv("SUFFICE_HOME", str(task.parent / "home"))
    monkeypatch.setattr(Completer, "complete", _nothing_is_written)
    assert fit_answers(task, all_rungs=True) == outcome
    assert stored_runs(out)


def _nothing_is_written(_completer, asked, **_named):
    assert not asked, "a finished run writes nothing"
    return iter(())


def test_a_run_is_scored_again_compared_and_reported(fitted, tmp_path: Path, monkeypatch) -> None:
    task, out, outcome = fitted
    monkeypatch.setenv("SUFFICE_HOME", str(task.parent / "home"))
    chosen = {one.rung.rpartition("/")[2]: out / "runs" / one.chosen.name for one in outcome.rungs}
    prompted = chosen["tiny-llama@prompted"] if "tiny-llama@prompted" in chosen else [*chosen.values()][-1]
    again = evaluate_run(prompted, test=False, progress=SILENT)
    assert again.answers.accuracy == read_run(prompted).answers.accuracy
    found = compare_folders(prompted, chosen["majority"])
    assert found.n == read_run(prompted).answers.n
    report_runs([prompted, chosen["majority"]], path=tmp_path / "runs.html")
    page = (tmp_path / "runs.html").read_text(encoding="utf-8")
    assert "Where answers are lost" in page
    assert not [word for word in LABEL_WORDS if word in page]


class _Killed(BaseException):
    """As a signal would."""


def test_a_fit_that_was_killed_while_it_wrote_goes_on_and_writes_no_row_twice(
    tmp_path: Path, tiny_llama: Path, monkeypatch
) -> None:
    task = write_answer_task(tmp_path, ladder=[f"{tiny_llama}@prompted"])
    written, whole = list[str](), Completer.complete

    def complete(self, asked, *, before, decoding):
        for one in whole(self, asked, before=before, decoding=decoding):
            if len(written) == 5:
                raise _Killed
            written.append(one.id)
            yield one

    monkeypatch.setattr(Completer, "complete", complete)
    with pytest.raises(_Killed):
        fit_answers(task)
    (run,) = runs_of(tmp_path / "out", "")
    assert len((run / "completions.jsonl").read_text(encoding="utf-8").splitlines()) == 5
    written.append("a sixth, so that nothing is killed any more")
    fit_answers(task, skip=("prompt",))
    kept = [json.loads(line) for line in (run / "completions.jsonl").read_text(encoding="utf-8").splitlines()]
    ids = [line["completion"]["id"] for line in kept]
    assert len(ids) == len(set(ids)) == read_run(run).answers.n
    assert ids[:5] == written[:5]


@pytest.mark.parametrize(
    ("rung", "fix"),
    [("tfidf", "take it out"), ("encoder", "take it out")],
)
def test_a_rung_that_gives_labels_is_refused_before_anything_is_read(tmp_path: Path, rung: str, fix: str) -> None:
    task = write_answer_task(tmp_path, ladder=["majority", rung])
    with pytest.raises(
        TaskError, match=rf"kind: answer is for rungs that can do it: .*\n  got: '{rung}'\n  fix: {fix}"
    ):
        fit_answers(task)


def test_a_tuned_model_is_climbed_and_shipped(tmp_path: Path, tiny_qwen2: Path) -> None:
    task = write_answer_task(
        tmp_path,
        n=60,
        ladder=["majority", str(tiny_qwen2)],
        train={"epochs": 1, "batch_size": 16},
        completion={"max_tokens": 4},
    )
    outcome = fit_answers(task, all_rungs=True, skip=("prompt", "training", "curriculum", "next_rung"))
    tuned = outcome.rungs[-1]
    assert tuned.chosen.training.n_steps > 0
    assert tuned.chosen.cell.label_output is None
    assert tuned.chosen.writing.n == tuned.chosen.answers.n
    (found,) = suffice.load(tuned.bundle).answer([word_sums(1)[0]["question"]])
    assert found.n_tokens <= 4


def test_trace_and_answer_are_held_against_the_answer_alone_on_the_same_rows_and_seed(
    tmp_path: Path, tiny_qwen2: Path
) -> None:
    path = write_answer_task(
        tmp_path,
        n=60,
        ladder=["majority", str(tiny_qwen2)],
        train={"epochs": 1, "batch_size": 16},
        completion={"max_tokens": 4},
    )
    folders = []
    for target in ("trace", "answer"):
        task = load_task(path, overrides=[f"train.target={target}"], kinds=FITTED)
        out = tmp_path / "out"
        run = train_rung(task, str(tiny_qwen2), folder=tmp_path, out=out, seed=0, progress=SILENT)
        folders.append(out / "runs" / run.name)
    whole, alone = map(read_run, folders)
    assert (whole.cell.train.target, alone.cell.train.target) == ("trace", "answer")
    assert alone.training.text_tokens < whole.training.text_tokens
    assert compare_folders(*folders).n == whole.answers.n == alone.answers.n


def scored_as_the_run(task: Path, run: Path) -> None:
    """What a run wrote has the figures of the run where it is scored from its file."""
    files = CompletionFiles(path=run / "completions.jsonl")
    loaded = load_task(task, overrides=(), kinds=FITTED)
    scored = score_completions(loaded, files, folder=task.parent, seed=0, progress=SILENT).evaluation
    answers = read_run(run).answers
    assert (scored.n, scored.accuracy) == (answers.n, answers.accuracy)
    assert scored.waterfall == answers.waterfall


def test_what_is_held_to_its_form_is_climbed_proven_and_shipped_so(tmp_path: Path, tiny_llama: Path) -> None:
    task = write_answer_task(
        tmp_path,
        n=60,
        ladder=[f"{tiny_llama}@prompted"],
        answer={"hold_form": True},
        completion={"max_tokens": 8, "stop": ENDS_SOON},
    )
    (rung,) = fit_answers(task).rungs
    assert rung.chosen.writing.n_held == rung.chosen.writing.n - rung.chosen.writing.n_cut_off > 0
    lost = {one.name: one.n - one.n_truncated for one in rung.chosen.answers.waterfall.classes}
    assert lost["right_value_wrong_form"] == lost["wrong_form_wrong_value"] == lost["no_answer"] == 0
    # Nothing is to be held that is held already.
    assert not [run for run in runs_of(tmp_path / "out", "") if "form-held" in run.name]
    (found,) = suffice.load(rung.bundle).answer([word_sums(1)[0]["question"]])
    assert (found.in_form, found.held) == (True, True)
    assert found.completion.splitlines()[-1].startswith("#### ")
    scored_as_the_run(task, tmp_path / "out" / "runs" / rung.chosen.name)


def test_a_rung_is_held_to_its_form_as_the_one_thing_that_is_changed(tmp_path: Path, tiny_llama: Path) -> None:
    task = write_answer_task(
        tmp_path, n=60, ladder=[f"{tiny_llama}@prompted"], completion={"max_tokens": 8, "stop": ENDS_SOON}
    )
    outcome = fit_answers(task)
    (held,) = [read_run(run) for run in runs_of(tmp_path / "out", "") if "form-held" in run.name]
    assert held.writing.n_held > 0 == outcome.rungs[0].chosen.writing.n_held
    (run,) = [run for run in runs_of(tmp_path / "out", "") if "form-held" in run.name]
    scored_as_the_run(task, run)
    assert "form:held" not in {one.change for one in outcome.diagnosis.interventions}
    assert "form" in {one.change for one in outcome.diagnosis.interventions}


def test_an_endpoint_that_knows_the_answers_is_proven(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("suffice.store.paid_answers.SYNCHRONOUS", "OFF")
    truth = {row["question"]: row["answer"] for row in word_sums(120)}
    with endpoint(tmp_path / "endpoint", truth) as running:
        task = write_answer_task(
            tmp_path / "task", ladder=["majority", "hosted:stub"], hosted={"stub": running.spec(repeats=2)}
        )
        outcome = fit_answers(task)
        n_calls = len(running.calls())
        again = fit_answers(task)
        assert len(running.calls()) == n_calls
    assert outcome.verdict.code == "keep_prompting"
    hosted = outcome.rungs[-1]
    assert hosted.test_answers.accuracy.verified.accuracy == 1.0
    assert hosted.bundle is None
    assert hosted.chosen.hosted.consistency.share == 1.0
    assert hosted.chosen.hosted.n_invented == 0
    assert again.verdict == outcome.verdict


def test_what_a_question_is_about_is_read_before_it() -> None:
    (plain, *_) = questions(1)
    about = replace(plain, context="Day 0 is a Monday.")
    assert [one.text for one in asked_of([plain, about])] == [plain.text, f"Day 0 is a Monday.\n\n{plain.text}"]
    (back,) = questions_of(Dataset(table=pa.Table.from_batches([question_rows([about])]), name="v"))
    assert back.context == about.context


DRIFTS = "It is {label}, and I took 3 steps."
"""Of which no reading finds the answer."""


@pytest.fixture
def drifting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An endpoint that knows every answer and ends in another form, and a task whose ladder it is on."""
    monkeypatch.setattr("suffice.store.paid_answers.SYNCHRONOUS", "OFF")
    truth = {row["question"]: row["answer"].rpartition("#### ")[2] for row in word_sums(300)}
    with endpoint(tmp_path / "endpoint", truth, says=DRIFTS) as running:

        def made(**spec: object) -> Path:
            hosted = {"stub": running.spec(**spec)}
            return write_answer_task(tmp_path / "task", n=300, ladder=["majority", "hosted:stub"], hosted=hosted)

        yield running, made


def test_an_endpoint_that_ends_in_another_form_is_held_to_it_by_the_key_that_the_verdict_names(drifting) -> None:
    running, made = drifting
    task = made()
    outcome = fit_answers(task, rungs=("hosted:stub",))
    assert outcome.verdict.code == "fix_format"
    assert outcome.diagnosis.plans[0].steps[0].sets == "answer.hold_form=true"
    # Wordings are asked as well; being told nothing is not paid for, and no word of theirs brings the form.
    asked = {one.change for one in outcome.diagnosis.interventions}
    assert asked == {"form", "prompt:role", "prompt:short", "prompt:form_first"}
    n_calls = len(running.calls())
    held = fit_answers(task, "answer.hold_form=true", rungs=("hosted:stub",))
    assert held.verdict.code == "keep_prompting"
    assert held.rungs[0].test_answers.accuracy.strict.accuracy == 1.0
    scored_as_the_run(task, task.parent / "out" / "runs" / held.rungs[0].chosen.name)
    figures = held.rungs[0].chosen.hosted
    # Both calls of a message are its price: 200 tokens in at 10 and 10 out at 20 for a million.
    assert figures.cost_per_thousand == pytest.approx(1_000 * (200 * 10 + 10 * 20) / 1e6)
    # What it wrote is paid for, and so are the validation answers in form: those of the test alone are new.
    assert len(running.calls()) - n_calls == held.rungs[0].test_answers.n


def test_an_endpoint_is_asked_no_other_way_where_the_sealed_test_could_then_not_be_paid_for(drifting) -> None:
    running, made = drifting
    # A call costs 0.0011: 30 validation and 60 test rows take 0.1, and 200 more calls another 0.22.
    outcome = fit_answers(made(max_cost=0.2), rungs=("hosted:stub",))
    assert {one.change for one in outcome.diagnosis.interventions} == set()
    (why,) = [why for what, why in outcome.diagnosis.not_run if what == "hosted:stub: prompt:default"]
    assert "0.2 spent" in why
    assert outcome.opening == 1
    assert not any(call["body"]["messages"][-1]["content"].startswith("Give your final") for call in running.calls())


def test_rows_whose_trace_is_wrong_are_left_out_by_a_change_and_by_the_key_that_does_the_same(
    tmp_path: Path, tiny_llama: Path
) -> None:
    rung = str(tiny_llama)
    task = write_answer_task(tmp_path, ladder=["majority", rung])
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    for row in rows[::4]:  # A sum that is one too high, and the answer with it.
        steps, _, total = row["answer"].partition("\n#### ")
        row["answer"] = steps.replace(f"= {total}", f"= {int(total) + 1}") + f"\n#### {int(total) + 1}"
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    prepared = prepared_of(task)
    material = prepared.material
    n_train = len(material.rows("train"))
    wrong = {row["id"] for row in rows[::4]}
    n_wrong = sum(one in wrong for one in material.data.take(material.rows("train")).ids)
    _, tuned = facts_of(("majority", rung), prepared, beyond=False)
    assert tuned.n_wrong_traces == n_wrong > 0
    assert tuned.sweep[-1] == "answer_alone"
    (cell,) = cells_of(rung, prepared, seed=0, progress=SILENT)
    wanted = Wanted(rung=rung, n=None, subset_seed=0, seed=0, change="train_traces", why="", seconds=0.0)
    (without,) = wanted_cells(wanted, [cell], material)
    assert len(training_rows(cell, material)) == n_train
    assert len(training_rows(without, material)) == n_train - n_wrong
    # The key does the same, and there is nothing left to switch; a rung that looks answers up learns no traces.
    by_key = prepared_of(task, "train.wrong_traces=leave_out")
    (cell,) = cells_of(rung, by_key, seed=0, progress=SILENT)
    assert training_rows(cell, material).tolist() == training_rows(without, material).tolist()
    cheap, tuned = facts_of(("majority", rung), by_key, beyond=False)
    assert (cheap.n_wrong_traces, tuned.n_wrong_traces) == (0, 0)
    (cell,) = cells_of("majority", by_key, seed=0, progress=SILENT)
    assert len(training_rows(cell, material)) == n_train


def test_a_model_that_learns_answers_alone_is_also_tried_with_their_traces(tmp_path: Path, tiny_llama: Path) -> None:
    rung = str(tiny_llama)
    task = write_answer_task(tmp_path, ladder=[rung])
    prepared = prepared_of(task, "train.target=answer")
    (tuned,) = facts_of((rung,), prepared, beyond=False)
    assert tuned.sweep[-1] == "with_trace"
    (cell,) = cells_of(rung, prepared, seed=0, progress=SILENT)
    assert changed(cell, "training:with_trace", n_train=10).train.target == "trace"
    assert changed(replace(cell, train=TrainSpec()), "training:answer_alone", n_train=10).train.target == "answer"


def prepared_of(task: Path, *overrides: str) -> Prepared:
    loaded = load_task(task, overrides=overrides, kinds=FITTED)
    return prepare(loaded, Workspace(out=task.parent / "out"), folder=task.parent, progress=SILENT)


def test_a_wording_of_an_endpoint_is_chosen_on_validation_rows_that_it_is_not_reported_on(tmp_path: Path) -> None:
    spec = {"base_url": "http://127.0.0.1:1/v1", "model": "m", "max_cost": 1.0}
    hosted = {"stub": spec | {"price_per_million": {"input": 1.0, "output": 1.0}}}
    prepared = prepared_of(write_answer_task(tmp_path, n=2_000, ladder=["hosted:stub"], hosted=hosted))
    material, (cell,) = prepared.material, cells_of("hosted:stub", prepared, seed=0, progress=SILENT)
    again = changed(replace(cell, probe=True), "prompt:short", n_train=0)
    judged, _ = judged_rows(again, material)
    chosen_on = tune_rows_asked(again, material, training_rows(again, material))
    n_others = len(material.fresh_validation) - 100
    assert (len(judged), len(chosen_on)) == (100, n_others)
    assert n_others >= 50
    assert not set(judged) & set(chosen_on)
    assert set(chosen_on) <= set(material.rows("validation"))
    # Of 140 rows that may be asked at all, 40 would be left: too few to choose by.
    few = replace(again, hosted=again.hosted.model_copy(update={"max_rows": 140}))
    assert len(judged_rows(few, material)[0]) <= 100
    assert not len(tune_rows_asked(few, material, training_rows(few, material)))
