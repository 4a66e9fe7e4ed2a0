"""A folder is read whole, whatever one of its files is like."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pdf_files import encrypted, pdf

from suffice.errors import DataError
from suffice.records.knowledge import WindowSize
from suffice.records.progress import SILENT
from suffice.retrieval import extra
from suffice.retrieval.formats import known
from suffice.retrieval.read import files_of, read_knowledge
from suffice.store.files import file_sha256


def test_one_bad_file_of_each_sort_costs_none_of_the_others(write, read, folder):
    write("good.md", "# Fees\nNone.")
    write("sub/good.txt", "Cards are free.")
    write("binary.txt", b"\0\1")
    write("empty.md", "")
    write("locked.pdf", encrypted(pdf(["x"]), password="p"))
    write("photo.png", b"\x89PNG")
    write("README", "text without an ending")
    write(".hidden/secret.md", "hidden")
    (folder / "gone.md").symlink_to(folder / "nowhere.md")
    (folder / "circle").symlink_to(folder)
    os.mkfifo(folder / "pipe.txt")
    knowledge = read()
    assert [p.source for p in knowledge.passages] == ["good.md", "sub/good.txt"]
    assert {s.where: s.got for s in knowledge.skipped} == {
        "README": "a name without an ending",
        "binary.txt": "a binary file (byte 0 at 0)",
        "circle": "a folder that cannot be entered, or a link to one",
        "empty.md": "an empty file",
        "gone.md": "no file, or a link to nowhere",
        "locked.pdf": "an encrypted file",
        "photo.png": "the ending '.png'",
        "pipe.txt": "no file, or a link to nowhere",
    }
    assert [(f.source, f.n_passages) for f in knowledge.files] == [
        ("binary.txt", 0),
        ("empty.md", 0),
        ("good.md", 1),
        ("locked.pdf", 0),
        ("sub/good.txt", 1),
    ]
    assert knowledge.files[2].sha256 == file_sha256(folder / "good.md")


def test_a_link_is_followed_to_a_file_inside_the_folder_and_nowhere_else(write, read, folder, tmp_path):
    write("fees.md", "# Fees\nNone.")
    outside = tmp_path / "secret.md"
    outside.write_text("# Keys\nUnder the mat.")
    (tmp_path / "more").mkdir()
    (folder / "also.md").symlink_to(folder / "fees.md")
    (folder / "keys.md").symlink_to(outside)
    (folder / "up.md").symlink_to(folder / ".." / "secret.md")
    (folder / "more").symlink_to(tmp_path / "more")
    (folder / "loop.md").symlink_to(folder / "loop.md")
    knowledge = read()
    assert {(p.source, p.text) for p in knowledge.passages} == {("also.md", "None."), ("fees.md", "None.")}
    told = {s.where: (s.rule, s.got) for s in knowledge.skipped}
    rule = "a link in a folder of knowledge must lead to a file inside it"
    assert told == {
        "keys.md": (rule, f"a link to '{outside}'"),
        "up.md": (rule, f"a link to '{outside}'"),
        "more": (rule, f"a link to '{tmp_path / 'more'}'"),
        "loop.md": ("knowledge must be in files", "no file, or a link to nowhere"),
    }
    assert [f.source for f in knowledge.files] == ["also.md", "fees.md"]


def test_a_folder_that_is_itself_a_link_is_the_one_that_was_named(write, folder, tmp_path):
    write("fees.md", "# Fees\nNone.")
    (tmp_path / "linked").symlink_to(folder)
    assert [*files_of([tmp_path / "linked"])] == ["fees.md"]


def test_an_empty_folder_is_named(read, folder):
    with pytest.raises(DataError) as caught:
        read()
    assert caught.value.problems[0].where == repr(str(folder))


def test_a_folder_with_nothing_readable_is_an_error_that_names_all(write, read):
    write("a.txt", b"\0")
    write("b.png", b"x")
    with pytest.raises(
        DataError, match=r"(?s)a\.txt: .*binary.*b\.png: .*ending '\.png'\n  fix: save it as one of \.md"
    ):
        read()


def test_an_empty_folder_says_what_belongs_there(read):
    with pytest.raises(DataError, match=r"none that is not hidden\n  fix: put files there that end in \.md, \.mark"):
        read()


def test_a_path_that_is_not_there_names_its_neighbour(write, folder):
    write("guide.md", "text")
    with pytest.raises(DataError, match=r"no such file or folder \(nearest: 'guide.md'\)\n  fix: correct the path"):
        read_knowledge([folder / "guid.md"], window=WindowSize(), progress=SILENT)


def test_files_are_named_below_the_folder_that_holds_them_all_and_read_once(write, folder):
    paths = [write("a/x.txt", "one"), write("b/x.txt", "two")]
    assert list(files_of([*paths, folder / "a"])) == ["a/x.txt", "b/x.txt"]
    assert list(files_of(paths[:1])) == ["x.txt"]


def test_a_file_too_long_to_parse_in_time_is_not_begun(write, read, monkeypatch):
    small = [known.Format(name="text", endings=(".txt",), max_bytes=4, read=known.read_text)]
    monkeypatch.setattr(known, "FORMATS", tuple(small))
    write("a.txt", "four")
    write("b.txt", "longer")
    assert [(s.where, s.got, s.fix) for s in read().skipped] == [("b.txt", "6 bytes", "divide it into several files")]


def test_a_missing_extra_names_its_install_line(write, monkeypatch):
    path = write("a.txt", "text")
    monkeypatch.setattr(extra, "find_spec", lambda name: None if name == "pypdf" else object())
    with pytest.raises(DataError, match=r"not installed: pypdf\n  fix: pip install 'suffice\[retrieval\]'"):
        read_knowledge([path], window=WindowSize(), progress=SILENT)


def test_every_format_is_read_by_each_of_its_endings(write, read):
    content: dict[str, str | bytes] = {"JSON Lines": '{"text": "x"}', "PDF": pdf(["x"])}
    for format_ in known.FORMATS:
        for ending in format_.endings:
            write(f"file{ending.upper()}", content.get(format_.name, "x"))
    endings = sorted(ending for format_ in known.FORMATS for ending in format_.endings)
    assert sorted(Path(p.source).suffix.lower() for p in read().passages) == endings
    assert len(endings) == 10


def test_a_name_that_is_no_utf_8_is_told_with_a_mark_in_it(write, folder):
    (folder / os.fsdecode(b"gr\xfc\xdfe.txt")).write_text("hello")
    knowledge = read_knowledge([folder], window=WindowSize(), progress=SILENT)
    assert [(p.source, p.text) for p in knowledge.passages] == [("gr??e.txt", "hello")]
