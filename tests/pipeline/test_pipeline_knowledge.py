"""Knowledge that models lack: told apart by an endpoint that is right only where the passage stands in its prompt."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import suffice
from hosted_server import Running, endpoint
from suffice.errors import DataError
from suffice.pipeline.answer_cell import asked_of
from suffice.pipeline.answers_again import reader_of
from suffice.pipeline.fit import FitOptions, fit
from suffice.pipeline.given import given_questions
from suffice.pipeline.prepare import Prepared, prepare
from suffice.pipeline.single import evaluate_run
from suffice.pipeline.workspace import Workspace, read_run
from suffice.records.progress import SILENT
from suffice.records.verdict import FitOutcome
from suffice.store import strict_json
from suffice.store.task_file import FITTED, load_task
from towers import PARTS, Tower, towers, write_tower_task

STUB = "hosted:stub"


def fit_towers(task: Path, *overrides: str, **options) -> FitOutcome:
    stated = {"rungs": None, "all_rungs": False, "seed": 0, "max_minutes": None} | options
    loaded = load_task(task, overrides=overrides, kinds=FITTED)
    return fit(loaded, FitOptions(**stated), folder=task.parent, out=task.parent / "out", progress=SILENT)


def prepared_towers(task: Path, *overrides: str) -> Prepared:
    loaded = load_task(task, overrides=overrides, kinds=FITTED)
    return prepare(loaded, Workspace(out=task.parent / "out"), folder=task.parent, progress=SILENT)


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Running]]:
    """Starts an endpoint that knows the steps of a tower once the sentence about it stands before the question."""
    monkeypatch.setattr("suffice.store.paid_answers.SYNCHRONOUS", "OFF")
    with ExitStack() as stack:

        def start(some: list[Tower], *, deaf: bool = False) -> Running:
            needs = {one.question: "no such sentence" if deaf else one.fact for one in some}
            labels = {one.question: one.steps for one in some}
            return stack.enter_context(endpoint(tmp_path / "endpoint", labels, needs=needs))

        yield start


def task_with(running: Running, folder: Path, some: list[Tower], **keys: object) -> Path:
    return write_tower_task(folder, some, ladder=["majority", STUB], hosted={"stub": running.spec()}, **keys)


def test_knowledge_that_is_missing_and_found_is_what_to_add(serve, tmp_path: Path) -> None:
    some = towers()
    running = serve(some)
    outcome = fit_towers(task_with(running, tmp_path, some))
    (use,) = outcome.diagnosis.knowledge
    assert (use.rung, use.finding, use.closed) == (STUB, "brought", 0.0)
    # Without the passage no answer is right, with it every one: of all forty validation rows.
    assert (use.found.difference, use.found.rows, use.gold.difference) == (1.0, PARTS["validation"], 1.0)
    assert (use.k, use.recall) == (1, 1.0)
    assert outcome.verdict.code == "add_retrieval"
    assert [step.code for step in outcome.diagnosis.plans[0].steps] == ["add_retrieval"]
    assert f"{STUB} lacks knowledge, and retrieval brings it" in " ".join(outcome.verdict.because)
    assert outcome.knowledge.recall.recall == 1.0
    assert (outcome.knowledge.n_files, len(outcome.knowledge.skipped)) == (2, 1)
    assert strict_json.read(tmp_path / "out" / "outcome.json", FitOutcome) == outcome
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Knowledge" in page
    assert "retrieval brings it" in page


def test_test_rows_are_asked_without_a_knowledge_that_is_a_switch(serve, tmp_path: Path) -> None:
    some = towers()
    running = serve(some)
    fit_towers(task_with(running, tmp_path, some))
    of_test = {one.question for one in some if one.split == "test"}
    asked = [call["user"] for call in running.calls()]
    assert {text for text in asked if text.rpartition("\n\n")[2] in of_test} == of_test


def test_what_is_there_and_not_found_is_a_miss_of_retrieval(serve, tmp_path: Path) -> None:
    some = towers(asked_by_another_name=True)
    outcome = fit_towers(task_with(serve(some), tmp_path, some))
    (use,) = outcome.diagnosis.knowledge
    assert (use.finding, use.found.difference, use.gold.difference) == ("missed", 0.0, 1.0)
    assert use.recall == 0.0
    assert outcome.verdict.code != "add_retrieval"
    assert "that is there, and retrieval misses it" in " ".join(outcome.verdict.because)


def test_a_model_that_does_not_read_is_told_from_one_that_lacks_passages(serve, tmp_path: Path) -> None:
    some = towers()
    outcome = fit_towers(task_with(serve(some, deaf=True), tmp_path, some))
    (use,) = outcome.diagnosis.knowledge
    assert (use.finding, use.found.difference, use.gold.difference) == ("not_used", 0.0, 0.0)
    assert "add_retrieval" not in {step.code for plan in outcome.diagnosis.plans[:1] for step in plan.steps}
    assert f"{STUB} cannot use what the knowledge says" in " ".join(outcome.verdict.because)


def test_without_gold_links_what_is_found_is_asked_alone(serve, tmp_path: Path) -> None:
    some = towers()
    outcome = fit_towers(task_with(serve(some), tmp_path, some, links=False))
    (use,) = outcome.diagnosis.knowledge
    assert (use.finding, use.gold, use.recall) == ("brought", None, None)


def test_the_switch_is_left_out_on_demand(serve, tmp_path: Path) -> None:
    some = towers()
    running = serve(some)
    outcome = fit_towers(task_with(running, tmp_path, some), skip=("retrieval",))
    assert outcome.diagnosis.knowledge == ()
    assert not [call for call in running.calls() if "\n\n" in call["user"]]


def test_a_rung_that_ships_with_its_knowledge_is_proven_with_it(serve, tmp_path: Path) -> None:
    some = towers()
    running = serve(some)
    task = task_with(running, tmp_path, some, target={"at_least": 0.9})
    outcome = fit_towers(task, "knowledge.use=always")
    assert outcome.verdict.code == "keep_prompting"
    assert outcome.rungs[-1].test_answers.accuracy.verified.accuracy == 1.0
    assert read_run(tmp_path / "out" / "runs" / outcome.rungs[-1].chosen.name).cell.reads.source == "found"
    n_calls = len(running.calls())
    assert fit_towers(task, "knowledge.use=always").verdict == outcome.verdict
    assert len(running.calls()) == n_calls


def test_one_that_ships_with_it_is_told_by_what_is_lost_without(serve, tmp_path: Path) -> None:
    some = towers(asked_by_another_name=True)
    outcome = fit_towers(task_with(serve(some), tmp_path, some), "knowledge.use=always")
    (use,) = outcome.diagnosis.knowledge
    assert (use.finding, use.closed, use.found.difference, use.gold.difference) == ("missed", 0.0, 0.0, 1.0)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory, tiny_llama: Path) -> tuple[Path, FitOutcome]:
    """A finished fit of a tiny model that reads before every question: the task file, and what came of it."""
    folder = tmp_path_factory.mktemp("towers")
    task = write_tower_task(
        folder,
        towers(),
        ladder=["majority", f"{tiny_llama}@prompted"],
        knowledge={"path": "docs/", "passages": 2, "words": 40, "ranking": "bm25", "use": "always"},
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUFFICE_HOME", str(folder / "home"))
        return task, fit_towers(task, all_rungs=True, skip=("prompt", "form", "next_rung"))


def test_a_bundle_carries_what_it_reads_and_names_it(shipped) -> None:
    _, outcome = shipped
    majority, writer = outcome.rungs
    asked = towers()[0]
    (found,) = suffice.load(writer.bundle).answer([asked.question])
    assert [(one.number, one.source, one.headings) for one in found.passages][0] == (1, "towers.jsonl", ("Towers",))
    assert found.passages[0].place == "towers.jsonl, Towers"
    assert not found.passages[0].cited
    assert found.question == asked.question
    assert suffice.load(majority.bundle).answer([asked.question])[0].passages == ()
    assert not (Path(majority.bundle) / "knowledge").exists()
    assert "documents in `knowledge/`" in (Path(writer.bundle) / "README.md").read_text(encoding="utf-8")


def test_what_is_measured_is_given_as_what_is_served(shipped) -> None:
    task, outcome = shipped
    writer = outcome.rungs[-1]
    prepared = prepared_towers(task)
    places = prepared.material.rows("validation")
    given = [one.text for one in asked_of(given_questions(writer.chosen.cell, prepared.material, places))]
    texts = prepared.material.data.take(places).texts
    served = suffice.load(writer.bundle).reads(texts)
    assert given == [f"{read.text}\n\n{text}" for read, text in zip(served, texts, strict=True)]
    run = task.parent / "out" / "runs" / writer.chosen.name
    assert [read.text for read in reader_of(run).found(texts)] == [read.text for read in served]
    assert evaluate_run(run, test=False, progress=SILENT).answers.accuracy == writer.chosen.answers.accuracy


def test_a_bundle_whose_knowledge_was_changed_is_refused(shipped, tmp_path: Path) -> None:
    import shutil  # noqa: PLC0415

    copy = tmp_path / "copy"
    shutil.copytree(shipped[1].rungs[-1].bundle, copy)
    (copy / "knowledge" / "index" / "knowledge.json").write_text("{}", encoding="utf-8")
    with pytest.raises(suffice.errors.BundleError, match="sha256"):
        suffice.load(copy)


def test_other_knowledge_makes_another_run(shipped) -> None:
    task, outcome = shipped
    reads = outcome.rungs[-1].chosen.cell.reads
    assert prepared_towers(task).material.readings.of("found") == reads
    (task.parent / "docs" / "more.md").write_text("# More\n\nAnother tower.\n", encoding="utf-8")
    other = prepared_towers(task).material.readings.of("found")
    assert (other.reading, other.knowledge == reads.knowledge) == (reads.reading, False)


def test_the_ranking_is_chosen_on_training_rows_with_links(tmp_path: Path, tiny_bert: Path) -> None:
    # Every question shares the name with its passage: words find all, embeddings of a model that learned nothing few.
    task = write_tower_task(tmp_path, towers(), train={"encoder": str(tiny_bert)}, knowledge={"path": "docs"})
    known = prepared_towers(task).known
    found = {one.way: one.recall for one in known.summary.train if one.k == 3}
    assert found["bm25"] == 1.0 > found["embeddings"]
    best = max(found.values())
    assert found[known.reader.reading.ranking] == best
    assert {one.n for one in known.summary.train} == {PARTS["train"]}
    assert {(one.way, one.n) for one in known.summary.held_out} == {(known.reader.reading.ranking, PARTS["validation"])}


def test_without_links_both_rankings_are_fused(tmp_path: Path, tiny_bert: Path) -> None:
    settings = {"train": {"encoder": str(tiny_bert)}, "knowledge": "docs/"}
    known = prepared_towers(write_tower_task(tmp_path, towers(), links=False, **settings)).known
    assert known.reader.reading.ranking == "fused"
    assert "no training row has gold links" in known.summary.why
    assert (known.summary.train, known.summary.recall) == ((), None)


def test_without_the_encoder_words_alone_rank_and_that_is_told(tmp_path: Path) -> None:
    task = write_tower_task(tmp_path, towers(), train={"encoder": str(tmp_path / "none")}, knowledge="docs/")
    known = prepared_towers(task).known
    assert known.reader.reading.ranking == "bm25"
    assert "the encoder cannot be used here" in known.summary.why


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("dcos", r"the knowledge must be there\n  got: no such file or folder \(nearest: 'docs'\)"),
        ("empty", r"knowledge must have files"),
        ("docs/broken.md", r"broken.md: .*UTF-8"),
    ],
)
def test_knowledge_of_which_nothing_can_be_read_is_told(tmp_path: Path, path: str, told: str) -> None:
    task = write_tower_task(tmp_path, towers(), knowledge=path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=told):
        prepared_towers(task)


def test_links_are_kept_with_their_rows_and_lists_may_be_written_as_text(tmp_path: Path) -> None:
    task = write_tower_task(tmp_path, towers()[:60])
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    given = [["t0", "t1"], "t1", '["t2", "t0"]', 17, None, "", []]
    rows = [row | {"about": given[k] if k < len(given) else "t9"} for k, row in enumerate(rows)]
    (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    from suffice.dataset.questions import questions_of  # noqa: PLC0415

    read = {one.id: one.links for one in questions_of(prepared_towers(task).placed.data)}
    expected = [("t0", "t1"), ("t1",), ("t2", "t0"), ("17",), (), (), ()]
    assert [read[f"t{k}"] for k in range(len(given))] == expected
