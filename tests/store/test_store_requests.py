"""The ledger of answers as it is read, from a real SQLite file."""

from __future__ import annotations

import sqlite3
import sys
import threading
from dataclasses import replace
from time import sleep, time

import pytest
from ledger_entries import entry, rows, wait_for

from suffice.errors import StorageError
from suffice.store.requests import default_url, hash_key, hashed, purge, read_entries, read_request, tallies
from suffice.store.requests_writer import Writer


def test_a_ledger_from_before_scopes_gets_the_later_columns_and_keeps_its_rows(url):
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.execute(
            "create table answers (id varchar(32) primary key, at float not null, bundle varchar(200) not null, "
            "version varchar(12) not null, label text not null, probability float not null, route varchar(20) not null,"
            " latency_ms float not null, cost float not null, text_hash varchar(32) not null, text text)"
        )
        connection.execute("insert into answers values ('a', 1, 'tfidf', 'abc', 'card', 1, 'local', 1, 1, '00', null)")
    assert [one.n for one in tallies(url, by=("label",))] == [1]
    for number in (1, 2):  # The second one finds the column there.
        writer = Writer(url, keep_days=None, lost=lambda n: None)
        writer.write([replace(entry(number), scope=1.5 * number)])
        writer.close()
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        found = connection.execute(
            "select scope, narrowed, disputed, hosted, why, n_texts from answers order by at, id"
        ).fetchall()
    assert found == [(scope, 0, 0, None, None, 1) for scope in (None, 1.5, 3.0)]
    assert [one.narrowed for one in read_entries(url)] == [False] * 3


def test_what_became_of_a_message_at_an_endpoint_moves_to_its_own_column_in_a_ledger_of_before(url):
    writer = Writer(url, keep_days=None, lost=lambda n: None)
    whys = ("capped", "unsure", None)
    writer.write([replace(entry(n), route="review", why=why) for n, why in enumerate(whys)])
    writer.close()
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        for column in ("outcome", "own_label", "own_probability", "has_threshold"):
            connection.execute(f"alter table answers drop column {column}")
    found = [(one.why, one.outcome, one.own_label, one.has_threshold) for one in read_entries(url)]
    assert sorted(found, key=str) == [("unsure", None, None, None), (None, "capped", None, None), (None,) * 4]


def test_labels_are_told_by_what_the_bundle_said_itself(url):
    writer = Writer(url, keep_days=None, lost=lambda n: None)
    sent_on = replace(entry(1, route="escalated", label="money"), probability=0.02)
    known = replace(sent_on, id="2" * 32, own_label="card", own_probability=0.35)
    writer.write([sent_on, known, entry(3)])
    writer.close()
    card, money = tallies(url, by=("label",))
    # Of the bundle's own "card" 0.35 and 0.75; of an endpoint's word, as ledgers of before have it, nothing is known.
    assert (card.of, card.n, card.probability) == (("card",), 2, pytest.approx(0.55))
    assert (money.of, money.n, money.probability) == (("money",), 1, None)


def test_what_a_person_looks_at_saves_nothing(url):
    writer = Writer(url, keep_days=None, lost=lambda n: None)
    routes = ("local", "review", "review", "escalated")
    writer.write([replace(entry(n, route=route), hosted=2.0) for n, route in enumerate(routes)])
    writer.close()
    # Each costs 0.5 and would have cost 2.0 at the endpoint.
    assert [(one.of, one.saved) for one in tallies(url, by=("route",))] == [
        (("escalated",), 1.5),
        (("local",), 1.5),
        (("review",), -1.0),
    ]


def test_answers_of_a_bundle_without_a_threshold_are_counted_by_version_with_their_times(url):
    writer = Writer(url, keep_days=None, lost=lambda n: None)
    first = [replace(entry(n, at=float(n)), version="one", has_threshold=False) for n in (1, 2)]
    writer.write([*first, replace(entry(3, at=3.0), version="two", has_threshold=True), entry(4, at=4.0)])
    writer.close()
    found = [(one.of, one.n, one.n_unheld, one.first, one.last) for one in tallies(url, by=("version",))]
    assert found == [(("abc",), 1, 0, 4.0, 4.0), (("one",), 2, 2, 1.0, 2.0), (("two",), 1, 0, 3.0, 3.0)]


def test_a_request_is_read_back_by_the_id_of_any_of_its_answers(url):
    writer = Writer(url, keep_days=None, lost=lambda n: None)
    ids = [f"{'a' * 24}{n:08x}" for n in (0, 1, 10)]
    writer.write([replace(entry(0), id=one) for one in [*ids, "b" * 32]])
    writer.close()
    assert [one.id for one in read_request(url, ids[1])] == ids
    assert [one.id for one in read_request(url, "b" * 32)] == ["b" * 32]
    assert read_request(url, "") == read_request(url, "a" * 20) == []
    assert read_request(url, "%" * 32) == read_request(url, "c" * 32) == []


def test_answers_are_told_by_day_bundle_and_route(url):
    writer = Writer(url, keep_days=None, lost=lambda n: None)
    day = 86_400.0
    writer.write([entry(1, at=10.5 * day), entry(2, at=10.6 * day), entry(3, at=10.7 * day, route="review")])
    writer.write([entry(4, at=11.0 * day)])
    writer.close()
    found = tallies(url, by=("day", "bundle", "route"))
    assert [(one.of, one.n, one.cost) for one in found] == [
        (("1970-01-11", "tfidf", "local"), 2, 1.0),
        (("1970-01-11", "tfidf", "review"), 1, 0.5),
        (("1970-01-12", "tfidf", "local"), 1, 0.5),
    ]
    assert [one.n for one in tallies(url, by=("label",), since=10.65 * day)] == [2]


def test_what_is_told_of_how_sure_answers_were_leaves_narrowed_ones_out(url):
    writer = Writer(url, keep_days=None, lost=lambda n: None)
    sure, priced = replace(entry(1), narrowed=True, probability=1.0), replace(entry(2), hosted=2.0, disputed=True)
    writer.write([sure, priced, entry(3), replace(entry(4, label="money"), narrowed=True)])
    writer.close()
    card, money = tallies(url, by=("label",))
    # 0.75 twice, and not 1.0; the one with a price costs 0.5 and would have cost 2.0.
    assert (card.n, card.n_narrowed, card.n_disputed, card.n_priced) == (3, 1, 1, 1)
    assert (card.probability, card.cost, card.saved) == (0.75, 1.5, 1.5)
    assert (money.probability, money.saved) == (None, None)


def test_a_request_counts_once_in_the_mean_however_many_messages_it_has(url):
    writer = Writer(url, keep_days=None, lost=lambda n: None)
    # One of four messages in 100 ms, two of which are for review, and one of one in 10 ms: 55 ms in the mean.
    routes = ("local", "local", "review", "review")
    four = [replace(entry(i, route=route), latency_ms=100.0, n_texts=4) for i, route in enumerate(routes)]
    writer.write([*four, replace(entry(4), latency_ms=10.0)])
    writer.close()
    (both,) = tallies(url, by=("bundle",))
    assert (both.n, both.n_requests, both.latency_ms) == (5, 2.0, 55.0)
    local, review = tallies(url, by=("route",))
    assert (local.n_requests, review.n_requests, review.latency_ms) == (1.5, 0.5, 100.0)
    # Together they are what both are.
    assert local.n_requests * local.latency_ms + review.n_requests * review.latency_ms == 2 * both.latency_ms


def test_answers_of_one_bundle_are_purged_by_its_own_days(url):
    writer = Writer(url, keep_days=None, lost=lambda n: None, keep_days_of=lambda: {"tfidf": 1})
    old = time() - 2 * 86_400
    writer.write([entry(1, at=old), replace(entry(2, at=old), bundle="embed"), entry(3)])
    writer.close()
    assert [row[0] for row in rows(url)] == [f"{n:032d}" for n in (2, 3)]


def test_a_bundle_that_comes_later_has_its_old_answers_purged_without_an_hours_wait(url):
    kept_of, old = {}, time() - 2 * 86_400
    writer = Writer(url, keep_days=None, lost=lambda n: None, keep_days_of=lambda: kept_of)
    writer.write([entry(1, at=old)])
    while not rows(url):
        sleep(0.05)
    sleep(0.7)  # It has looked once more, and purged nothing.
    assert len(rows(url)) == 1
    kept_of["tfidf"] = 1
    writer.close()
    assert rows(url) == []


def test_a_driver_that_is_not_there_is_told_to_be_installed(url, monkeypatch):
    # SQLAlchemy, engine configuration: a driver is named behind a plus sign.
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    with pytest.raises(StorageError, match=r"psycopg2[\s\S]*fix: install its driver: pip install psycopg2;"):
        Writer("postgresql+psycopg2://me:secret@nowhere/answers", keep_days=None, lost=lambda n: None)
    with pytest.raises(StorageError, match="fix: name one as SQLAlchemy does"):
        Writer("sqlite:////proc/nothing/a.sqlite", keep_days=None, lost=lambda n: None)


def test_old_answers_are_purged_by_hand_and_by_the_writer(url):
    writer = Writer(url, keep_days=None, lost=lambda n: None)
    writer.write([entry(1, at=time() - 5 * 86_400), entry(2)])
    writer.close()
    assert purge(url, keep_days=6).n == 0
    assert purge(url, keep_days=4).n == 1
    writer = Writer(url, keep_days=1, lost=lambda n: None)
    writer.write([entry(3, at=time() - 2 * 86_400)])
    writer.close()
    assert [row[0] for row in rows(url)] == [f"{2:032d}"]


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_purged_message_is_in_no_file_while_the_server_is_up(url, tmp_path, by_hand, monkeypatch):
    monkeypatch.setattr("suffice.store.requests_writer.PURGE_S", 0.0)
    old, lost = time() - 2 * 86_400, []
    texts = [f"SECRETMARKER {n} {'my card ' * 200}" for n in range(50)]
    keep_days: dict[str, int] = {}
    writer = Writer(url, keep_days=None, lost=lost.append, keep_days_of=lambda: keep_days)
    writer.write([replace(entry(n, at=old), text=text) for n, text in enumerate(texts)])
    writer.write([replace(entry(50), text="KEPTMARKER")])

    def holding(marker):
        return [file.name for file in tmp_path.rglob("*.sqlite*") if marker.encode() in file.read_bytes()]

    wait_for(lambda: holding("SECRETMARKER") and holding("KEPTMARKER"))
    if by_hand:
        assert (purge(url, keep_days=1).n, purge(url, keep_days=1).is_gone) == (50, True)
    else:
        keep_days["tfidf"] = 1
        writer.write([entry(51)])
    wait_for(lambda: not holding("SECRETMARKER"))
    assert holding("KEPTMARKER")
    writer.close()
    assert lost == []


def test_a_reader_who_holds_the_log_is_told_of(url):
    writer = Writer(url, keep_days=None, lost=lambda n: None)
    writer.write([entry(1, at=time() - 5 * 86_400)])
    wait_for(lambda: read_entries(url))
    with sqlite3.connect(url.removeprefix("sqlite:///")) as reader:
        reader.execute("begin")
        reader.execute("select * from answers").fetchall()
        assert not purge(url, keep_days=4).is_gone
    writer.close()


def test_a_database_that_cannot_be_is_refused_without_its_password(tmp_path):
    (tmp_path / "file").write_text("")
    for parent in ("file", "nowhere"):  # A folder that was mistyped is not made.
        with pytest.raises(StorageError, match=r"must be a database[\s\S]*in a folder that is there"):
            Writer(f"sqlite:///{tmp_path / parent / 'answers.sqlite'}", keep_days=None, lost=lambda n: None)
    assert not (tmp_path / "nowhere").exists()
    with pytest.raises(StorageError) as caught:
        tallies("nodatabase://me:secret@host/answers", by=("day",))
    assert "secret" not in str(caught.value)


def test_reading_makes_no_ledger_where_there_is_none(tmp_path):
    sqlite3.connect(tmp_path / "other.sqlite").close()
    for place in ("typo.sqlite", "other.sqlite", "nowhere/answers.sqlite"):
        url = str(tmp_path / place)
        for read in (lambda url: tallies(url, by=("day",)), read_entries, lambda url: purge(url, keep_days=1)):
            with pytest.raises(StorageError, match=r"must be a ledger that a server has written[\s\S]*none is there"):
                read(url)
    assert [file.name for file in tmp_path.iterdir()] == ["other.sqlite"]
    assert (tmp_path / "other.sqlite").stat().st_size == 0


def test_a_plain_path_is_a_sqlite_file_for_the_person_alone(tmp_path):
    Writer(str(tmp_path / "answers.sqlite"), keep_days=None, lost=lambda n: None).close()
    assert tallies(str(tmp_path / "answers.sqlite"), by=("day",)) == []
    assert (tmp_path / "answers.sqlite").stat().st_mode & 0o777 == 0o600


def test_a_message_is_known_again_by_its_hash_under_one_key_alone():
    key = hash_key()
    assert hash_key() == key
    assert len(key) == 32
    assert hashed("my card", key=key) == hashed("my card", key=key) != hashed("my cards", key=key)
    assert hashed("my card", key=key) != hashed("my card", key=bytes(32))
    assert len(hashed("\ud83d half a pair", key=key)) == 32


def test_two_processes_that_begin_at_once_have_one_key():
    found = []
    threads = [threading.Thread(target=lambda: found.append(hash_key())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1


def test_the_ledger_is_the_persons_own():
    assert default_url().endswith("/suffice/answers.sqlite")


def test_entries_are_read_back_by_bundle_version_and_time(url):
    writer = Writer(url, keep_days=None, lost=lambda n: None)
    written = [entry(3, at=30.0), entry(1, at=10.0, text="my card"), entry(2, at=20.0, route="review")]
    writer.write(written)
    writer.close()
    assert read_entries(url) == [written[1], written[2], written[0]]
    assert read_entries(url, bundle="tfidf", version="abc", since=15.0) == [written[2], written[0]]
    assert read_entries(url, bundle="embed") == read_entries(url, version="abd") == []
