import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.dataset.blocks import LONGEST_LINE
from suffice.dataset.formats.delimited import read_csv
from suffice.dataset.problems import Problems


def test_rows_come_in_order_with_ids_made_of_source_row_and_text(write, read):
    write("messages.csv", "text,label\nhello,greet\nwhere is my card,card\n")
    # The first digits of sha256sum(1) on the two texts.
    assert [(r["id"], r["source"], r["row"], r["text"], r["label"], r["split"]) for r in read("messages.csv")] == [
        ("messages.csv:0:2cf24dba", "messages.csv", 0, "hello", "greet", None),
        ("messages.csv:1:32a9ac6d", "messages.csv", 1, "where is my card", "card", None),
    ]


def test_quoted_cells_hold_commas_quotes_and_line_ends(write, read):
    write("m.csv", 'text,label\n"a, ""b""\r\nc",x\n')
    assert [(r["text"], r["label"]) for r in read("m.csv")] == [('a, "b"\r\nc', "x")]


def test_tabs_divide_the_cells_of_a_tsv(write, read):
    write("m.tsv", "text\tlabel\na, b\tx\n")
    assert [(r["text"], r["label"]) for r in read("m.tsv")] == [("a, b", "x")]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_both_line_ends_blank_lines_and_a_missing_last_one_are_read(write, read, line_end):
    write("m.csv", line_end.join(["text,label", "a,x", "", "b,y"]))
    assert [(r["row"], r["text"], r["label"]) for r in read("m.csv")] == [(0, "a", "x"), (1, "b", "y")]


def test_white_space_in_cells_is_kept(write, read):
    write("m.csv", "text,label\n a ,x \n  ,y\n")
    assert [(r["text"], r["label"]) for r in read("m.csv")] == [(" a ", "x "), ("  ", "y")]


def test_an_empty_text_is_read_and_left_to_the_audit(write, read):
    write("m.csv", "text,label\n,x\n")
    assert [r["text"] for r in read("m.csv")] == [""]


def test_a_byte_order_mark_is_no_part_of_the_first_name(write, read):
    write("m.csv", b"\xef\xbb\xbftext,label\na,x\n")
    assert len(read("m.csv")) == 1


def test_rows_with_too_many_or_too_few_cells_are_told_at_the_line_where_they_start(write, refused):
    write("m.csv", 'text,label\n"two\nlines",x\n"three\nmore\nlines",x,oops\nshort\n')
    assert [(p.where, p.rule, p.got) for p in refused("m.csv")] == [
        ("m.csv:4", "a row must have 2 cells, as the header has", "3 in ['three\\nmore\\nlines', 'x', 'oops']"),
        ("m.csv:7", "a row must have 2 cells, as the header has", "1 in ['short']"),
    ]
    assert [p.fix for p in refused("m.csv")] == [
        "put quotes around a cell that holds the delimiter",
        "add the missing cells",
    ]


def test_a_quote_that_is_never_closed_is_told_where_it_opens(write, refused):
    write("m.csv", 'text,label\na,x\n"open,y\nb,z\n')
    (problem,) = refused("m.csv")
    assert problem.where == "m.csv:3"
    assert "still open at the end of the file, line 4" in problem.got
    assert 'inside a quoted cell write a quote as ""' in problem.fix


def test_text_after_a_closing_quote_is_told_and_the_next_rows_are_read(write, refused):
    write("m.csv", 'text,label\n"say "hi" now",x\nshort\n')
    assert [(p.where, p.rule) for p in refused("m.csv")] == [
        ("m.csv:2", "a quoted cell must end at its closing quote"),
        ("m.csv:3", "a row must have 2 cells, as the header has"),
    ]


def test_an_old_line_end_between_cells_is_told(write, refused):
    write("m.csv", b"text,label\nb\rc,x\n")
    (problem,) = refused("m.csv")
    assert (problem.where, problem.got) == ("m.csv:2", "a carriage return (\\r) between cells")
    assert "tr '\\r' '\\n' < m.csv" in problem.fix


def test_columns_with_one_name_are_refused(write, refused):
    write("m.csv", "text,label,text,,\na,x,b,,\n")
    (problem,) = refused("m.csv")
    assert (problem.where, problem.got) == ("m.csv:1", "more than one column named 'text'")
    assert problem.fix == "rename all but one of them"


def test_columns_without_a_name_are_passed_over(write, read):
    write("m.csv", "text,label,,\na,x,,\n")
    assert [r["text"] for r in read("m.csv")] == ["a"]


@pytest.mark.parametrize(
    ("name", "sign", "got", "fix"),
    [
        ("m.csv", ";", "semicolons in the header: 'text;label'", "save it with commas"),
        ("m.csv", "\t", "tabs in the header: 'text\\tlabel'", "save it with commas, or name it .tsv"),
        ("m.tsv", ",", "commas in the header: 'text,label'", "save it with tabs"),
    ],
)
def test_another_delimiter_than_the_name_says_is_told_once(write, refused, name, sign, got, fix):
    write(name, f"text{sign}label\na{sign}x\nb{sign}y\n")
    (problem,) = refused(name)
    assert (problem.where, problem.got, problem.fix) == (f"{name}:1", got, fix)


def test_a_field_of_ten_megabytes_is_read(write, read):
    write("m.csv", 'text,label\n"' + "long text\n" * 1_000_000 + '",x\n')
    assert [len(r["text"]) for r in read("m.csv")] == [10_000_000]


def test_a_quote_left_open_in_a_large_file_ends_at_the_longest_cell_and_not_in_all_memory(write, refused):
    lines = b"a line of text that follows,x\n" * (LONGEST_LINE // 30 + 10)
    write("m.csv", b'text,label\n"left open,x\n' + lines)
    first = refused("m.csv")[0]
    assert (first.where, first.got) == ("m.csv:2", "a cell that goes on beyond that")
    assert "close the quote" in first.fix


cell = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(rows=st.lists(st.tuples(cell, cell), min_size=1))
def test_what_the_csv_module_writes_is_read_back_at_its_lines(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "m.csv"
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    starts = []
    writer.writerow(["text", "label"])
    for row in rows:
        starts.append(text.getvalue().count("\n") + 1)
        writer.writerow(row)
    path.write_bytes(text.getvalue().encode())
    problems = Problems("m.csv")
    chunks = list(read_csv(path, wanted=("label", "text"), problems=problems, advance=lambda n: None))
    assert not problems.n
    assert [place for chunk in chunks for place in chunk.places] == starts
    assert [c for chunk in chunks for c in zip(chunk.columns["text"], chunk.columns["label"], strict=True)] == rows
