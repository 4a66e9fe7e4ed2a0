import gzip
import io
import json
import zipfile

import pytest


def xlsx() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("xl/workbook.xml"), "<workbook/>")
    return buffer.getvalue()


JSON_LINES = b'{"text": "a", "label": "x"}\n{"text": "b", "label": "y"}\n'
LONG_LINE = json.dumps({"text": "a" * 9000, "label": "x"}).encode() + b"\n"


@pytest.mark.parametrize(
    ("name", "content", "got", "fix"),
    [
        ("m.csv", xlsx(), "a zip archive, which Excel's .xlsx is too", "save the sheet as CSV UTF-8"),
        ("m.csv", gzip.compress(b"text,label\n", mtime=0), "a gzip archive", "unpack it with gunzip"),
        ("m.csv", b"PAR1....", "a Parquet file", "name it .parquet"),
        ("m.csv", b"\n<!DOCTYPE html>\n<html>", "an HTML page", "download the file itself"),
        ("m.csv", b"<HTML>", "an HTML page", "download the file itself"),
        ("m.jsonl", b"%PDF-1.7", "a PDF document", "export the rows as CSV"),
        ("m.parquet", b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer", "git lfs pull"),
        ("m.csv", JSON_LINES, "JSON Lines", "name it .jsonl"),
        ("m.csv", LONG_LINE, "JSON Lines", "name it .jsonl"),
        ("m.tsv", b"[\n  {", "a JSON array", "name it .json"),
        ("m.jsonl", b'[{"text": "a"}]', "a JSON array", "name it .json"),
        ("m.jsonl", b"text,label\na,x\n", "text that begins with 'text,label", "name it .csv if it is CSV"),
        ("m.json", JSON_LINES, "JSON Lines, one object a line", "name it .jsonl"),
        ("m.json", b'{"data": [1, 2]}', "one JSON object", "write an array of objects"),
        ("m.json", b"text,label\n", "text that begins with 'text,label", "name it .csv if it is CSV"),
        ("m.parquet", b"text,label\na,x\n", "a file that does not begin with PAR1", "name it by what it holds"),
        ("m.csv", "text,label\na,x\n".encode("utf-16"), "UTF-16 text", "iconv -f UTF-16 -t UTF-8 m.csv > utf8-m.csv"),
        ("m.csv", b"", "an empty file", "give a file with rows in it"),
        ("m.jsonl", b"\xef\xbb\xbf \n\n", "an empty file", "give a file with rows in it"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_one_problem(write, refused, name, content, got, fix):
    write(name, content)
    (problem,) = refused(name)
    assert problem.where == name
    assert got in problem.got
    assert fix in problem.fix


@pytest.mark.parametrize(
    ("name", "got", "fix"),
    [
        ("m.csv.gz", "a compressed file (.gz)", "unpack it: gunzip -k m.csv.gz"),
        ("m.zip", "a compressed file (.zip)", "unpack it: unzip m.zip"),
        ("m.xlsx", "a spreadsheet (.xlsx)", "save the sheet as CSV UTF-8"),
        ("m.txt", "the ending '.txt'", "name it by what it holds: .parquet, .csv, .tsv, .tab, .jsonl, .ndjson, .json"),
        ("messages", "a name without an ending", "name it by what it holds"),
    ],
)
def test_a_name_that_says_no_format_is_refused(write, refused, name, got, fix):
    write(name, b"anything")
    (problem,) = refused(name)
    assert (problem.where, problem.got) == (name, got)
    assert fix in problem.fix
    assert problem.rule == "the file must be CSV, TSV, JSON Lines, JSON or Parquet, uncompressed"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("M.CSV", b"text,label\n[urgent] a,x\n"),
        ("m.csv", b"[text],label\na,x\n"),
        ("m.ndjson", b'\n{"text": "a", "label": "x"}\n'),
        ("m.json", b'\xef\xbb\xbf [{"text": "a", "label": "x"}]'),
    ],
)
def test_a_file_that_only_looks_odd_is_read(write, read, name, content):
    write(name, content)
    assert len(read(name, **({"text": "[text]"} if b"[text]" in content else {}))) == 1
