"""The ledger of answers as it is written, into a real SQLite file."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from dataclasses import replace
from time import monotonic, sleep

import pytest
from ledger_entries import entry, rows, wait_for

from suffice.errors import StorageError
from suffice.store import requests_writer
from suffice.store.requests import read_entries
from suffice.store.requests_writer import Writer


def has_table(url):
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        return bool(connection.execute("select 1 from sqlite_master where name = 'answers'").fetchall())


def test_what_is_written_is_there_soon_without_being_asked_for(writer, url):
    assert requests_writer.FLUSH_S <= 0.5  # A killed process loses no more than a second.
    writer.write([entry(1), entry(2, label="money", text="my card")])
    wait_for(lambda: len(rows(url)) == 2)
    assert rows(url)[1][1:] == ("money", "my card")
    assert writer.is_well


def test_closing_writes_what_is_left(url, lost):
    writer = Writer(url, keep_days=None, lost=lost.append)
    writer.write([entry(i) for i in range(3_000)])
    writer.close()
    assert len(rows(url)) == 3_000
    assert lost == []


def test_what_cannot_be_written_at_the_end_is_tried_for_a_while_and_told(url, lost, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(requests_writer, "END_S", 0.0)
    writer = Writer(url, keep_days=None, lost=lost.append)
    shutil.rmtree(tmp_path / "deep")
    writer.write([entry(1, text="my secret"), entry(2)])
    for _ in range(2):
        writer.close()
        with pytest.raises(StorageError, match=r"answers\.sqlite[\s\S]*2 are in no ledger"):
            writer.require_all_written()
    assert lost == [2]
    # Once at first, and not again at every attempt; and nothing of a message.
    said = [record.getMessage() for record in caplog.records]
    assert [line.partition(" ")[0] for line in said] == ["the", "answers"]
    assert "cannot be written" in said[0]
    assert "secret" not in caplog.text


def test_what_can_be_written_after_some_time_at_the_end_is(url, lost, tmp_path, caplog):
    writer = Writer(url, keep_days=None, lost=lost.append)
    shutil.rmtree(tmp_path / "deep")
    writer.write([entry(1)])
    wait_for(lambda: not writer.is_well)
    back = threading.Timer(0.2, (tmp_path / "deep").mkdir)
    back.start()
    writer.close()
    writer.require_all_written()
    assert ([row[0] for row in rows(url)], lost) == ([f"{1:032d}"], [])
    assert caplog.messages[-1] == "the ledger is written again; answers that had waited: 1"


def test_writing_never_waits_for_the_database(writer, url):
    held = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    held.execute("begin exclusive")
    began = monotonic()
    writer.write([entry(i) for i in range(100)])
    assert monotonic() - began < 0.1
    wait_for(lambda: not writer.is_well)
    held.execute("rollback")
    wait_for(lambda: writer.is_well)
    assert len(rows(url)) == 100


def test_what_a_failed_attempt_wrote_is_not_written_twice(writer, url):
    held = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    held.execute("begin exclusive")
    writer.write([entry(1), entry(2)])
    wait_for(lambda: not writer.is_well)
    held.execute(
        "insert into answers (id, at, bundle, version, label, probability, route, latency_ms, cost, text_hash)"
        " values ('" + "1".zfill(32) + "', 1, 'tfidf', 'abc', 'card', 1, 'local', 1, 1, '00')"
    )
    held.execute("commit")
    wait_for(lambda: writer.is_well)
    assert [row[0] for row in rows(url)] == [f"{n:032d}" for n in (1, 2)]


def test_a_ledger_that_was_taken_away_is_begun_anew_or_waited_for(writer, url, tmp_path):
    writer.write([entry(1)])
    wait_for(lambda: len(rows(url)) == 1)
    shutil.rmtree(tmp_path / "deep")
    writer.write([entry(2)])
    wait_for(lambda: not writer.is_well)
    (tmp_path / "deep").mkdir()
    wait_for(lambda: writer.is_well)
    assert [row[0] for row in rows(url)] == [f"{2:032d}"]


def test_an_error_that_nobody_foresaw_ends_no_writing(writer, url, monkeypatch):
    def broken(entries, *, replaces):
        raise PermissionError("the folder may not be looked into")

    monkeypatch.setattr(writer, "_insert", broken)
    writer.write([entry(1)])
    wait_for(lambda: not writer.is_well)
    monkeypatch.undo()
    wait_for(lambda: writer.is_well)
    assert [row[0] for row in rows(url)] == [f"{1:032d}"]


def test_an_entry_that_the_database_refuses_is_counted_and_keeps_no_other_out(writer, url, lost):
    writer.write([entry(1), entry(2, label=None), entry(3)])  # NULL where none may stand.
    wait_for(lambda: len(rows(url)) == 2)
    wait_for(lambda: lost == [1])
    assert writer.is_well


def test_a_ledger_that_is_begun_anew_is_for_the_person_alone(writer, url, tmp_path):
    file = tmp_path / "deep" / "answers.sqlite"
    writer.write([entry(1)])
    wait_for(lambda: len(rows(url)) == 1)
    for part in (tmp_path / "deep").glob("answers.sqlite*"):
        part.unlink()
    writer.write([entry(2)])
    wait_for(lambda: file.exists() and has_table(url) and len(rows(url)) == 1)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_backlog_beyond_its_bound_drops_the_oldest_and_counts_them(writer, url, lost, monkeypatch):
    monkeypatch.setattr(requests_writer, "BACKLOG", 10)
    held = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    held.execute("begin exclusive")
    writer.write([entry(0)])
    wait_for(lambda: not writer.is_well)
    writer.write([entry(i) for i in range(1, 15)])
    held.execute("rollback")
    wait_for(lambda: writer.is_well)
    assert sum(lost) + len(rows(url)) == 15
    assert sum(lost) >= 4
    assert f"{14:032d}" in [row[0] for row in rows(url)]


def test_an_entry_of_which_more_is_known_takes_its_own_place(writer, url):
    first, late = entry(1), replace(entry(2), cost=0.25)
    writer.write([first, late])
    wait_for(lambda: len(rows(url)) == 2)
    writer.amend(replace(late, cost=0.75, disputed=True))
    wait_for(lambda: any(one.disputed for one in read_entries(url)))
    assert {one.id: one.cost for one in read_entries(url)} == {first.id: 0.5, late.id: 0.75}
    # More is known before the first attempt to write it: one row all the same.
    both = entry(3)
    writer.write([both])
    writer.amend(replace(both, cost=4.0))
    wait_for(lambda: len(rows(url)) == 3)
    sleep(2 * requests_writer.FLUSH_S)
    assert [one.cost for one in read_entries(url) if one.id == both.id] == [4.0]
    assert len(rows(url)) == 3
