from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
from review_rows import data_of

from suffice.records.dataset import SCHEMA
from suffice.review.diff import diff_versions

ROWS = [("one", "a"), ("two", "b"), ("three", "a")]


def with_made_ids(rows):
    """Ids as they are made: another place or another message is another id."""
    data = data_of(rows)
    ids = [f"m.csv:{n}:{text}" for n, (text, *_) in enumerate(rows)]
    return replace(data, table=data.table.set_column(0, SCHEMA.field("id"), pa.array(ids)))


def test_versions_that_are_the_same_differ_in_nothing():
    found = diff_versions(data_of(ROWS), data_of(ROWS))
    assert (found.added, found.dropped, found.changed, found.n_rows) == ((), (), (), (3, 3))


def test_dropped_and_relabelled_rows_are_told():
    first = data_of(ROWS)
    second = replace(data_of([("one", "a"), ("two", "a"), ("three", "a")]).take([0, 1]), name="clean-1")
    found = diff_versions(first, second)
    assert [row.text for row in found.dropped] == ["three"]
    assert [(row.row, row.was, row.became) for row in found.relabelled] == [(1, "b", "a")]
    assert found.pairs == [(("b", "a"), 1)]
    assert (found.added, found.reworded) == ((), ())


def test_a_message_that_changed_is_the_same_row_by_its_place():
    found = diff_versions(with_made_ids(ROWS), with_made_ids([("one", "a"), ("2", "b"), ("three", "a")]))
    assert [(row.row, row.was, row.became) for row in found.reworded] == [(1, "b", "b")]
    assert (found.added, found.dropped, found.relabelled) == ((), (), ())


def test_rows_that_moved_are_the_same_rows():
    found = diff_versions(with_made_ids(ROWS), with_made_ids([("new", "a"), *ROWS]))
    assert [row.text for row in found.added] == ["new"]
    assert (found.dropped, found.changed) == ((), ())
