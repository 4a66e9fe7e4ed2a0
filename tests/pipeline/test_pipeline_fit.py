from __future__ import annotations

import json
import random
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from messages import LABELS, QUICK, message_rows, split_rows, write_task
from suffice.errors import AuditStop, BundleError, DataError, ModelError, StorageError, TaskError
from suffice.pipeline.rows.workspace import Workspace, read_run
from suffice.records.next_cells import INTERVENTIONS
from suffice.records.run import RUN_FORMAT
from suffice.store import strict_json
from suffice.store.home import home
from suffice.store.openings import spend_test
from suffice.text.rounding import percent


def _contents(folder):
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def test_the_climb_stops_at_the_first_rung_that_will_do_and_says_what_more_would_cost(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows(), ladder=["embed", "tfidf", "majority", "smollm2-135m"])
    outcome = fit_task(task)
    assert [rung.rung for rung in outcome.rungs] == ["majority", "tfidf"]
    assert [rung for rung, _ in outcome.not_run] == ["embed", "smollm2-135m"]
    embed, causal = (why for _, why in outcome.not_run)
    assert embed == "tfidf meets the target on validation; under a minute"
    assert causal.startswith("tfidf meets the target on validation; about ")
    assert causal.endswith(" minutes")
    assert (outcome.verdict.code, outcome.verdict.rung, outcome.opening) == ("suffices", "tfidf", 1)


def test_rungs_that_are_named_are_all_run(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows(), target={"at_least": 0.1})
    outcome = fit_task(task, "train.refit=false", rungs=("tfidf", "majority"))
    assert [rung.rung for rung in outcome.rungs] == ["majority", "tfidf"]
    assert outcome.proposal.rung == "majority"  # 0.25 reaches 0.1, and it is the cheapest.
    assert outcome.not_run == ()


def test_all_rungs_goes_on_past_the_first_that_will_do(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows(), target={"at_least": 0.1})
    assert len(fit_task(task, "train.refit=false", all_rungs=True).rungs) == 2


def test_no_minutes_at_all_is_an_error_that_says_so_before_anything_is_read(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows())
    (tmp_path / "messages.csv").unlink()
    with pytest.raises(TaskError, match=r"--max-minutes: .*\n  got: 0 minutes\n  fix: give more minutes"):
        fit_task(task, max_minutes=0)


def test_no_cell_starts_after_the_minutes_are_over_and_the_one_that_started_is_finished(
    tmp_path, fit_task, monkeypatch
):
    minutes = iter(range(100))
    monkeypatch.setattr("suffice.pipeline.grid.climb.monotonic", lambda: 60.0 * next(minutes))
    outcome = fit_task(write_task(tmp_path, split_rows()), max_minutes=1.5)
    assert [rung.rung for rung in outcome.rungs] == ["majority"]
    assert outcome.not_run == (("tfidf", "the minutes were over; under a minute"),)


def test_what_is_finished_counts_though_the_minutes_are_over(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows())
    finished = fit_task(task)
    assert fit_task(task, max_minutes=0).rungs == finished.rungs


def test_what_finished_before_counts_with_the_minutes_that_it_took(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows(), train={"refit": False})
    fit_task(task, rungs=("majority",))
    (manifest,) = (tmp_path / "out" / "runs").glob("majority-*/manifest.json")
    took = json.loads(manifest.read_text(encoding="utf-8"))
    took["cost"]["train_seconds"] = 600.0
    manifest.write_text(json.dumps(took), encoding="utf-8")
    assert [rung.rung for rung in fit_task(task, max_minutes=5).rungs] == ["majority"]
    assert [rung.rung for rung in fit_task(task, max_minutes=15).rungs] == ["majority", "tfidf"]


def test_the_head_is_not_tried_after_the_minutes_are_over(tmp_path, fit_task, monkeypatch, tiny_llama):
    monkeypatch.setattr("suffice.pipeline.grid.climb.monotonic", lambda: 0.0)
    monkeypatch.setattr("suffice.pipeline.cells.whole_rung.monotonic", lambda: 3_600.0)
    train = QUICK | {"label_output": "auto", "epochs": 1}
    task = write_task(tmp_path, split_rows(), train=train)
    (rung,) = fit_task(task, rungs=(str(tiny_llama),), max_minutes=5, skip=INTERVENTIONS).rungs
    assert rung.chosen.cell.label_output == "tokens"
    assert rung.alternatives == ()


def test_a_rung_that_the_test_refutes_is_not_replaced_by_the_next(tmp_path, fit_task):
    wrong = [row for row in split_rows(seed=1, wrong=0.5) if row.split == "test"]
    task = write_task(tmp_path, [*(row for row in split_rows() if row.split != "test"), *wrong])
    outcome = fit_task(task, "train.refit=false", "ladder=[majority, tfidf, embed]")
    assert (outcome.proposal.rung, outcome.proposal.by) == ("tfidf", "bound")
    assert outcome.verdict.rung is None
    assert outcome.goals[0].outcome == "refuted"


def test_the_ledger_counts_hypotheses_and_not_runs_or_folders(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows(), ladder=["majority"])
    first = fit_task(task, skip=INTERVENTIONS)
    again = fit_task(task, skip=INTERVENTIONS)
    elsewhere = fit_task(task, skip=INTERVENTIONS, out=tmp_path / "elsewhere")
    assert [one.opening for one in (first, again, elsewhere)] == [1, 1, 1]
    assert first.goals[0].alpha == 0.04
    other = fit_task(task, "target.at_least=0.5", skip=INTERVENTIONS, out=tmp_path / "elsewhere")
    assert (other.opening, other.goals[0].alpha) == (2, 0.005)
    assert fit_task(task, "target.at_least=0.6", skip=INTERVENTIONS).opening == 3
    assert fit_task(task, skip=INTERVENTIONS).opening == 1


def test_nothing_of_the_tests_labels_reaches_the_proposal(tmp_path, fit_task):
    rows = split_rows(wrong=0.1)
    tested = [row.label for row in rows if row.split == "test"]
    random.Random(0).shuffle(tested)
    shuffled = iter(tested)
    permuted = [row._replace(label=next(shuffled)) if row.split == "test" else row for row in rows]
    assert permuted != rows
    one = fit_task(write_task(tmp_path / "one", rows))
    two = fit_task(write_task(tmp_path / "two", permuted))
    assert one.goals != two.goals
    for key in ("rung", "by", "because", "goals"):
        assert getattr(one.proposal, key) == getattr(two.proposal, key)
    models = [tmp_path / name / "out" / "bundles" / "tfidf" / "classifier.json" for name in ("one", "two")]
    assert models[0].read_bytes() == models[1].read_bytes()


def test_a_finished_fit_run_again_changes_no_run_folder(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows())
    first = fit_task(task)
    before = _contents(tmp_path / "out" / "runs")
    assert fit_task(task) == first
    assert _contents(tmp_path / "out" / "runs") == before


def test_seeds_zero_and_one_are_two_runs_on_one_split(tmp_path, fit_task):
    task = write_task(tmp_path, message_rows(100), ladder=["majority"])
    zero, one = fit_task(task, skip=INTERVENTIONS), fit_task(task, seed=1, skip=INTERVENTIONS)
    cells = [outcome.rungs[0].chosen.cell for outcome in (zero, one)]
    assert [cell.seed for cell in cells] == [0, 1]
    assert cells[0].split_sha256 == cells[1].split_sha256
    names = [outcome.rungs[0].chosen.name for outcome in (zero, one)]
    assert ["-s0-" in names[0], "-s1-" in names[1]] == [True, True]


def test_the_same_seed_is_the_same_adapter_and_another_seed_another(tmp_path, fit_task, tiny_llama):
    train = QUICK | {"epochs": 1, "n_train": 16}
    task = write_task(tmp_path, split_rows(), ladder=[str(tiny_llama)], train=train)
    adapters = []
    for seed, out in ((0, "one"), (0, "two"), (1, "three")):
        name = fit_task(task, seed=seed, skip=INTERVENTIONS, out=tmp_path / out).rungs[0].shipped.name
        model = tmp_path / out / "runs" / name / "fitted" / "model"
        adapters.append((model / "adapter_model.safetensors").read_bytes())
    assert adapters[0] == adapters[1]
    assert adapters[0] != adapters[2]


def test_a_run_cut_off_while_it_was_judged_is_judged_again_to_the_same_figures(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows(wrong=0.1))
    first = fit_task(task, "train.refit=false")
    run = tmp_path / "out" / "runs" / first.rungs[1].chosen.name
    (run / "manifest.json").rename(run / ".manifest.json.part")
    again = fit_task(task, "train.refit=false")
    assert again.rungs[1].chosen.evaluation == first.rungs[1].chosen.evaluation
    assert again.rungs[1].chosen.temperature == first.rungs[1].chosen.temperature
    assert (again.verdict.code, again.goals, again.opening) == (first.verdict.code, first.goals, first.opening)
    # A plan's money counts what was timed: all else of it is the same.
    assert [replace(plan, money=0.0, steps=()) for plan in again.diagnosis.plans] == [
        replace(plan, money=0.0, steps=()) for plan in first.diagnosis.plans
    ]


def test_a_run_that_lost_its_predictions_is_judged_again(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows())
    first = fit_task(task)
    (tmp_path / "out" / "runs" / first.rungs[1].chosen.name / "predictions.parquet").unlink()
    assert fit_task(task).rungs[1].chosen.evaluation == first.rungs[1].chosen.evaluation


def test_empty_messages_among_the_judged_have_the_prior_in_the_figures_as_in_the_answers(tmp_path, fit_task):
    rows = split_rows()
    empty = [row._replace(text=" " * (i % 7)) if i % 20 == 0 else row for i, row in enumerate(rows)]
    outcome = fit_task(write_task(tmp_path, empty), "audit.allow=[empty_text]", rungs=("tfidf",))
    chosen = outcome.rungs[0].chosen
    table = pq.read_table(tmp_path / "out" / "runs" / chosen.name / "predictions.parquet").to_pylist()
    assert chosen.evaluation.form.n_empty == 10
    assert sum(row["probs"] == pytest.approx(list(chosen.prior)) for row in table) == 10


def test_the_split_seed_moves_rows(tmp_path, fit_task):
    task = write_task(tmp_path, message_rows(100), ladder=["majority"])
    zero, one = fit_task(task, skip=INTERVENTIONS), fit_task(task, "split.seed=1", skip=INTERVENTIONS)
    assert zero.rungs[0].chosen.cell.split_sha256 != one.rungs[0].chosen.cell.split_sha256


def test_where_the_brought_test_leaks_the_figures_without_leaked_rows_stand_beside_the_others(tmp_path, fit_task):
    rows = split_rows(wrong=0.2)
    # Ten test rows are training rows again, right and wrong labels alike.
    rows[-10:] = [row._replace(split="test") for row in rows[:10]]
    outcome = fit_task(write_task(tmp_path, rows), skip=INTERVENTIONS)
    # Near-copies of other rows leak besides.
    n_leaked = outcome.data.n_leaked["test"]
    assert n_leaked >= 10
    for rung in outcome.rungs:
        clean = rung.without_leaked
        assert (clean.n_leaked, clean.n) == (n_leaked, 120 - n_leaked)
        assert clean.interval.low <= clean.accuracy <= clean.interval.high
        assert clean.accuracy != rung.test.accuracy.accuracy
    tfidf = outcome.rungs[1]
    (note,) = [note for note in outcome.notes if note.startswith("accuracy without the leaked test rows: ")]
    said = f"tfidf {percent(tfidf.without_leaked.accuracy)} ({percent(tfidf.test.accuracy.accuracy)} with them)"
    assert note.endswith(said)
    assert f"{n_leaked} test rows have a copy or group mate in another split" in " ".join(outcome.notes)


def test_the_report_shows_no_card_number_and_no_address_in_the_clear(tmp_path, fit_task):
    rows = [
        row._replace(text=f"{row.text}, card 4111 1111 1111 1111, jo{n}@example.org")
        for n, row in enumerate(split_rows(wrong=0.2))
    ]
    fit_task(write_task(tmp_path, rows), rungs=("majority", "tfidf"))
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert ", card **** **** **** 1111, j***@e***.org" in page
    assert "4111" not in page
    assert "@example.org" not in page


def test_where_nothing_leaks_there_is_no_figure_without_leaked_rows(tmp_path, fit_task):
    outcome = fit_task(write_task(tmp_path, message_rows(400)), rungs=("majority",), skip=INTERVENTIONS)
    assert not any(outcome.data.n_leaked.values())
    assert outcome.rungs[0].without_leaked is None
    assert not [note for note in outcome.notes if "leaked" in note]


def test_what_the_audit_found_is_in_the_outcome(fitted):
    document = strict_json.read(fitted.out / "outcome.json", dict)
    held = document["data"]["split_counts"]
    assert document["audit"]["learnability"]["n"] == held["train"] + held["validation"]
    assert "paraphrase" in {one["code"] for one in document["audit"]["not_applicable"]}


def test_n_train_is_the_number_of_rows_fitted_on(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows(), ladder=["majority"])
    (rung,) = fit_task(task, "train.n_train=50", "train.refit=false").rungs
    assert rung.chosen.n_train == 50
    assert "-n50-" in rung.chosen.name


def test_few_validation_rows_are_helped_out_by_out_of_fold_predictions(tmp_path, fit_task):
    outcome = fit_task(write_task(tmp_path, message_rows(120), ladder=["majority"]))
    (rung,) = outcome.rungs
    counts = outcome.data.split_counts
    assert rung.chosen.judged_on == "out_of_fold"
    assert rung.chosen.evaluation.accuracy.n == counts["train"] + counts["validation"]
    assert rung.shipped.cell.refit
    assert rung.shipped.n_train == counts["train"] + counts["validation"]
    assert any(note.startswith("judged on out-of-fold predictions") for note in outcome.notes)
    assert "refitted on train plus validation after the choice: majority" in outcome.notes


def test_a_relative_target_runs_the_whole_ladder_and_names_its_comparator(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows(), target={"within": 0.05})
    outcome = fit_task(task)
    assert outcome.proposal.comparator == "tfidf"
    assert (outcome.verdict.code, outcome.verdict.rung) == ("as_good_as_best", "tfidf")
    assert [goal.what for goal in outcome.goals] == ["accuracy against tfidf", "accuracy above majority"]
    assert outcome.target == "accuracy within 5 points of the best rung"


def test_being_as_good_as_itself_is_worth_nothing_where_the_commonest_label_does_as_well(tmp_path, fit_task):
    draw = random.Random(0)
    rows = [row._replace(label=draw.choice(LABELS)) for row in split_rows()]
    outcome = fit_task(write_task(tmp_path, rows, target={"within": 0.02}), rungs=("tfidf",))
    assert [rung.rung for rung in outcome.rungs] == ["majority", "tfidf"]
    assert [goal.what for goal in outcome.goals][1:] == ["accuracy above majority"]
    assert outcome.verdict.rung is None
    assert any(note.startswith("tfidf was held against itself") for note in outcome.notes)


def test_macro_f1_and_recall_are_goals_of_their_own(tmp_path, fit_task):
    target = {"at_least": 0.8, "metric": "macro_f1", "recall": {"card": 0.8}}
    outcome = fit_task(write_task(tmp_path, split_rows(), target=target), "train.refit=false")
    assert [goal.what for goal in outcome.goals] == ["macro_f1", "recall of card"]
    # Of thirty, three are near-copies of training messages, which prove nothing.
    assert outcome.goals[1].n == 27
    assert outcome.target == "macro-F1 of at least 0.8, recall of card of at least 0.8"


def test_recall_of_a_label_that_is_none_is_an_error_with_the_nearest(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows(), target={"at_least": 0.8, "recall": {"crad": 0.9, "zzz": 0.9}})
    with pytest.raises(TaskError, match=r"one of the task's 4 labels\n  got: 'crad' \(nearest: 'card'\)[\s\S]*'zzz'"):
        fit_task(task)


def test_names_that_are_no_rungs_are_all_named_with_the_nearest_before_anything_runs(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows())
    with pytest.raises(ModelError) as caught:
        fit_task(task, rungs=("majority", "tfdif", "smolm2-135m"))
    message = str(caught.value)
    assert "--rungs: a rung must be one of majority, tfidf, embed, encoder, smollm2-135m" in message
    assert "'tfdif' (nearest: 'tfidf')" in message
    assert "'smolm2-135m' (nearest: 'smollm2-135m')" in message
    assert not (tmp_path / "out").exists()


def test_a_ladder_without_rungs_is_an_error(tmp_path, fit_task):
    with pytest.raises(TaskError, match=r"ladder: a rung must be one of .*\n  got: none\n  fix: name one"):
        fit_task(write_task(tmp_path, split_rows()), "ladder=[]")


def test_a_named_base_model_that_is_nowhere_is_met_before_the_first_rung(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows())
    with pytest.raises(ModelError, match=r"somebody/nowhere[\s\S]*HF_HUB_OFFLINE is set"):
        fit_task(task, rungs=("majority", "somebody/nowhere"))
    assert not (tmp_path / "out" / "runs").exists()


def test_base_models_that_the_person_names_are_all_met_before_the_first_rung(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows(), ladder=["tfidf", "nobody/one", "nobody/two"], target={"at_least": 0.999})
    with pytest.raises(ModelError, match=r"nobody/one[\s\S]*nobody/two"):
        fit_task(task)
    assert not (tmp_path / "out").exists()


def test_a_rung_of_the_ladder_whose_base_model_is_nowhere_is_left_out_and_the_rest_goes_on(
    tmp_path, fit_task, monkeypatch
):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    task = write_task(tmp_path, split_rows(wrong=0.2), ladder=["tfidf", "gemma3-270m"], target={"at_least": 0.999})
    outcome = fit_task(task, skip=INTERVENTIONS)
    assert [rung.rung for rung in outcome.rungs] == ["tfidf"]
    ((rung, why),) = outcome.not_run
    assert rung == "gemma3-270m"
    assert why.startswith("its base model cannot be used here: the caches on this machine: not there")


def test_two_base_models_in_folders_of_one_name_have_bundles_of_their_own(tmp_path, fit_task, tiny_llama):
    places = []
    for parent in ("one", "two"):
        (tmp_path / parent).mkdir()
        places.append(tmp_path / parent / "model")
        places[-1].symlink_to(tiny_llama, target_is_directory=True)
    task = write_task(tmp_path, split_rows(), train=QUICK | {"epochs": 1, "n_train": 16})
    outcome = fit_task(task, rungs=tuple(map(str, places)), skip=INTERVENTIONS)
    bundles = {rung.bundle for rung in outcome.rungs}
    assert len(bundles) == 2
    assert all((tmp_path / "out" / "bundles").samefile(bundle.rpartition("/")[0]) for bundle in bundles)


def test_only_one_process_works_in_an_output_folder(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows(), ladder=["majority"])
    with (
        Workspace(out=tmp_path / "out").held(),
        pytest.raises(StorageError, match=r"one process works in an output folder[\s\S]*wait for it to end"),
    ):
        fit_task(task)
    fit_task(task)


def test_a_file_where_the_output_folder_must_be_is_the_persons_to_mend(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows())
    with pytest.raises(StorageError, match="name a folder, not a file"):
        fit_task(task, out=task)


def test_a_refused_fit_leaves_no_folder_and_one_that_was_there_stays(tmp_path, fit_task):
    rows = [row._replace(label="card") for row in split_rows()]
    task = write_task(tmp_path, rows)
    with pytest.raises(AuditStop):
        fit_task(task)
    assert not (tmp_path / "out").exists()
    (tmp_path / "out").mkdir()
    with pytest.raises(AuditStop):
        fit_task(task)
    assert (tmp_path / "out").exists()


def test_what_stops_a_fit_is_named_by_file_and_line(tmp_path, fit_task):
    rows = [
        row._replace(text="two\nlines" if i == 3 else "" if i in {1, 5} else row.text)
        for i, row in enumerate(split_rows())
    ]
    with pytest.raises(AuditStop, match=r"^messages.csv:3, messages.csv:8: every message must show something"):
        fit_task(write_task(tmp_path, rows))


def test_texts_that_are_too_long_are_all_told_before_anything_is_fitted_or_opened(tmp_path, fit_task, tiny_bert):
    rows = split_rows()
    long = {0, len(rows) - 1}  # A training row and a test row.
    rows = [row._replace(text=f"secret {row.text} " * 30) if i in long else row for i, row in enumerate(rows)]
    task = write_task(tmp_path, rows, too_long="error", context_tokens=64, train={"encoder": str(tiny_bert)})
    with pytest.raises(DataError, match=r"a text must fit what embed reads, at most 64 tokens") as caught:
        fit_task(task, rungs=("tfidf", "embed"))
    assert [problem.where for problem in caught.value.problems] == ["messages.csv:2", f"messages.csv:{len(rows) + 1}"]
    assert "secret" not in str(caught.value)
    assert not (home() / "openings.jsonl").exists()
    assert fit_task(task, rungs=("tfidf",)).verdict.rung == "tfidf"


def test_data_from_which_nothing_sound_can_be_trained_stops_it(tmp_path, fit_task):
    rows = [row._replace(label="card") for row in split_rows()]
    with pytest.raises(AuditStop, match="one_label"):
        fit_task(write_task(tmp_path, rows))


def test_changed_data_is_another_version_and_another_run(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows(), ladder=["majority"])
    first = fit_task(task, skip=INTERVENTIONS)
    write_task(tmp_path, split_rows(seed=1), ladder=["majority"])
    second = fit_task(task, skip=INTERVENTIONS)
    assert first.data.version != second.data.version
    assert first.rungs[0].chosen.name != second.rungs[0].chosen.name


def test_a_run_folder_of_another_version_is_refused(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows(), ladder=["majority"])
    name = fit_task(task).rungs[0].chosen.name
    manifest = tmp_path / "out" / "runs" / name / "manifest.json"
    manifest.write_text(manifest.read_text().replace(f'"format": {RUN_FORMAT}', '"format": 99', 1))
    with pytest.raises(
        BundleError, match=rf"run folders of format {RUN_FORMAT}\n  got: format 99\n  fix: .*`suffice runs rm`"
    ):
        fit_task(task)


def test_a_run_of_other_settings_under_the_same_name_is_not_taken_for_it(tmp_path, fit_task, monkeypatch):
    monkeypatch.setattr("suffice.pipeline.cells.names.digest", lambda cell: "abcd")
    task = write_task(tmp_path, split_rows(), ladder=["majority"])
    fit_task(task, "train.refit=false")
    with pytest.raises(BundleError, match=r"one of other settings under the same name\n  fix: .*suffice runs rm"):
        fit_task(task, "train.refit=false", "train.rank=8")


def test_the_outcome_on_disk_is_the_outcome(fitted):
    document = strict_json.read(fitted.out / "outcome.json", dict)
    assert [rung["rung"] for rung in document["rungs"]] == ["majority", "tfidf"]
    assert document["verdict"]["code"] == "suffices"
    proposal = strict_json.read(fitted.out / "proposal.json", dict)
    assert document["proposal"] == proposal
    assert (fitted.out / "runs" / proposal["run"] / "manifest.json").exists()


def test_every_file_of_a_finished_run_is_there(fitted):
    for run in fitted.runs():
        cell = read_run(run).cell
        held = {"cell.json", "manifest.json"}
        held |= set() if cell.refit else {"predictions.parquet"}
        held |= set() if cell.probe else {"fitted"}
        assert {path.name for path in run.iterdir()} == held


def test_a_spent_test_describes_and_proves_nothing_and_the_page_says_so(tmp_path, fit_task):
    task = write_task(tmp_path, split_rows())
    proven = fit_task(task)
    ledger = [json.loads(line) for line in (home() / "openings.jsonl").read_text().splitlines()]
    spend_test(ledger[0]["test_sha256"])
    outcome = fit_task(task)
    assert (proven.verdict.code, proven.spent) == ("suffices", False)
    assert (outcome.verdict.code, outcome.verdict.rung, outcome.spent) == ("undecided", None, True)
    assert {goal.outcome for goal in outcome.goals} == {"undecided"}
    assert outcome.rungs[1].test == proven.rungs[1].test
    assert outcome.plan[0].startswith("the test is spent")
    page = (tmp_path / "out" / "report.html").read_text()
    assert "test messages were shown in a review, so that the test gives no proof any more" in page
    assert "The test is spent" in page
