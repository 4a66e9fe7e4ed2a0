import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from suffice.dataset import open_source
from suffice.records.progress import SILENT
from suffice.records.task import DataSpec


@pytest.fixture
def write_table(tmp_path):
    def write(name="m.parquet", **columns):
        pq.write_table(pa.table(columns), tmp_path / name)

    return write


def test_strings_of_every_arrow_type_are_read(write_table, read):
    write_table(
        text=pa.array(["a", "b"], pa.large_string()), label=pa.array(["x", "y"], pa.dictionary(pa.int8(), pa.string()))
    )
    assert [(r["id"][:12], r["text"], r["label"]) for r in read("m.parquet")] == [
        ("m.parquet:0:", "a", "x"),
        ("m.parquet:1:", "b", "y"),
    ]


def test_numbers_of_classes_become_their_text(write_table, read):
    write_table(text=["a", "b"], label=pa.array([0, 11], pa.int64()))
    assert [r["label"] for r in read("m.parquet")] == ["0", "11"]


def test_a_bad_cell_is_told_by_its_row_as_there_are_no_lines(write_table, refused):
    write_table(text=["a", None, "c"], label=pa.array([1.0, 2.0, float("nan")]))
    assert [(p.where, p.got) for p in refused("m.parquet")] == [
        ("m.parquet: row 0", "a number: 1.0"),
        ("m.parquet: row 1", "null, or nothing there"),
        ("m.parquet: row 1", "a number: 2.0"),
        ("m.parquet: row 2", "a number: nan"),
    ]


def test_text_as_bytes_is_told(write_table, refused):
    write_table(text=[b"a"], label=["x"])
    assert refused("m.parquet")[0].got == "bytes: b'a'"


def test_a_string_that_is_not_utf8_is_told_by_its_row(write_table, refused):
    bad = pa.Array.from_buffers(pa.string(), 2, pa.array([b"ok", b"caf\xe9"], pa.binary()).buffers())
    write_table(text=bad, label=["x", "y"])
    assert [(p.where, p.got) for p in refused("m.parquet")] == [("m.parquet: row 1", "byte 0xe9")]


def test_dates_and_times_are_written_in_iso_8601(write_table, read):
    day, moment = datetime.date(2024, 1, 31), 1_706_693_400_123_456_789
    write_table(text=["a"], label=["x"], day=[day], at=pa.array([moment], pa.timestamp("ns")))
    assert [r["time"] for r in read("m.parquet", time="day")] == ["2024-01-31"]
    # date -u -d @1706693400 --iso-8601=seconds
    assert [r["time"] for r in read("m.parquet", time="at")] == ["2024-01-31T09:30:00.123456"]


def test_lists_of_turns_are_recognised_as_chats(write_table, read):
    turns = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "greet"}]
    write_table(messages=[turns])
    assert [(r["text"], r["label"]) for r in read("m.parquet")] == [("hello", "greet")]


def test_a_column_with_a_dot_in_its_name_is_read(write_table, read):
    write_table(**{"a.text": ["a"], "label": ["x"]})
    assert [r["text"] for r in read("m.parquet", text="a.text")] == ["a"]


def test_a_damaged_file_is_refused(write_table, write, refused, tmp_path):
    write_table(text=["a"] * 1000, label=["x"] * 1000)
    whole = (tmp_path / "m.parquet").read_bytes()
    write("m.parquet", whole[: len(whole) // 2])
    (problem,) = refused("m.parquet")
    assert problem.rule == "the file must be a whole Parquet file"
    assert "magic bytes" in problem.got
    assert "fetch it again if the download was cut off" in problem.fix


def test_columns_with_one_name_are_refused(tmp_path, refused):
    table = pa.Table.from_arrays([pa.array(["a"])] * 2, names=["text", "text"])
    pq.write_table(table, tmp_path / "m.parquet")
    (problem,) = refused("m.parquet")
    assert (problem.got, problem.fix) == ("more than one column named 'text'", "rename all but one of them")


def test_a_table_without_rows_is_refused(write_table, refused):
    write_table(text=pa.array([], pa.string()), label=pa.array([], pa.string()))
    assert refused("m.parquet")[0].got == "no row"


def test_long_texts_come_in_small_batches(write_table, tmp_path):
    write_table(text=[f"{n}" * 1_000_000 for n in range(40)], label=["x"] * 40)
    source = open_source(DataSpec(path="m.parquet"), folder=tmp_path, progress=SILENT)
    # 40 texts of a million or two million characters are about 70 MB, and a chunk is 16 MiB.
    sizes = [batch.num_rows for batch in source.batches()]
    assert sum(sizes) == 40
    assert max(sizes) <= 16
