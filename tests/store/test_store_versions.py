import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.errors import DataError, Problem, StorageError
from suffice.records.dataset import SCHEMA
from suffice.store.versions import VersionManifest, find_version, list_versions, open_version, write_version

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def table(texts: list[str]) -> pa.Table:
    rows = [
        {"id": f"r{n}", "source": "m.csv", "row": n, "text": text, "label": "a"}
        | dict.fromkeys(("group", "time", "split"))
        for n, text in enumerate(texts)
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def write(folder: Path, texts: list[str], *, size: int = 1_000, parent: str | None = None) -> VersionManifest:
    batches = table(texts).to_batches(max_chunksize=size)
    return write_version(folder, batches, parent=parent, change="as read", sources=[("m.csv", "5e1f")], text=["text"])


def test_what_is_written_is_read_back(tmp_path: Path):
    manifest = write(tmp_path, ["hi", "grün \x00 \n", ""], size=2)
    data = open_version(tmp_path, manifest.name)
    assert (data.table.schema, data.texts) == (SCHEMA, ["hi", "grün \x00 \n", ""])
    assert (data.name, manifest.n_rows, manifest.sources) == (manifest.name, 3, (("m.csv", "5e1f"),))
    assert find_version(tmp_path, manifest.name) == manifest


def test_the_first_version_is_raw_and_one_that_was_made_of_it_is_clean(tmp_path: Path):
    raw = write(tmp_path, ["hi"])
    clean = write(tmp_path, ["hi!"], parent=raw.name)
    assert (raw.name, clean.name) == (f"raw-{raw.sha256[:12]}", f"clean-{clean.sha256[:12]}")
    assert clean.parent == raw.name


@given(st.lists(TEXTS, min_size=1, max_size=9), st.integers(1, 9))
def test_the_same_rows_have_the_same_name_whatever_the_batches(tmp_path_factory, texts, size):
    folder = tmp_path_factory.mktemp("versions")
    assert write(folder, texts, size=size) == write(folder, texts)
    assert len(list_versions(folder)) == 1


def test_any_change_of_a_row_is_another_version(tmp_path: Path):
    known = {write(tmp_path, texts).name for texts in (["a", "b"], ["b", "a"], ["a"], ["a", "b", "c"], ["a, b"])}
    assert len(known) == 5


def test_an_error_among_the_rows_leaves_nothing_behind(tmp_path: Path):
    def batches() -> Iterator[pa.RecordBatch]:
        yield from table(["hi"]).to_batches()
        raise DataError(Problem(where="m.csv:3", rule="a row must be whole", got="'x", fix="close the quote"))

    with pytest.raises(DataError, match="close the quote"):
        write_version(tmp_path / "data", batches(), parent=None, change="", sources=[], text=["text"])
    assert list((tmp_path / "data").iterdir()) == []


def test_what_a_kill_left_behind_is_no_version_and_goes_with_the_next_write(tmp_path: Path):
    name = write(tmp_path, ["hi"]).name
    (tmp_path / name).rename(tmp_path / ".incoming")
    assert list_versions(tmp_path) == []
    write(tmp_path, ["hi"])
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_version_is_never_written_again(tmp_path: Path):
    name = write(tmp_path, ["hi"]).name
    before = (tmp_path / name / "rows.parquet").stat().st_ino
    write(tmp_path, ["hi"])
    assert (tmp_path / name / "rows.parquet").stat().st_ino == before


def test_cleaned_rows_that_are_there_already_become_the_newest_with_what_stands_beside_them(tmp_path: Path):
    raw = write(tmp_path, ["hi"])
    first = write(tmp_path, ["one"], parent=raw.name)
    os.utime(tmp_path / first.name / "manifest.json", (1_000, 1_000))
    write(tmp_path, ["two"], parent=raw.name)
    before = (tmp_path / first.name / "rows.parquet").stat().st_ino
    batches = table(["one"]).to_batches()
    beside = {"changes.jsonl": "another way\n"}
    again = write_version(tmp_path, batches, parent="raw-2", change="", sources=[], text=["text"], beside=beside)
    assert list_versions(tmp_path)[-1] == again
    assert (tmp_path / again.name / "changes.jsonl").read_text() == "another way\n"
    assert (tmp_path / again.name / "rows.parquet").stat().st_ino == before


def test_rows_are_mapped_from_disk_and_not_loaded(tmp_path: Path):
    name = write(tmp_path, ["x" * 1_000] * 5_000).name
    open_version(tmp_path, name)
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    data = open_version(tmp_path, name)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert data.table.nbytes > 5_000_000
    assert pa.total_allocated_bytes() - before < 100_000
    assert peak < 1_000_000


def test_the_mapped_file_can_be_made_again(tmp_path: Path):
    name = write(tmp_path, ["hi"]).name
    open_version(tmp_path, name)
    (tmp_path / name / "rows.arrow").unlink()
    assert open_version(tmp_path, name).texts == ["hi"]


def test_what_annotators_chose_is_read_back_and_is_part_of_the_name(tmp_path: Path):
    rows = table(["a", "b"])
    given = pa.array([["x", "y"], None], SCHEMA.field("annotations").type)
    rows = rows.set_column(rows.schema.get_field_index("annotations"), SCHEMA.field("annotations"), given)
    made = write_version(tmp_path, rows.to_batches(), parent=None, change="", sources=[], text=["text"])
    assert open_version(tmp_path, made.name).annotations == [["x", "y"], None]
    assert made.sha256 != write(tmp_path, ["a", "b"]).sha256


def test_a_version_from_before_there_were_annotations_is_read_and_keeps_its_name(tmp_path: Path):
    made = write(tmp_path, ["a", "b"])
    # The hash that the version before annotations gave the same rows.
    assert made.name == "raw-65b517a5f53f"
    older = pq.read_table(tmp_path / made.name / "rows.parquet").drop_columns(["annotations"])
    pq.write_table(older, tmp_path / made.name / "rows.parquet")
    for again in (False, True):  # The mapped file of that time has no such column either.
        data = open_version(tmp_path, made.name)
        assert (data.table.schema, data.texts, data.annotations) == (SCHEMA, ["a", "b"], [None, None])
        if not again:
            mapped = tmp_path / made.name / "rows.arrow"
            with pa.OSFile(str(mapped), "wb") as sink, pa.ipc.new_file(sink, older.schema) as writer:
                writer.write_table(older)


def test_versions_are_listed_oldest_first(tmp_path: Path):
    made = [write(tmp_path, [text]) for text in ("one", "two", "three")]
    for age, manifest in enumerate(reversed(made)):
        os.utime(tmp_path / manifest.name / "manifest.json", (1_000 - age, 1_000 - age))
    assert list_versions(tmp_path) == made


def test_a_version_is_found_by_its_name_and_by_the_beginning_of_its_hash(tmp_path: Path):
    one, two = write(tmp_path, ["one"]), write(tmp_path, ["two"])
    for manifest in (one, two):
        for name in (manifest.name, manifest.sha256, manifest.sha256[:4]):
            assert find_version(tmp_path, name) == manifest


@pytest.mark.parametrize("name", ["raw-000000000000", "zzzz", ""])
def test_an_unknown_version_is_told_with_those_that_there_are(tmp_path: Path, name: str):
    known = write(tmp_path, ["one"]).name
    with pytest.raises(
        DataError, match=f"(?s)data.version: must be .*got: '{name}', which none has\n  fix: there are: .*{known}"
    ):
        find_version(tmp_path, name)


def test_the_beginning_of_a_name_is_enough_where_it_is_that_of_one_and_a_whole_name_always(tmp_path: Path):
    raw = write(tmp_path, ["one"])
    clean = write(tmp_path, ["two"], parent=raw.name)
    assert (find_version(tmp_path, "clean"), find_version(tmp_path, raw.name[:7])) == (clean, raw)
    (tmp_path / f"{clean.name}0").mkdir()
    longer = (tmp_path / clean.name / "manifest.json").read_text().replace(clean.name, f"{clean.name}0")
    (tmp_path / f"{clean.name}0" / "manifest.json").write_text(longer)
    assert find_version(tmp_path, clean.name) == clean
    with pytest.raises(DataError, match=r"got: 'clean', which several have\n  fix: say which: .*clean-\w+, .*clean-"):
        find_version(tmp_path, "clean")


def test_raw_is_what_was_read_last_and_latest_what_was_made_of_it_last(tmp_path: Path):
    one = write(tmp_path, ["one"])
    made = write(tmp_path, ["made of one"], parent=one.name)
    two = write(tmp_path, ["two"])
    assert (find_version(tmp_path, "raw"), find_version(tmp_path, "latest")) == (two, two)
    write(tmp_path, ["one"])
    assert (find_version(tmp_path, "raw"), find_version(tmp_path, "latest")) == (one, made)


def test_a_hash_s_first_three_digits_are_too_few(tmp_path: Path):
    with pytest.raises(DataError, match="must be"):
        find_version(tmp_path, write(tmp_path, ["one"]).sha256[:3])


def test_a_folder_without_versions_says_so(tmp_path: Path):
    with pytest.raises(DataError, match="fix: there is none here; name the output folder with --out"):
        open_version(tmp_path / "none", "raw-1")


def test_a_folder_that_is_a_file_is_told(tmp_path: Path):
    (tmp_path / "data").write_text("")
    with pytest.raises(StorageError, match="fix: name a folder, not a file"):
        write(tmp_path / "data", ["one"])


def test_kept_columns_are_read_back_and_are_part_of_the_name(tmp_path: Path):
    rows = table(["a", "b"])
    place = rows.schema.get_field_index("columns")
    names = set()
    for cells in ([[("region", "north")], [("region", None)]], [[("region", "north")], [("region", "south")]]):
        given = rows.set_column(place, SCHEMA.field("columns"), pa.array(cells, SCHEMA.field("columns").type))
        made = write_version(tmp_path, given.to_batches(), parent=None, change="", sources=[], text=["text"])
        data = open_version(tmp_path, made.name)
        assert (data.kept_columns, data.cells("region")) == (("region",), [dict(cell)["region"] for cell in cells])
        names.add(made.name)
    assert write(tmp_path, ["a", "b"]).name not in names
    assert len(names) == 2
    assert open_version(tmp_path, write(tmp_path, ["a", "b"]).name).kept_columns == ()


def test_a_version_from_before_columns_were_kept_is_read_and_keeps_its_name(tmp_path: Path):
    rows = table(["a", "b"])
    given = pa.array([["x", "y"], None], SCHEMA.field("annotations").type)
    rows = rows.set_column(rows.schema.get_field_index("annotations"), SCHEMA.field("annotations"), given)
    made = write_version(tmp_path, rows.to_batches(), parent=None, change="", sources=[], text=["text"])
    # The hash that the version before kept columns gave the same rows.
    assert made.name == "raw-c0f54ad597fe"
    older = pq.read_table(tmp_path / made.name / "rows.parquet").drop_columns(["columns"])
    pq.write_table(older, tmp_path / made.name / "rows.parquet")
    data = open_version(tmp_path, made.name)
    assert (data.table.schema, data.annotations, data.kept_columns) == (SCHEMA, [["x", "y"], None], ())
