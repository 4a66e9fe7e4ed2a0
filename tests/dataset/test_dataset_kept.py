import json

import pytest

from suffice.dataset import open_source
from suffice.errors import DataError
from suffice.records.progress import SILENT
from suffice.records.task import DataSpec


@pytest.fixture
def kept(tmp_path):
    def kept(name, *columns, **data):
        source = open_source(DataSpec(path=name, **data), folder=tmp_path, progress=SILENT, keep=columns)
        return [row["columns"] for batch in source.batches() for row in batch.to_pylist()]

    return kept


def test_cells_of_named_columns_are_kept_with_the_rows_and_empty_ones_are_none(write, kept):
    write("m.csv", "text,label,region,tier\na,x,north,1\nb,y,,2\n")
    assert kept("m.csv", "region", "tier") == [
        [("region", "north"), ("tier", "1")],
        [("region", None), ("tier", "2")],
    ]
    assert kept("m.csv", "region") == [[("region", "north")], [("region", None)]]


def test_without_named_columns_nothing_is_kept(write, kept):
    write("m.csv", "text,label,region\na,x,north\n")
    assert kept("m.csv") == [None]


def test_whole_numbers_and_truth_values_become_their_text(write, kept):
    write("m.jsonl", "\n".join(json.dumps({"text": "a", "label": "x", "tier": tier}) for tier in (7, True, None)))
    assert kept("m.jsonl", "tier") == [[("tier", "7")], [("tier", "true")], [("tier", None)]]


def test_a_column_may_be_kept_that_is_something_else_too(write, kept):
    write("m.csv", "text,label,who\na,x,c1\n")
    assert kept("m.csv", "who", "label", group="who") == [[("who", "c1"), ("label", "x")]]


def test_a_column_that_is_not_there_is_told_with_the_nearest(write, kept):
    write("m.csv", "text,label,region\na,x,north\n")
    match = r"m.csv: slices must be made by columns of the file\n  got: no column 'regin' \(nearest: 'region'\)"
    with pytest.raises(DataError, match=match + r"; .*\n  fix: correct `column` in slices"):
        kept("m.csv", "regin")


def test_a_cell_that_is_no_word_is_told_at_its_line(write, kept):
    write("m.jsonl", json.dumps({"text": "a", "label": "x", "tier": 1.5}))
    match = (
        r"m.jsonl:1: a cell that slices are made by must be text or a whole number\n  got: a number: 1.5\n  fix: write"
    )
    with pytest.raises(DataError, match=match):
        kept("m.jsonl", "tier")


def test_what_is_kept_is_said(write, tmp_path):
    write("m.csv", "text,label,region\na,x,north\n")
    source = open_source(DataSpec(path="m.csv"), folder=tmp_path, progress=SILENT, keep=("region",))
    assert "kept: column 'region' (named in slices)" in source.columns.sentences()
