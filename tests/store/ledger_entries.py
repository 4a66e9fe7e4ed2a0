"""Entries of the ledger of answers, and what stands in its file."""

from __future__ import annotations

import sqlite3
from time import monotonic, sleep, time

from suffice.store.requests import Entry


def entry(number, *, at=None, route="local", label="card", text=None):
    return Entry(
        id=f"{number:032d}",
        at=time() if at is None else at,
        bundle="tfidf",
        version="abc",
        label=label,
        probability=0.75,
        route=route,
        latency_ms=4.0,
        cost=0.5,
        text_hash="00",
        text=text,
    )


def rows(url):
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        return connection.execute("select id, label, text from answers order by id").fetchall()


def wait_for(condition):
    until = monotonic() + 20
    while not condition():
        assert monotonic() < until
        sleep(0.01)
