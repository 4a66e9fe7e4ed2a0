from __future__ import annotations

import pytest

from suffice.store.lines import append_line


def test_lines_are_added_at_the_end(tmp_path):
    for line in ("one", "zwei ü"):
        append_line(tmp_path / "f.jsonl", line)
    assert (tmp_path / "f.jsonl").read_bytes() == "one\nzwei ü\n".encode()


@pytest.mark.parametrize("left", [b'{"who": "an', b"\xc3"])
def test_what_a_crash_cut_off_stays_a_line_of_its_own(tmp_path, left):
    path = tmp_path / "f.jsonl"
    path.write_bytes(b"one\n" + left)
    append_line(path, "two")
    assert path.read_bytes() == b"one\n" + left + b"\ntwo\n"


def test_an_empty_file_gets_no_empty_line(tmp_path):
    (tmp_path / "f.jsonl").touch()
    append_line(tmp_path / "f.jsonl", "one")
    assert (tmp_path / "f.jsonl").read_text() == "one\n"
