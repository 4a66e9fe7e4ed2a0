"""A parser that takes too long or ends is given up, and the next file is read."""

from __future__ import annotations

import os
import signal

import pytest

from suffice.errors import DataError
from suffice.retrieval.apart import Apart
from suffice.retrieval.document import read_document


def test_it_reads_as_this_process_does(write):
    rows = '{"text": "x \\ud83d"}\n{"text": 1}'
    paths = [write("a b.md", "# A\nText\n"), write("b.jsonl", rows), write("c.txt", "ü\n" * 90_000)]
    with Apart() as apart:
        assert [apart.parse(path, path.name) for path in paths] == [read_document(p, name=p.name) for p in paths]
        with pytest.raises(DataError, match=r"d\.txt: .*\n  got: a binary file"):
            apart.parse(write("d.txt", b"\0"), "d.txt")


def test_what_takes_too_long_is_named_and_costs_no_other(write):
    # Lexbor looks through all open elements at each new one: this takes it minutes.
    page, text = write("a.html", "<div>" * 300_000), write("b.txt", "text")
    with Apart(max_seconds=0.5) as apart:
        with pytest.raises(DataError, match=r"a\.html: .*\n  got: no end after 0.5 seconds\n  fix: divide it"):
            apart.parse(page, "a.html")
        apart._max_seconds = 60
        assert apart.parse(text, "b.txt").sections[0].text == "text"


def test_a_process_that_was_killed_is_started_again(write):
    text = write("b.txt", "text")
    with Apart() as apart:
        apart.parse(text, "b.txt")
        process = apart._process
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert apart.parse(text, "b.txt").sections[0].text == "text"
        last = apart._process
    assert last.returncode == -9


def test_a_parser_that_ends_within_a_file_is_named(write, monkeypatch):
    monkeypatch.setattr("suffice.retrieval.apart.PROGRAM", "import sys; sys.stdin.readline(); sys.exit(3)")
    with Apart() as apart, pytest.raises(DataError, match=r"got: its parser ended without an answer \(exit code 3\)"):
        apart.parse(write("b.txt", "text"), "b.txt")
