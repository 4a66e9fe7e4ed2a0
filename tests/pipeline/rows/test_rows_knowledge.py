"""Knowledge that models lack: told apart by an endpoint that is right only where the passage stands in its prompt."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

import suffice
from hosted_server import Running, endpoint
from suffice.cli.summary import fit_document
from suffice.dataset.questions import questions_of
from suffice.errors import BundleError, DataError
from suffice.pipeline.cells.answers import asked_of
from suffice.pipeline.cells.answers_again import reader_of
from suffice.pipeline.diagnose import diagnose_runs
from suffice.pipeline.fit import FitOptions, fit
from suffice.pipeline.fit_plan import plan_fit
from suffice.pipeline.rows.given import given_rows, read_before
from suffice.pipeline.rows.prepare import Prepared, prepare
from suffice.pipeline.rows.workspace import Workspace, read_run
from suffice.pipeline.single import evaluate_run
from suffice.records.answers import Gold, Question
from suffice.records.progress import SILENT
from suffice.records.verdict import FitOutcome
from suffice.store import strict_json
from suffice.store.task_file import FITTED, load_task
from towers import PARTS, Tower, towers, write_tower_task

STUB = "hosted:stub"


def fit_towers(task: Path, *overrides: str, **options) -> FitOutcome:
    # In no other words or form: what is asked there is what is read.
    stated = {
        "rungs": None,
        "all_rungs": False,
        "seed": 0,
        "max_minutes": None,
        "skip": ("prompt", "sensitivity"),
    } | options
    loaded = load_task(task, overrides=overrides, kinds=FITTED)
    return fit(loaded, FitOptions(**stated), folder=task.parent, out=task.parent / "out", progress=SILENT)


def prepared_towers(task: Path, *overrides: str) -> Prepared:
    loaded = load_task(task, overrides=overrides, kinds=FITTED)
    return prepare(loaded, Workspace(out=task.parent / "out"), folder=task.parent, progress=SILENT)


@contextmanager
def knowing(folder: Path, some: list[Tower], *, deaf: bool = False) -> Iterator[Running]:
    """An endpoint that knows the steps of a tower once the sentence about it stands before the question."""
    needs = {one.question: "no such sentence" if deaf else one.fact for one in some}
    with endpoint(folder, {one.question: one.steps for one in some}, needs=needs) as running:
        yield running


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Running]]:
    """Starts such endpoints."""
    monkeypatch.setattr("suffice.store.paid_answers.SYNCHRONOUS", "OFF")
    with ExitStack() as stack:
        yield lambda some, **how: stack.enter_context(knowing(tmp_path / "endpoint", some, **how))


def task_with(running: Running, folder: Path, some: list[Tower], **keys: object) -> Path:
    return write_tower_task(folder, some, ladder=["majority", STUB], hosted={"stub": running.spec()}, **keys)


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, FitOutcome, list[str]]:
    """A fit of an endpoint whose knowledge is a switch: its folder, what came of it, and what was sent."""
    folder, some = tmp_path_factory.mktemp("brought"), towers()
    with pytest.MonkeyPatch.context() as patch, knowing(folder / "endpoint", some) as running:
        patch.setattr("suffice.store.paid_answers.SYNCHRONOUS", "OFF")
        patch.setenv("SUFFICE_HOME", str(folder / "home"))
        outcome = fit_towers(task_with(running, folder, some))
        return folder, outcome, [call["user"] for call in running.calls()]


def test_knowledge_that_is_missing_and_found_is_what_to_add(brought) -> None:
    outcome = brought[1]
    (use,) = outcome.diagnosis.knowledge
    assert (use.rung, use.finding, use.closed) == (STUB, "brought", 0.0)
    # Without the passage no answer is right, with it every one: of all forty validation rows.
    assert (use.found.difference, use.found.rows, use.gold.difference) == (1.0, PARTS["validation"], 1.0)
    assert (use.k, use.recall) == (1, 1.0)
    assert outcome.verdict.code == "add_retrieval"
    assert [step.code for step in outcome.diagnosis.plans[0].steps] == ["add_retrieval"]
    assert [one.change for one in outcome.diagnosis.interventions if one.switch == "retrieval"] == [
        "retrieval:found",
        "retrieval:gold",
        "retrieval:gold",
    ]


def test_what_knowledge_brings_and_how_often_it_is_found_is_told_everywhere(brought) -> None:
    folder, outcome, _ = brought
    assert f"{STUB} lacks knowledge, and retrieval brings it" in " ".join(outcome.verdict.because)
    assert (outcome.knowledge.n_files, len(outcome.knowledge.skipped)) == (2, 1)
    told = "of 40 validation questions with gold links 100.0% (91.1 to 100.0%) have a gold passage among the first 1"
    assert told in " ".join(outcome.notes)
    page = (folder / "out" / "report.html").read_text(encoding="utf-8")
    for words in ('<section id="knowledge">', told, "retrieval brings it", "shared words, 40 validation rows"):
        assert words in page
    document = fit_document(outcome, out=folder / "out")["knowledge"]
    assert [one["recall"] for one in document["held_out"]] == [1.0] * 4
    assert [one["finding"] for one in document["uses"]] == ["brought"]
    assert strict_json.read(folder / "out" / "outcome.json", FitOutcome) == outcome


def test_what_is_a_switch_stands_before_validation_rows_alone(brought) -> None:
    split = {one.question: one.split for one in towers()}
    sent = [text.rpartition("\n\n") for text in brought[2]]
    assert {split[question] for before, _, question in sent if before} == {"validation"}
    assert {split[question] for before, _, question in sent if not before} == {"validation", "test"}


def test_runs_that_there_are_tell_the_same_and_a_plan_knows_them(brought) -> None:
    folder, outcome, _ = brought
    (use,) = diagnose_runs([folder / "out"], decisions=None, seed=0).diagnosis.knowledge
    told = outcome.diagnosis.knowledge[0]
    assert (use.finding, use.found, use.gold, use.closed) == (told.finding, told.found, told.gold, told.closed)
    loaded = load_task(folder / "task.yaml", kinds=FITTED)
    options = FitOptions(rungs=None, all_rungs=False, seed=0, max_minutes=None, skip=("prompt", "sensitivity"))
    plan = plan_fit(loaded, options, folder=folder, out=folder / "out", progress=SILENT)
    runs = {one.change: one.run for one in plan.cells if one.rung == STUB}
    assert set(runs) == {None, "retrieval:found", "retrieval:gold"}
    assert all(runs.values())


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
    first = found.passages[0]
    assert (first.number, first.source, first.headings, first.cited) == (1, "towers.jsonl", ("Towers",), False)
    assert first.place == "towers.jsonl, Towers"
    assert found.question == asked.question
    assert suffice.load(majority.bundle).answer([asked.question])[0].passages == ()
    assert not (Path(majority.bundle) / "knowledge").exists()
    assert "documents in `knowledge/`" in (Path(writer.bundle) / "README.md").read_text(encoding="utf-8")


def test_what_is_measured_is_given_as_what_is_served(shipped) -> None:
    task, outcome = shipped
    writer = outcome.rungs[-1]
    prepared = prepared_towers(task)
    places = prepared.material.rows("validation")
    given = [one.text for one in asked_of(given_rows(writer.chosen.cell, prepared.material, places))]
    texts = prepared.material.data.take(places).texts
    served = suffice.load(writer.bundle).reads(texts)
    assert given == [f"{read.text}\n\n{text}" for read, text in zip(served, texts, strict=True)]
    run = task.parent / "out" / "runs" / writer.chosen.name
    assert [read.text for read in reader_of(run).found(texts)] == [read.text for read in served]
    assert evaluate_run(run, test=False, progress=SILENT).answers.accuracy == writer.chosen.answers.accuracy


def test_what_a_question_brings_itself_stands_behind_what_is_found_as_it_does_in_a_fit(shipped, monkeypatch) -> None:
    clerk, asked, own = suffice.load(shipped[1].rungs[-1].bundle), towers()[0], "Stairs are counted from the gate."
    (found,), seen, write = clerk.reads([asked.question]), [], clerk.rung.completions
    monkeypatch.setattr(clerk.rung, "completions", lambda some, **how: seen.extend(some) or write(some, **how))
    (told,) = clerk.answer([asked.question], contexts=[own])
    gold = Gold(answer=asked.steps, trace=None)
    row = Question(id="t", source="", row=0, text=asked.question, gold=gold, group=None, split=None, context=own)
    assert [one.text for one in seen] == [one.given for one in read_before([row], [found.text])]
    assert told.context == f"{found.text}\n\n{own}"
    # It is not searched with: the passages are those of the question alone.
    assert [one.id for one in told.passages] == [one.id for one in found.cited]


@pytest.mark.parametrize(
    ("contexts", "told"),
    [
        ("Stairs", r"takes one context for each question\n  got: 'Stairs'\n  fix: .*contexts=\[context\]"),
        ([], r"takes one context for each question\n  got: 0 for 1 questions"),
        ([3], r"answer: context 0: a context must be text or None\n  got: 3"),
    ],
)
def test_contexts_that_are_none_are_refused(shipped, contexts: object, told: str) -> None:
    with pytest.raises(DataError, match=told):
        suffice.load(shipped[1].rungs[0].bundle).answer(["How many?"], contexts=contexts)


def test_a_bundle_whose_knowledge_was_changed_is_refused(shipped, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(shipped[1].rungs[-1].bundle, copy)
    (copy / "knowledge" / "index" / "knowledge.json").write_text("{}", encoding="utf-8")
    with pytest.raises(BundleError, match="sha256"):
        suffice.load(copy)


def test_other_knowledge_makes_another_run(shipped) -> None:
    task, outcome = shipped
    reads = outcome.rungs[-1].chosen.cell.reads
    assert prepared_towers(task).material.readings.of("found") == reads
    (task.parent / "docs" / "more.md").write_text("# More\n\nAnother tower.\n", encoding="utf-8")
    other = prepared_towers(task).material.readings.of("found")
    (task.parent / "docs" / "more.md").unlink()
    assert (other.reading, other.knowledge == reads.knowledge) == (reads.reading, False)


def test_the_ranking_is_chosen_on_training_rows_with_links(tmp_path: Path, tiny_bert: Path) -> None:
    # Every question shares the name with its passage: words find all, embeddings of a model that learned nothing few.
    task = write_tower_task(tmp_path, towers(), train={"encoder": str(tiny_bert)}, knowledge={"path": "docs"})
    prepared = prepared_towers(task)
    known = prepared.known
    found = {one.way: one.recall for one in known.summary.train if one.k == 3}
    assert found["bm25"] == 1.0 > found["embeddings"]
    best = max(found.values())
    assert found[known.reader.reading.ranking] == best
    assert {one.n for one in known.summary.train} == {len(prepared.material.rows("train"))}
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
    read = {one.id: one.links for one in questions_of(prepared_towers(task).placed.data)}
    expected = [("t0", "t1"), ("t1",), ("t2", "t0"), ("17",), (), (), ()]
    assert [read[f"t{k}"] for k in range(len(given))] == expected
