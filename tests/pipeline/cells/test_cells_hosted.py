"""Fits whose dearest rung is an endpoint that really listens, in a process of its own."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from commands import fit_json, run_suffice, start_suffice
from hosted_server import KEY, Behaviour, Running, endpoint, share
from messages import Row, split_rows, write_task
from suffice.bundles.folder import verify
from suffice.errors import EndpointError, TaskError
from suffice.pipeline.cells.answered import read_predictions, write_predictions
from suffice.pipeline.cells.hosted import spent_on
from suffice.pipeline.rows.workspace import read_run
from suffice.pipeline.single import evaluate_run, report_runs, train_rung
from suffice.records.evaluation import NotMeasured
from suffice.records.hosted import HostedIncomplete
from suffice.records.labels import INVENTED, LabelSet
from suffice.records.progress import SILENT
from suffice.store import strict_json
from suffice.store.task_file import load_task

ROWS = split_rows()
PATIENCE_SECONDS = 120.0


def texts_of(split: str, rows: list[Row] = ROWS) -> set[str]:
    return {row.text for row in rows if row.split == split}


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("suffice.rungs.endpoint.FIRST_WAIT_SECONDS", 0.005)
    monkeypatch.setattr("suffice.store.paid_answers.SYNCHRONOUS", "OFF")  # These answers need not survive a power cut.


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts an endpoint that knows the labels of all messages."""
    with ExitStack() as stack:
        yield lambda **how: stack.enter_context(endpoint(tmp_path / "endpoint", {r.text: r.label for r in ROWS}, **how))


def task_with(running: Running, folder: Path, *, ladder: list[str], rows: list[Row] = ROWS, **more: object) -> Path:
    return write_task(folder, rows, ladder=ladder, hosted={"stub": running.spec(**more)})


def asked(running: Running) -> set[str]:
    return {call["user"] for call in running.calls()}


def test_an_endpoint_that_no_rung_names_is_never_called(serve, tmp_path, fit_task):
    running = serve()
    fit_task(task_with(running, tmp_path / "a", ladder=["majority", "tfidf"]), all_rungs=True)
    fit_task(task_with(running, tmp_path / "b", ladder=["majority", "tfidf", "hosted:stub"]), rungs=("tfidf",))
    assert running.calls() == []


def test_an_endpoint_is_not_called_where_a_cheaper_rung_will_do(serve, tmp_path, fit_task):
    running = serve()
    outcome = fit_task(task_with(running, tmp_path, ladder=["hosted:stub", "tfidf"]))
    assert [rung for rung, _ in outcome.not_run] == ["hosted:stub"]
    assert running.calls() == []


def test_its_figures_are_those_of_its_answers_by_hand(serve, tmp_path, fit_task):
    running = serve(wrong=0.1, invented=0.05)
    task = task_with(running, tmp_path, ladder=["majority", "hosted:stub"])
    outcome = fit_task(task, "ledger.keep_days=30", all_rungs=True)
    rung = outcome.rungs[1]
    evaluation, figures = rung.chosen.evaluation, rung.chosen.hosted
    truth = {row.text: row.label for row in ROWS}
    n_wrong = n_invented = 0
    for text in texts_of("validation"):
        said = running_answer(text, truth)
        n_invented += said == "something else entirely"
        n_wrong += said != truth[text]
    assert (evaluation.accuracy.n, evaluation.accuracy.n_correct) == (200, 200 - n_wrong)
    assert 0 < n_invented < n_wrong
    assert evaluation.form.invalid_label_rate == n_invented / 200
    assert sum(evaluation.confusion.invented) == n_invented
    assert isinstance(evaluation.probability, NotMeasured)
    # A hundred tokens at 10 and five at 20 for a million, a thousand times.
    assert figures.cost_per_thousand == pytest.approx(1.1)
    # What a server needs of them, and of the task, is in the bundle.
    shipped = verify(Path(outcome.rungs[0].bundle))
    assert (shipped.hosted_per_thousand, shipped.keep_days) == (figures.cost_per_thousand, 30)
    assert (figures.n_asked, figures.n_invented, figures.consistency) == (200, n_invented, None)
    assert (rung.bundle, rung.shipped, rung.chosen.train_accuracy, rung.chosen.n_train) == (None, rung.chosen, None, 0)
    assert rung.test.accuracy.n == 120
    assert not (tmp_path / "out" / "bundles" / "hosted-stub").exists()
    (note,) = [note for note in outcome.notes if note.startswith("hosted:stub")]
    assert "consistency not measured (repeats: 1)" in note
    assert note.endswith("which cost 1.1; 0.352 spent on it so far")  # 320 calls, those on the test among them.


def running_answer(text: str, truth: dict[str, str]) -> str:
    return Behaviour(truth, wrong=0.1, invented=0.05).answer(text)


def test_test_rows_are_sealed_until_the_opening(serve, tmp_path, fit_task):
    running = serve()
    task = task_with(running, tmp_path, ladder=["majority", "hosted:stub"])
    train_rung(load_task(task), "hosted:stub", folder=tmp_path, out=tmp_path / "out", seed=0, progress=SILENT)
    assert asked(running) == texts_of("validation")
    outcome = fit_task(task)
    assert (outcome.verdict.code, outcome.verdict.rung) == ("keep_prompting", "hosted:stub")
    assert asked(running) == texts_of("validation") | texts_of("test")
    assert set(running.answered().values()) == {1}


def test_repeated_calls_measure_consistency_on_some_rows(serve, tmp_path, fit_task):
    running = serve(unsteady=0.3)
    task = task_with(running, tmp_path, ladder=["majority", "hosted:stub"], repeats=3, repeat_rows=40, concurrency=1)
    outcome = fit_task(task, all_rungs=True)
    found = outcome.rungs[1].chosen.hosted.consistency
    assert (found.n, found.repeats) == (40, 3)
    per_text: dict[str, int] = {}
    for call in running.calls():
        per_text[call["user"]] = per_text.get(call["user"], 0) + 1
    repeated = [text for text, n in per_text.items() if n == 3]
    assert (len(repeated), len(running.calls())) == (40, 200 + 2 * 40 + 120)
    assert found.n_same == sum(share(text, "unsteady") >= 0.3 for text in repeated)
    assert found.interval.low < found.share < found.interval.high < 1.0


def test_at_most_so_many_validation_rows_are_asked_and_more_keep_those_that_were_paid_for(serve, tmp_path, fit_task):
    running = serve()
    task = task_with(running, tmp_path, ladder=["majority", "hosted:stub"], max_rows=50)
    fifty = train_rung(load_task(task), "hosted:stub", folder=tmp_path, out=tmp_path / "out", seed=0, progress=SILENT)
    first = asked(running)
    # Groups of near-copies stay whole, so that it may be a row or two fewer.
    assert 45 <= len(first) == fifty.evaluation.accuracy.n <= 50
    assert first < texts_of("validation")
    more = load_task(task, overrides=["hosted.stub.max_rows=80"])
    eighty = train_rung(more, "hosted:stub", folder=tmp_path, out=tmp_path / "out", seed=0, progress=SILENT)
    assert 75 <= len(running.calls()) == eighty.evaluation.accuracy.n <= 80
    assert first < asked(running)
    # It is compared with the others on the rows that both answered.
    outcome = fit_task(task, all_rungs=True)
    assert [comparison.n for comparison in outcome.comparisons] == [len(first)]


def test_another_price_costs_nothing(serve, tmp_path, fit_task):
    running = serve()
    task = task_with(running, tmp_path, ladder=["majority", "hosted:stub"])
    fit_task(task, all_rungs=True)
    n_calls = len(running.calls())
    outcome = fit_task(task, "hosted.stub.price_per_million={input: 1, output: 2}", all_rungs=True)
    assert outcome.rungs[1].chosen.hosted.cost_per_thousand == pytest.approx(0.11)
    assert len(running.calls()) == n_calls


def test_an_endpoint_that_dies_half_way_leaves_the_rest_of_the_fit_whole_and_goes_on_later(serve, tmp_path, fit_task):
    running = serve(dies_after=70)
    task = task_with(running, tmp_path, ladder=["majority", "tfidf", "hosted:stub"])
    outcome = fit_task(task, all_rungs=True)
    assert [rung.rung for rung in outcome.rungs] == ["majority", "tfidf"]
    ((rung, why),) = outcome.not_run
    assert rung == "hosted:stub"
    assert why.startswith("incomplete: 70 of 200 calls answered; ")
    assert why.endswith(
        "to go on: type the same command again once the endpoint answers; "
        "what was answered is kept, and not paid for again"
    )
    assert outcome.verdict.rung == "tfidf"
    (run,) = (tmp_path / "out" / "runs").glob("hosted-stub-*")
    record = strict_json.read(run / "incomplete.json", HostedIncomplete)
    assert (record.n_asked, record.n_answered) == (200, 70)
    # No figure stands anywhere of the rows that were answered.
    assert not (run / "manifest.json").exists()
    assert not (run / "predictions.parquet").exists()
    port = int(re.search(r":(\d+)/", running.url)[1])
    with endpoint(tmp_path / "again", {row.text: row.label for row in ROWS}, port=port) as alive:
        finished = fit_task(task, all_rungs=True)
        assert [rung.rung for rung in finished.rungs] == ["majority", "tfidf", "hosted:stub"]
        assert len(alive.calls()) == 130 + 120
    assert not (run / "incomplete.json").exists()
    assert finished.rungs[2].chosen.evaluation.accuracy.n == 200


def test_a_cap_that_is_reached_marks_the_rung_incomplete_and_says_what_to_raise(serve, tmp_path, fit_task):
    running = serve()
    task = task_with(running, tmp_path, ladder=["majority", "tfidf", "hosted:stub"], max_cost=0.1)
    outcome = fit_task(task, all_rungs=True)
    ((_, why),) = outcome.not_run
    assert "no call is made that could bring spending past max_cost, 0.1" in why
    assert "raise hosted.stub.max_cost, or lower hosted.stub.max_rows" in why
    n_calls = len(running.calls())
    assert 0 < n_calls <= 0.1 / 0.0011
    finished = fit_task(task, "hosted.stub.max_cost=5", all_rungs=True)
    assert len(finished.rungs) == 3
    assert len(running.calls()) == 200 + 120


def test_the_only_rung_that_stays_incomplete_is_an_error(serve, tmp_path, fit_task):
    running = serve(dies_after=5)
    # The answer to the fifth call may be lost with the process that gave it.
    with pytest.raises(EndpointError, match=r"got: [45] of 200 calls answered"):
        fit_task(task_with(running, tmp_path, ladder=["hosted:stub"]))


def test_an_endpoint_that_dies_at_the_opening_leaves_the_verdict_of_another_rung_as_it_is(serve, tmp_path, fit_task):
    running = serve(dies_after=200 + 30)
    task = task_with(running, tmp_path, ladder=["majority", "tfidf", "hosted:stub"])
    outcome = fit_task(task, all_rungs=True)
    assert (outcome.verdict.code, outcome.verdict.rung) == ("suffices", "tfidf")
    hosted = outcome.rungs[2]
    assert hosted.test is None
    assert hosted.chosen.evaluation.accuracy.n == 200
    (note,) = [note for note in outcome.notes if "has no figure on the test" in note]
    assert note.startswith("hosted:stub has no figure on the test: 30 of 120 calls answered")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "incomplete" in page


def test_a_proposed_endpoint_that_dies_at_the_opening_proves_nothing_and_the_same_opening_goes_on(
    serve, tmp_path, fit_task
):
    running = serve(dies_after=200 + 30)
    task = task_with(running, tmp_path, ladder=["majority", "hosted:stub"])
    cut = fit_task(task)
    assert (cut.opening, cut.verdict.rung, cut.goals) == (1, None, ())
    assert cut.verdict.because[0].startswith("hosted:stub has no figure on the test: 30 of 120 calls answered")
    assert cut.rungs[1].incomplete is not None
    assert cut.rungs[0].test is not None
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "hosted:stub did not answer all of the sealed test" in page
    port = int(re.search(r":(\d+)/", running.url)[1])
    with endpoint(tmp_path / "again", {row.text: row.label for row in ROWS}, port=port) as alive:
        outcome = fit_task(task)
        assert len(alive.calls()) == 90
    assert (outcome.opening, outcome.verdict.rung, outcome.rungs[1].incomplete) == (1, "hosted:stub", None)


def test_a_page_whose_proposed_rung_is_an_endpoint_tells_what_is_and_what_is_not_measured(serve, tmp_path, fit_task):
    running = serve(invented=0.03)
    task = task_with(running, tmp_path, ladder=["majority", "hosted:stub"], rows=ROWS)
    outcome = fit_task(task)
    assert outcome.proposal.rung == "hosted:stub"
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Not measured: the rung gives labels and states no probabilities." in page
    assert "no label of the set: wrong, and never turned into a label" in page
    assert "(no label of the set)" in page
    assert "none: hosted:stub answers at its endpoint" in page
    assert "stub, prompted at 127.0.0.1" in page
    run = tmp_path / "out" / "runs" / outcome.rungs[1].chosen.name
    report_runs([run], path=tmp_path / "runs.html")
    assert "Not measured" in (tmp_path / "runs.html").read_text(encoding="utf-8")


def test_a_run_is_scored_again_without_a_call_and_its_test_only_by_a_fit(serve, tmp_path, fit_task):
    running = serve(wrong=0.1)
    task = task_with(running, tmp_path, ladder=["majority", "hosted:stub"])
    chosen = fit_task(task, all_rungs=True).rungs[1].chosen
    running.process.kill()
    run = tmp_path / "out" / "runs" / chosen.name
    assert evaluate_run(run, test=False, progress=SILENT).evaluation == chosen.evaluation
    with pytest.raises(
        EndpointError, match=r"got: evaluate --test\n  fix: ask it: suffice fit task.yaml --rungs hosted:stub"
    ):
        evaluate_run(run, test=True, progress=SILENT)


def test_its_answers_come_back_from_disk_as_labels_and_as_none(serve, tmp_path, fit_task):
    running = serve(invented=0.1)
    task = task_with(running, tmp_path, ladder=["majority", "hosted:stub"])
    chosen = fit_task(task, all_rungs=True).rungs[1].chosen
    path = tmp_path / "out" / "runs" / chosen.name / "predictions.parquet"
    labels = LabelSet(names=chosen.cell.labels)
    found = read_predictions(path, labels, n_truncated=0)
    assert found.probs is None
    assert (found.y_pred == INVENTED).sum() == chosen.hosted.n_invented > 0
    write_predictions(tmp_path / "copy.parquet", found)
    again = read_predictions(tmp_path / "copy.parquet", labels, n_truncated=0)
    assert (again.ids, again.y_pred.tolist()) == (found.ids, found.y_pred.tolist())


def test_an_empty_message_is_answered_with_the_commonest_label_and_not_sent(serve, tmp_path, fit_task):
    running = serve()
    rows = [*ROWS, Row("", "card", "validation"), Row(" ", "parcel", "validation")]
    task = write_task(
        tmp_path,
        rows,
        ladder=["majority", "hosted:stub"],
        hosted={"stub": running.spec()},
        audit={"allow": ["empty_text"]},
    )
    evaluation = fit_task(task, all_rungs=True).rungs[1].chosen.evaluation
    assert evaluation.form.n_empty == 2
    assert asked(running) == texts_of("validation") | texts_of("test")


@pytest.mark.parametrize("where", ["ladder", "--rungs"])
def test_an_endpoint_that_the_task_does_not_have_names_the_nearest(serve, tmp_path, fit_task, where):
    running = serve()
    task = task_with(running, tmp_path, ladder=["tfidf", "hosted:stubb"] if where == "ladder" else ["tfidf"])
    with pytest.raises(
        TaskError, match=rf"{where}: .*\n  got: 'hosted:stubb' \(nearest: 'stub'\)\n  fix: correct the name"
    ):
        fit_task(task, rungs=None if where == "ladder" else ("hosted:stubb",))
    plain = write_task(tmp_path / "plain", ROWS, ladder=["hosted:gpt"])
    with pytest.raises(TaskError, match=r"got: 'hosted:gpt'\n  fix: describe the endpoint below `hosted`"):
        fit_task(plain)


def test_a_missing_key_is_told_before_anything_is_fitted(serve, tmp_path, fit_task, monkeypatch):
    monkeypatch.delenv("STUB_KEY", raising=False)
    task = task_with(serve(), tmp_path, ladder=["majority", "hosted:stub"], api_key_env="STUB_KEY")
    with pytest.raises(EndpointError, match=r"hosted:stub: .* variable STUB_KEY\n  got: it is not set\n  fix: set it"):
        fit_task(task)
    assert not (tmp_path / "out" / "runs").exists()


def test_a_missing_client_is_told_with_what_to_install(serve, tmp_path, fit_task, monkeypatch):
    monkeypatch.setattr("suffice.rungs.endpoint.find_spec", lambda name: None)
    with pytest.raises(EndpointError, match=r"got: it is not installed\n  fix: pip install 'suffice\[hosted\]'"):
        fit_task(task_with(serve(), tmp_path, ladder=["majority", "hosted:stub"]))


def test_no_run_is_made_anew_for_a_setting_that_changes_nothing_of_it(serve, tmp_path):
    running = serve()
    task = task_with(running, tmp_path, ladder=["majority", "hosted:stub"], max_rows=20)
    names = {
        train_rung(
            load_task(task, overrides=list(over)),
            "hosted:stub",
            folder=tmp_path,
            out=tmp_path / "out",
            seed=0,
            progress=SILENT,
        ).name
        for over in ([], ["train.n_train=40"], ["train.rank=4"])
    }
    assert len(names) == 1
    assert len(running.calls()) == 20


def test_a_fit_killed_half_way_pays_nothing_twice(serve, tmp_path):
    running = serve(seconds=0.03)
    task = task_with(running, tmp_path, ladder=["majority", "hosted:stub"], concurrency=2)
    out, home = tmp_path / "out", tmp_path / "home"
    n_killed = 0
    for n_calls in (60, 230):
        process = start_suffice("fit", task, "--all-rungs", "--json", "--out", out, home=home)
        end = time.monotonic() + PATIENCE_SECONDS
        while len(running.calls()) < n_calls and process.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        n_killed += process.returncode == -signal.SIGKILL
    assert n_killed == 2
    fitted = fit_json(task, "--all-rungs", out=out, home=home, run=run_suffice)
    assert fitted.ran.returncode == 0, fitted.ran.stderr
    document = fitted.document["rungs"][1]
    assert (document["n"], document["accuracy"], document["log_loss"], document["bundle"]) == (120, 1.0, None, None)
    answered = running.answered()
    # Two calls were under way at each kill, of which nobody knows here whether they were charged.
    assert len(answered) == 200 + 120
    assert sum(answered.values()) <= 200 + 120 + 2 * n_killed
    manifest = read_run(next((out / "runs").glob("hosted-stub-*")))
    assert manifest.hosted.n_asked == 200
    # They are counted as spent, at their most, which is less than three times the price of a call.
    assert 320 * 0.0011 <= _spent(out) <= 320 * 0.0011 + 2 * n_killed * 0.0035


def _spent(out: Path) -> float:
    return spent_on(next((out / "runs").glob("hosted-stub-*")))


def test_control_c_keeps_what_was_answered(serve, tmp_path):
    running = serve(seconds=0.03)
    task = task_with(running, tmp_path, ladder=["majority", "hosted:stub"], concurrency=2)
    process = start_suffice("fit", task, "--all-rungs", "--json", "--out", tmp_path / "out", home=tmp_path / "home")
    end = time.monotonic() + PATIENCE_SECONDS
    while len(running.calls()) < 50 and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert "Traceback" not in said
    n_calls = len(running.calls())
    assert n_calls < 200
    fitted = fit_json(task, "--all-rungs", out=tmp_path / "out", home=tmp_path / "home", run=run_suffice)
    assert fitted.ran.returncode == 0, fitted.ran.stderr
    # What was under way was waited for, and kept.
    assert set(running.answered().values()) == {1}


@pytest.mark.parametrize("how", [{}, {"fail_first": [404] * 99, "echoes_key": True}], ids=["answers", "quotes the key"])
def test_the_key_stands_in_no_file_and_in_nothing_that_is_printed(serve, tmp_path, monkeypatch, how):
    monkeypatch.setenv("STUB_KEY", KEY)
    monkeypatch.setenv("OPENAI_LOG", "debug")
    running = serve(needs_key=not how, **how)
    spec = {"api_key_env": "STUB_KEY", "max_rows": 5, "repeats": 2, "concurrency": 1}
    task = task_with(running, tmp_path / "task", ladder=["majority", "hosted:stub"], **spec)
    ran = run_suffice("train", task, "--rung", "hosted:stub", "--out", tmp_path / "out", home=tmp_path / "home")
    assert ran.returncode == (2 if how else 0), ran.stderr
    assert KEY in str(running.calls())
    assert KEY not in ran.stdout + ran.stderr
    files = [path for path in (*(tmp_path / "out").rglob("*"), *(tmp_path / "home").rglob("*")) if path.is_file()]
    assert any(path.name == "answers.sqlite" for path in files)
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []


def test_an_unreachable_error_is_told_on_two_lines_and_ends_with_2(serve, tmp_path):
    running = serve(needs_key=True)
    task = task_with(running, tmp_path, ladder=["hosted:stub"], max_rows=5)
    ran = run_suffice("fit", task, "--out", tmp_path / "out", home=tmp_path / "home")
    assert ran.returncode == 2
    assert "status 401: the key is refused" in ran.stderr
    assert "Traceback" not in ran.stderr
