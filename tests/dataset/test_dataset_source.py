import hashlib
import json
import tracemalloc
from contextlib import contextmanager

import pytest

from suffice.dataset import open_source
from suffice.dataset.chunk import CHUNK_ROWS
from suffice.errors import MAX_SHOWN, DataError
from suffice.records.dataset import SCHEMA
from suffice.records.progress import SILENT
from suffice.records.task import DataSpec


class Watched:
    """Progress that remembers the steps and what was done in them."""

    def __init__(self):
        self.steps = []

    @contextmanager
    def step(self, what, *, total):
        done = []
        yield done.append
        self.steps.append((what, total, sum(done)))

    def say(self, message):
        raise AssertionError(message)


def test_batches_have_the_schema_of_every_data_version(write, tmp_path):
    write("m.csv", "text,label\na,x\n")
    batches = list(open_source(DataSpec(path="m.csv"), folder=tmp_path, progress=SILENT).batches())
    assert [batch.schema for batch in batches] == [SCHEMA]
    assert all(not field.nullable for field in SCHEMA if field.name in ("id", "text", "label"))


def test_all_columns_of_a_row_are_read(write, read):
    write("m.csv", "number,subject,body,kind,customer,sent,part,ann,bob\n7,Card,Lost,card,c1,2024-01-31,dev,card,pin\n")
    names = {"id": "number", "text": ["subject", "body"], "label": "kind", "group": "customer", "time": "sent"}
    assert read("m.csv", **names, split="part", annotators=["ann", "bob"]) == [
        {
            "id": "7",
            "source": "m.csv",
            "row": 0,
            "text": "Card\n\nLost",
            "label": "card",
            "group": "c1",
            "time": "2024-01-31",
            "split": "validation",
            "annotations": ["card", "pin"],
            "columns": None,
        }
    ]


def test_a_source_is_read_as_often_as_asked(write, tmp_path):
    write("m.csv", "text,label\na,x\n")
    source = open_source(DataSpec(path="m.csv"), folder=tmp_path, progress=SILENT)
    assert [b.num_rows for b in source.batches()] == [b.num_rows for b in source.batches()] == [1]


def test_files_are_known_by_size_and_hash(write, tmp_path):
    content = b"text,label\na,x\n"
    write("a.csv", content)
    write("b.csv", content + b"b,y\n")
    source = open_source(DataSpec(train="a.csv", test="b.csv"), folder=tmp_path, progress=SILENT)
    assert [(file.name, file.size_bytes) for file in source.sources] == [("a.csv", 15), ("b.csv", 19)]
    assert source.sources[0].sha256 == hashlib.sha256(content).hexdigest()


def test_every_problem_of_all_files_is_told_in_the_order_of_the_files(write, refused):
    write("a.csv", b"text,label\na,\nb\xe9,\n")
    write("b.jsonl", '{"text": "a", "label": "x"}\n{"text": 1, "label": []}\n')
    assert [p.where for p in refused(train="a.csv", test="b.jsonl")] == [
        "a.csv:2",
        "a.csv:3",
        "a.csv:3",
        "b.jsonl:2",
        "b.jsonl:2",
    ]


def test_the_first_problems_are_kept_and_the_rest_counted(write, tmp_path):
    write("m.csv", "text,label\n" + "a,\n" * 1_000)
    source = open_source(DataSpec(path="m.csv"), folder=tmp_path, progress=SILENT)
    with pytest.raises(DataError, match="and 980 more problems like these") as caught:
        list(source.batches())
    assert [p.where for p in caught.value.problems] == [f"m.csv:{n}" for n in range(2, MAX_SHOWN + 2)]


def test_rows_after_a_problem_are_checked_but_not_given(write, tmp_path):
    write("m.csv", "text,label\n" + "a,x\n" * CHUNK_ROWS + "a,\n" + "a,x\n" * CHUNK_ROWS + "a,\n")
    source = open_source(DataSpec(path="m.csv"), folder=tmp_path, progress=SILENT)
    rows = []
    with pytest.raises(DataError) as caught:
        rows.extend(batch.num_rows for batch in source.batches())
    assert rows == [CHUNK_ROWS]
    assert [p.where for p in caught.value.problems] == [f"m.csv:{CHUNK_ROWS + 2}", f"m.csv:{2 * CHUNK_ROWS + 3}"]


def peak_memory_of(n_rows: int, *, write, folder) -> int:
    """Bytes at most held while a file of this many rows and a bad line at its end is read."""
    row = '"a message on\ntwo lines that is repeated many times",label\n'
    write("m.csv", "text,label\n" + row * n_rows + "oops\n" + row)
    source = open_source(DataSpec(path="m.csv"), folder=folder, progress=SILENT)
    tracemalloc.start()
    with pytest.raises(DataError, match=f"m.csv:{2 * n_rows + 2}: a row must have 2 cells"):
        for _ in source.batches():
            pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_a_bad_line_near_the_end_is_found_in_memory_that_does_not_grow_with_the_file(write, tmp_path):
    small, large = (peak_memory_of(n_rows, write=write, folder=tmp_path) for n_rows in (30_000, 120_000))
    assert large < 1.1 * small


def test_progress_is_told_bytes_of_every_file(write, tmp_path):
    content = "text,label\n" + "some text,x\n" * 200_000
    write("m.csv", content)
    watched = Watched()
    source = open_source(DataSpec(path="m.csv"), folder=tmp_path, progress=watched)
    list(source.batches())
    assert watched.steps == [
        ("hashing m.csv", len(content), len(content)),
        ("reading m.csv", len(content), len(content)),
    ]


@pytest.mark.parametrize(("name", "content"), [("m.csv", "text,label\n"), ("m.tsv", "text\tlabel"), ("m.json", "[]")])
def test_a_file_without_rows_is_refused(write, refused, name, content):
    write(name, content)
    (problem,) = refused(name)
    assert (problem.where, problem.rule) == (name, "the file must have rows")
    assert problem.got == ("no row" if name == "m.json" else "a header only")
    assert "the export may have failed" in problem.fix


def test_a_file_of_nothing_but_bad_rows_tells_them(write, refused):
    write("m.jsonl", '{"text": \n{"label": \n')
    assert [p.where for p in refused("m.jsonl")] == ["m.jsonl:1", "m.jsonl:2"]


def test_ids_of_the_data_are_taken_and_must_differ(write, refused, read):
    write("m.csv", "id,text,label\na,a,x\nb,b,x\na,c,x\na,d,x\n")
    assert [(p.where, p.rule, p.got) for p in refused("m.csv", id="id")] == [
        ("m.csv:4", "id must be there once", "'a', the id of m.csv:2 too"),
        ("m.csv:5", "id must be there once", "'a', the id of m.csv:2 too"),
    ]
    assert "take data.id out of the task file" in refused("m.csv", id="id")[0].fix
    assert len({r["id"] for r in read("m.csv")}) == 4


def test_an_id_repeated_in_another_file_is_told(write, refused):
    write("a.jsonl", '{"id": 1, "text": "a", "label": "x"}\n')
    write("b.jsonl", '{"id": "1", "text": "b", "label": "x"}\n')
    (problem,) = refused(train="a.jsonl", test="b.jsonl", id="id")
    assert (problem.where, problem.got) == ("b.jsonl:1", "'1', the id of a.jsonl:1 too")


def test_many_repeated_ids_are_counted(write, tmp_path):
    rows = [json.dumps({"id": n % 100, "text": "a", "label": "x"}) for n in range(30_000)]
    write("m.jsonl", "\n".join(rows))
    source = open_source(DataSpec(path="m.jsonl", id="id"), folder=tmp_path, progress=SILENT)
    with pytest.raises(DataError, match="and 29,880 more problems") as caught:
        list(source.batches())
    assert caught.value.problems[0].where == "m.jsonl:101"


def test_any_column_can_be_read_by_itself(write, tmp_path):
    write("m.csv", "text,label,more\na,x,1\nb,y,2\n")
    source = open_source(DataSpec(path="m.csv"), folder=tmp_path, progress=SILENT)
    assert list(source.column("more")) == [["1", "2"]]


def test_rows_are_found_again_where_an_editor_shows_them(write, tmp_path):
    write("a.csv", 'text,label\n"two\nlines",x\n\nb,y\n')
    write("b.jsonl", '{"text": "c", "label": "x"}\n\n{"text": "d", "label": "y"}\n')
    source = open_source(DataSpec(train="a.csv", test="b.jsonl"), folder=tmp_path, progress=SILENT)
    places = source.places([("a.csv", 1), ("b.jsonl", 1), ("b.jsonl", 7)])
    assert places == {("a.csv", 1): "a.csv:5", ("b.jsonl", 1): "b.jsonl:3"}
