"""An index finds what was planted, and gives the same after it was kept on disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import tiny_models
from suffice.errors import BundleError, DataError, ModelError, TaskError
from suffice.records.knowledge import Knowledge
from suffice.records.progress import SILENT
from suffice.retrieval import extra
from suffice.retrieval.index import Index
from suffice.retrieval.recall import recalls

FACTS = {
    "q1": ("What does a replacement key cost?", "A replacement key costs 40 euros."),
    "q2": ("When is the pool closed?", "The pool is closed on the first Monday of a month."),
    "q3": ("Who signs for a parcel?", "A neighbour signs for a parcel if nobody is in."),
}
COLOURS, THINGS = ("white", "green", "grey", "blue", "red"), ("door", "wall", "ceiling", "shelf")
DISTRACTORS = [f"The {thing} of the flat was painted in {colour}." for thing in THINGS for colour in COLOURS]


@pytest.fixture
def knowledge(write, read) -> Knowledge:
    write("walls.md", "\n".join(f"# Note {n}\n{text}\n" for n, text in enumerate(DISTRACTORS)))
    write("rules.md", "\n".join(f"# Rule {key}\n{fact}\n" for key, (_, fact) in FACTS.items()))
    return read()


@pytest.fixture
def index(knowledge: Knowledge, tiny_bert: Path) -> Index:
    return Index.build(knowledge, encoder=str(tiny_bert), progress=SILENT)


def gold(knowledge: Knowledge) -> dict[str, list[str]]:
    return {key: [p.id for p in knowledge.passages if p.text == fact] for key, (_, fact) in FACTS.items()}


def test_planted_facts_are_found_among_distractors(index: Index, knowledge: Knowledge):
    questions = {key: question for key, (question, _) in FACTS.items()}
    at_two = {r.way: r.recall for r in recalls(index, questions, gold(knowledge), ks=[2])}
    assert at_two["bm25"] == 1.0
    assert at_two["fused"] >= min(at_two["bm25"], at_two["embeddings"])


def test_ranks_and_scores_of_each_way_are_told(index: Index):
    question = FACTS["q2"][0]
    ((by_words, *_),) = index.search([question], k=1, way="bm25")
    assert (by_words.passage.headings, by_words.bm25_rank, by_words.embeddings_rank) == (("Rule q2",), 1, None)
    (cosines,) = index.search([question], k=99, way="embeddings")
    assert len(cosines) == len(FACTS) + len(DISTRACTORS)
    assert [one.embeddings_rank for one in cosines] == list(range(1, len(cosines) + 1))
    assert all(1 >= one.score >= after.score for one, after in pairwise(cosines))
    (both,) = index.search([question], k=3, way="fused")
    ranks = [(one.bm25_rank, one.embeddings_rank) for one in both]
    # Cormack et al. 2009: one over sixty and the rank, for each ranking that has the passage.
    expected = [sum(1 / (60 + rank) for rank in pair if rank is not None) for pair in ranks]
    np.testing.assert_allclose([one.score for one in both], expected, rtol=1e-6)


def test_a_question_that_shares_no_word_finds_nothing_by_words(index: Index):
    assert index.search(["zebra?", ""], k=3, way="bm25") == [(), ()]
    assert index.search([], k=3, way="fused") == []


def test_what_was_saved_ranks_the_same(index: Index, tmp_path: Path):
    index.save(tmp_path / "index")
    again = Index.load(tmp_path / "index")
    questions = [question for question, _ in FACTS.values()]
    assert again.knowledge == index.knowledge
    assert again.ways == ("bm25", "embeddings", "fused")
    for way in again.ways:
        assert again.search(questions, k=5, way=way) == index.search(questions, k=5, way=way)


def test_nothing_in_the_folder_can_run_code(index: Index, tmp_path: Path):
    index.save(tmp_path / "index")
    files = [path for path in (tmp_path / "index").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".json", ".npy", ".npz"}
    for path in files:
        if path.suffix == ".npy":
            np.load(path, allow_pickle=False)


def test_words_alone_need_no_torch_and_give_the_same_files_in_every_process(knowledge, folder, tmp_path):
    code = """
import sys
from pathlib import Path
from suffice.records.knowledge import WindowSize
from suffice.records.progress import SILENT
from suffice.retrieval.context import filled
from suffice.retrieval.index import Index
from suffice.retrieval.read import read_knowledge
knowledge = read_knowledge([Path(sys.argv[1])], window=WindowSize(), progress=SILENT)
Index.build(knowledge, encoder=None, progress=SILENT).save(Path(sys.argv[2]))
found, = Index.load(Path(sys.argv[2])).search(["When is the pool closed?"], k=1, way="bm25")
print(filled([one.passage for one in found], budget=100).text)
assert "torch" not in sys.modules and "transformers" not in sys.modules
"""
    for seed in ("1", "2"):
        command = [sys.executable, "-c", code, str(folder), str(tmp_path / seed)]
        done = subprocess.run(
            command, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout == "[1] (rules.md, Rule q2)\nThe pool is closed on the first Monday of a month.\n"
    assert (tmp_path / "1" / "manifest.json").read_text() == (tmp_path / "2" / "manifest.json").read_text()


def test_embeddings_cannot_be_asked_for_where_there_are_none(knowledge: Knowledge):
    index = Index.build(knowledge, encoder=None, progress=SILENT)
    assert (index.ways, index.n_truncated) == (("bm25",), 0)
    with pytest.raises(TaskError, match=r"got: 'fused', and an index without embeddings\n  fix: rank by bm25"):
        index.search(["x"], k=1, way="fused")


def test_passages_that_the_encoder_reads_in_part_are_counted(write, read, tiny_bert: Path):
    write("a.txt", "card " * 100)
    write("b.txt", "card")
    assert Index.build(read(), encoder=str(tiny_bert), progress=SILENT).n_truncated == 1


def test_an_encoder_that_is_nowhere_is_named(knowledge: Knowledge):
    with pytest.raises(ModelError, match="no-such-encoder"):
        Index.build(knowledge, encoder="no-such-encoder", progress=SILENT)


def test_questions_are_embedded_by_no_other_encoder(knowledge: Knowledge, tmp_path: Path):
    encoder = tmp_path / "encoder"
    tiny_models.write_tiny_bert(encoder, seed=0)
    Index.build(knowledge, encoder=str(encoder), progress=SILENT).save(tmp_path / "index")
    shutil.rmtree(encoder)
    tiny_models.write_tiny_bert(encoder, seed=1)
    with pytest.raises(BundleError, match="base model must be the one fitted on"):
        Index.load(tmp_path / "index")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (
            lambda folder: (folder / "bm25" / "data.csc.index.npy").write_bytes(b"x"),
            r"npy: must be as .*got: sha256 2d71",
        ),
        (lambda folder: (folder / "knowledge.json").unlink(), r"knowledge\.json: must be as .*got: no such file"),
        (lambda folder: (folder / "more.npy").write_bytes(b"x"), r"more\.npy: must be as"),
        (lambda folder: (folder / "manifest.json").unlink(), r"must be an index of knowledge.*got: no manifest\.json"),
        (shutil.rmtree, r"must be an index of knowledge.*got: no such folder"),
        (
            lambda folder: (folder / "manifest.json").write_text('{"format": 0}'),
            r"must be an index of format 1.*format 0",
        ),
        (lambda folder: (folder / "manifest.json").write_text("{"), r"must be an index of format 1.*format None"),
    ],
)
def test_a_changed_index_is_refused(knowledge: Knowledge, tmp_path: Path, harm, said):
    place = tmp_path / "index"
    Index.build(knowledge, encoder=None, progress=SILENT).save(place)
    harm(place)
    with pytest.raises(BundleError, match=rf"(?s){said}.*\n  fix: build the index again"):
        Index.load(place)


def test_an_index_is_not_read_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(extra, "find_spec", lambda name: None)
    with pytest.raises(DataError, match=r"not installed: bm25s, markdown_it, pypdf, selectolax\n  fix: pip install"):
        Index.load(tmp_path)


@pytest.mark.real
def test_a_fact_is_found_by_its_meaning_where_no_word_is_shared(knowledge: Knowledge):
    index = Index.build(knowledge, encoder="minilm-l6", progress=SILENT)
    asked = "Which days can't I go swimming?"
    assert index.search([asked], k=1, way="bm25") == [()]
    for way in ("embeddings", "fused"):
        ((best,),) = index.search([asked], k=1, way=way)
        assert best.passage.text == FACTS["q2"][1]
