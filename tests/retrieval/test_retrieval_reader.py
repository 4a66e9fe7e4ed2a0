"""What stands before a question: the best that fit, the gold ones, and the same after it was kept on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from suffice.errors import BundleError
from suffice.records.knowledge import Reading
from suffice.records.progress import SILENT
from suffice.retrieval.index import Index
from suffice.retrieval.reader import Reader

RULES = {
    "key": "A replacement key costs 40 euros.",
    "pool": "The pool is closed on Mondays.",
    "parcel": "A neighbour signs for a parcel.",
}
ASKED = "What does a replacement key cost?"


@pytest.fixture
def index(write, read) -> Index:
    write("rules.md", "\n".join(f"# Rule {name}\n{text}\n" for name, text in RULES.items()))
    return Index.build(read(), encoder=None, progress=SILENT)


def reader(index: Index, *, passages: int = 2, words: int = 100) -> Reader:
    return Reader(index, Reading(ranking="bm25", passages=passages, words=words))


def test_the_best_passages_stand_before_a_question_with_their_places(index: Index) -> None:
    (read,) = reader(index).found([ASKED])
    assert read.text.startswith("[1] (rules.md, Rule key)\nA replacement key costs 40 euros.\n\n[2] (rules.md, Rule ")
    assert read.cited[0].headings == ("Rule key",)


def test_no_more_passages_and_words_than_are_asked_for(index: Index) -> None:
    (read,) = reader(index, passages=1).found([ASKED])
    assert len(read.cited) == 1
    # The first passage has ten words with its place: nothing else fits beside it into twelve.
    (read,) = reader(index, words=12).found([ASKED])
    assert (len(read.cited), read.n_used, len(read.left_out)) == (1, 10, 1)


def test_a_question_that_shares_no_word_is_given_nothing(index: Index) -> None:
    (read,) = reader(index).found(["Zzz?"])
    assert (read.text, read.cited) == ("", ())


def test_gold_links_name_passages_whatever_is_found_for_the_question(index: Index) -> None:
    pool = next(passage for passage in index.knowledge.passages if passage.headings == ("Rule pool",))
    read = reader(index).gold(ASKED, [pool.id])
    assert read.cited == (pool,)
    assert reader(index).gold(ASKED, ["rates.md"]).text == ""


def test_of_a_file_that_is_linked_the_passages_most_like_the_question_come_first(index: Index) -> None:
    read = reader(index, passages=2).gold("Who signs for a parcel?", ["rules.md"])
    assert read.cited[0].headings == ("Rule parcel",)
    assert len(read.cited) == 2


def test_a_reader_reads_the_same_after_it_was_kept(index: Index, tmp_path: Path) -> None:
    one = reader(index, passages=1)
    one.save(tmp_path / "kept")
    again = Reader.load(tmp_path / "kept")
    assert (again.reading, again.found([ASKED])) == (one.reading, one.found([ASKED]))
    (tmp_path / "kept" / "reading.json").unlink()
    with pytest.raises(BundleError, match="no such file"):
        Reader.load(tmp_path / "kept")
