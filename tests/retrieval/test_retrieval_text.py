"""Text files, and the encodings that are not guessed."""

from __future__ import annotations

import codecs

import pytest

from suffice.errors import DataError


def test_a_file_is_one_section_and_line_ends_do_not_count(write, read):
    write("a.txt", codecs.BOM_UTF8 + "\r\nGrüße\r\nan alle\r\n".encode())
    assert [(p.text, p.line, p.headings) for p in read().passages] == [("Grüße\nan alle", 2, ())]


@pytest.mark.parametrize(
    ("content", "got", "fix"),
    [
        ("Grüße".encode("utf-16"), r"UTF-16 text", r"iconv -f UTF-16 -t UTF-8 a\.txt"),
        (b"first\nGr\xfc\xdfe", r"byte 0xfc in line 2, which is no UTF-8", r"iconv -f WINDOWS-1252"),
        (b"\x7fELF\x00\x01", r"a binary file \(byte 0 at 4\)", r"take the file out"),
        (b"", r"an empty file", r"take it out, or fill it"),
        (codecs.BOM_UTF8 + b" \n\t\n", r"none between its marks", r"take it out, or fill it"),
    ],
)
def test_what_is_no_text_is_named_with_what_to_do(write, read, content, got, fix):
    write("a.txt", content)
    with pytest.raises(DataError, match=rf"a\.txt: .*\n  got: {got}.*\n  fix: .*{fix}"):
        read()
