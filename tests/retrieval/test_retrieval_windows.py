"""Sections are cut into windows that lose no word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.errors import TaskError
from suffice.records.knowledge import WindowSize
from suffice.retrieval.formats.section import Section
from suffice.retrieval.windows import passages
from suffice.retrieval.words import WORD, n_words, terms


def cut(text: str, *, words: int, overlap: int, line: int | None = 1):
    return passages(
        [Section(headings=("H",), text=text, line=line)],
        source="a.md",
        window=WindowSize(words=words, overlap=overlap),
    )


def test_a_short_section_stays_whole_and_a_long_one_overlaps():
    text = " ".join(str(number) for number in range(10))
    assert [p.text for p in cut(text, words=10, overlap=2)] == [text]
    # By hand: windows of four that repeat one begin at 0, 3, 6.
    assert [p.text for p in cut(text, words=4, overlap=1)] == ["0 1 2 3", "3 4 5 6", "6 7 8 9"]


def test_a_window_ends_with_a_paragraph_or_else_a_sentence_in_its_last_third():
    assert [p.text for p in cut("a b c d. e f g h", words=6, overlap=0)] == ["a b c d.", "e f g h"]
    assert [p.text for p in cut("a b c d\n\ne. f g h", words=6, overlap=0)] == ["a b c d", "e. f g h"]
    assert [p.text for p in cut("a. b c d e f g h", words=6, overlap=0)] == ["a. b c d e f", "g h"]
    assert [p.text for p in cut("a b c (d.) e 3.5 g h", words=6, overlap=0)] == ["a b c (d.)", "e 3.5 g h"]


def test_lines_are_those_where_windows_begin():
    assert [(p.text, p.line) for p in cut("\na b\nc d\ne", words=2, overlap=0, line=5)] == [
        ("a b", 6),
        ("c d", 7),
        ("e", 8),
    ]


def test_ids_say_what_a_passage_says_and_tell_copies_apart():
    first, second = cut("same same", words=1, overlap=0)
    assert second.id == f"{first.id}-2"
    # sha256 of "H\nsame" by sha256sum(1).
    assert first.id == "a.md#dae18ad0741d"
    elsewhere = cut("other words, then same", words=1, overlap=0)[-1]
    assert elsewhere.id == first.id


def test_languages_without_blanks_and_encoded_files_have_words_too():
    assert n_words("汽车保险 car") == 5
    assert n_words("x" * 100) == 3
    assert terms("Don't, SAFE-guard Straße 東京") == ["don", "t", "safe", "guard", "strasse", "東", "京"]


@pytest.mark.parametrize(("words", "overlap"), [(0, 0), (5, 5), (5, -1)])
def test_windows_that_would_not_move_on_are_refused(words, overlap):
    with pytest.raises(TaskError, match=rf"windows of {words} words that repeat {overlap}\n  fix: give windows of"):
        WindowSize(words=words, overlap=overlap)


TEXTS = st.text(alphabet=st.sampled_from("ab .\n!?\u6771"), max_size=200)


@given(TEXTS, st.integers(1, 12), st.data())
def test_every_word_is_in_a_window_and_no_window_is_too_long(text, words, data):
    overlap = data.draw(st.integers(0, words - 1))
    got = cut(text, words=words, overlap=overlap)
    assert all(n_words(p.text) <= words for p in got)
    assert len({p.id for p in got}) == len(got)
    every = WORD.findall(text)
    at = 0
    for passage in got:
        window = WORD.findall(passage.text)
        begins = [b for b in range(max(at - overlap, 0), at + 1) if every[b : b + len(window)] == window]
        assert begins, "a window goes on where the one before it ended, or repeats of it"
        at = max(begins) + len(window)
    assert at == len(every) or not text.strip()
