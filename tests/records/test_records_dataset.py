import numpy as np
import pyarrow as pa

from suffice.records.dataset import SCHEMA, Dataset, Example

ROWS = [
    Example(
        id="a", source="m.csv", row=0, text="hi", label="greet", group=None, time=None, split="train", annotations=None
    ),
    Example(
        id="b",
        source="m.csv",
        row=1,
        text="bye",
        label="leave",
        group="c7",
        time="2024-05-01",
        split=None,
        annotations=["leave", "greet"],
    ),
]
FIELDS = SCHEMA.names


def dataset() -> Dataset:
    rows = [{name: getattr(row, name) for name in FIELDS} for row in ROWS]
    return Dataset(table=pa.Table.from_pylist(rows, schema=SCHEMA), name="raw-1")


def test_an_example_has_the_columns_of_the_schema():
    assert list(Example.__slots__) == FIELDS


def test_rows_are_seen_as_examples_in_their_order():
    assert list(dataset()) == ROWS
    assert len(dataset()) == 2


def test_columns_are_lists_as_long_as_the_data():
    data = dataset()
    assert (data.ids, data.texts, data.labels) == (["a", "b"], ["hi", "bye"], ["greet", "leave"])
    assert (data.groups, data.times, data.splits) == ([None, "c7"], [None, "2024-05-01"], ["train", None])
    assert data.annotations == [None, ["leave", "greet"]]


def test_rows_are_taken_in_the_order_asked_for_and_keep_the_version_s_name():
    taken = dataset().take(np.array([1, 0, 1]))
    assert (taken.ids, taken.name) == (["b", "a", "b"], "raw-1")
    assert len(dataset().take([])) == 0
