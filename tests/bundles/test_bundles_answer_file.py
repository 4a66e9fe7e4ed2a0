from __future__ import annotations

import csv
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suffice.bundles.answer_file import answers_to
from suffice.bundles.classifier import Classifier
from suffice.bundles.stream import COLUMNS, answer_all
from suffice.errors import DataError, StorageError
from suffice.store.spreadsheet import text_in

MESSAGES = ["first", 'a "quoted", one', "two\nlines", "a bare\rreturn", "", "ünï 🙂", "=1+1", "'-2", "last"]


def _answer(path, majority, messages, *, form):
    texts = iter(messages)
    with answers_to(path, texts, form=form, classifier=majority) as out:
        answer_all(majority, texts, out, form=form, at_once=False, chunk=2)


def _texts(path, form):
    with path.open(encoding="utf-8", newline="") as file:
        if form == "jsonl":
            return [json.loads(line)["text"] for line in file.read().split("\n")[:-1]]
        return [text_in(row["text"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_a_file_cut_anywhere_is_completed_to_the_same_bytes(tmp_path, majority, form):
    path = tmp_path / "answers"
    _answer(path, majority, MESSAGES, form=form)
    whole = path.read_bytes()
    assert _texts(path, form) == MESSAGES
    for cut in {*range(0, len(whole), 5), len(whole) - 1, len(whole)}:
        path.write_bytes(whole[:cut])
        _answer(path, majority, MESSAGES, form=form)
        assert path.read_bytes() == whole, f"cut after {cut} bytes"


@settings(max_examples=40)
@given(
    messages=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), min_size=1, max_size=6),
    share=st.floats(0, 1),
    form=st.sampled_from(["jsonl", "csv"]),
)
def test_no_answer_is_twice_there_or_missing_whatever_the_messages(tmp_path_factory, majority, messages, share, form):
    path = tmp_path_factory.mktemp("cut") / "answers"
    _answer(path, majority, messages, form=form)
    whole = path.read_bytes()
    path.write_bytes(whole[: round(share * len(whole))])
    _answer(path, majority, messages, form=form)
    assert path.read_bytes() == whole


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_other_messages_are_refused_and_the_file_stays(tmp_path, majority, form):
    path = tmp_path / "answers"
    _answer(path, majority, MESSAGES[:2], form=form)
    before = path.read_bytes()
    with pytest.raises(DataError, match=r"answer 2 must be to message 2[\s\S]*'another' among[\s\S]*another --out"):
        _answer(path, majority, ["first", "another", "third"], form=form)
    with pytest.raises(DataError, match=r"None among the messages"):
        _answer(path, majority, ["first"], form=form)
    assert path.read_bytes() == before


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@pytest.mark.parametrize("held", ["my notes", "my notes\n", "name,age\nann,7\n", '{"text": "first", "id": 7}\n'])
def test_a_file_that_holds_something_else_is_refused_and_stays(tmp_path, majority, form, held):
    path = tmp_path / "notes"
    path.write_text(held)
    with pytest.raises(DataError, match=r"must be a file of answers[\s\S]*(notes|name,age|text)[\s\S]*another --out"):
        _answer(path, majority, MESSAGES, form=form)
    assert path.read_text() == held


def test_a_folder_in_its_place_is_the_persons_to_mend(tmp_path, majority):
    with pytest.raises(StorageError, match="name a file, not a folder"):
        _answer(tmp_path, majority, MESSAGES, form="jsonl")


def test_the_header_of_a_csv_file_is_there_once(tmp_path, majority):
    path = tmp_path / "answers.csv"
    _answer(path, majority, MESSAGES, form="csv")
    _answer(path, majority, MESSAGES, form="csv")
    assert path.read_text(encoding="utf-8").count(",".join(COLUMNS)) == 1


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_a_file_that_another_bundle_began_is_refused_and_stays(tmp_path, majority, form):
    path = tmp_path / "answers"
    other = Classifier(majority.rung, replace(majority.saved, temperature=2.0))
    _answer(path, other, MESSAGES[:4], form=form)
    before = path.read_bytes()
    with pytest.raises(DataError, match=r"answer 4 must be this bundle's[\s\S]*at 0.500 now[\s\S]*another --out"):
        _answer(path, majority, MESSAGES, form=form)
    assert path.read_bytes() == before
