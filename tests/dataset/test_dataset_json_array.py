import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.dataset.formats.json_array import read_json_array
from suffice.dataset.problems import Problems


@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_of_objects_is_read_however_it_is_laid_out(write, read, indent):
    rows = [{"text": f"a\n{n} }} ] \\", "label": "x"} for n in range(3)]
    write("m.json", json.dumps(rows, indent=indent))
    assert [(r["row"], r["text"]) for r in read("m.json")] == [(n, f"a\n{n} }} ] \\") for n in range(3)]


def test_a_row_is_told_at_the_line_where_it_starts(write, refused):
    write("m.json", '[\n  {"text": "a",\n   "label": "x"},\n  {"text": "b",\n   "label": null},\n  7\n]\n')
    assert [(p.where, p.got) for p in refused("m.json")] == [
        ("m.json:4", "null, or nothing there"),
        ("m.json:6", "7"),
    ]


@pytest.mark.parametrize(
    ("text", "where", "got"),
    [
        ('[{"text": "a", "label": "x"}', "m.json:1", "the end of the file where , or ] was expected"),
        ('[{"text": "a", "label": "x"}\n{"text"', "m.json:2", "'{\"text\"' where , or ] was expected"),
        ('[{"text": "a",\n "label": x}]', "m.json:2", "'x}]' (Expecting value)"),
        ('[{"text": "a", "label": "x"}]\n[]', "m.json:2", "more text after the array: '[]'"),
        ('[{"text": "a", "label": "x"},\n]', "m.json:2", "']' (Expecting value)"),
        ('[{"text": "a", "text": "b"}]', "m.json:1", "a key is there twice"),
        ('[{"text": "a", "label": "x"}, {"te', "m.json:1", "(Unterminated string starting at)"),
    ],
)
def test_the_point_where_the_file_stops_being_json_is_told(write, refused, text, where, got):
    write("m.json", text)
    (problem,) = refused("m.json")
    assert (problem.where, problem.rule) == (where, "the file must be one JSON array of objects")
    assert got in problem.got
    assert ".jsonl" in problem.fix


def test_a_number_that_is_too_long_is_told_by_its_digits(write, refused):
    write("m.json", f'[{{"text": "a", "label": "x"}},\n{{"text": "b", "label": {"1" * 5_000}}}]')
    (problem,) = refused("m.json")
    assert (problem.where, problem.rule) == ("m.json:2", "a number in JSON must have at most 4,300 digits")
    assert (problem.got, problem.fix) == ("one of 5,000 digits", "write it as text, in quotes")


def test_an_array_of_nothing_has_no_rows(write, refused):
    write("m.json", "[ ]\n")
    (problem,) = refused("m.json")
    assert (problem.rule, problem.got) == ("the file must have rows", "no row")


def test_a_row_may_be_cut_by_any_number_of_blocks(write, read):
    rows = [{"text": "é" * n, "label": "x"} for n in (1, 3_000_000, 2)]
    write("m.json", json.dumps(rows, ensure_ascii=False))
    assert [len(r["text"]) for r in read("m.json")] == [1, 3_000_000, 2]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner, max_size=3),
    max_leaves=5,
)


@given(
    rows=st.lists(st.fixed_dictionaries({"text": values, "label": values}), min_size=1),
    indent=st.sampled_from([None, 0, 2]),
)
def test_what_json_writes_is_read_back(tmp_path_factory, rows, indent):
    path = tmp_path_factory.mktemp("json") / "m.json"
    path.write_text(json.dumps(rows, indent=indent), encoding="utf-8")
    problems = Problems("m.json")
    chunks = list(read_json_array(path, wanted=("text", "label"), problems=problems, advance=lambda n: None))
    read = [
        {"text": text, "label": label}
        for chunk in chunks
        for text, label in zip(chunk.columns["text"], chunk.columns["label"], strict=True)
    ]
    assert (problems.n, read) == (0, rows)
