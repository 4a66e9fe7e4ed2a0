"""What is written down of an answer."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from time import time
from types import SimpleNamespace

import pytest

from suffice.bundles.answer import Answer
from suffice.serve.book import Book, BookSettings, new_id
from suffice.serve.escalation import Escalated
from suffice.store.requests import Entry, read_entries
from suffice.store.requests_writer import Writer


def written(folder: Path, text: str, *, keep_text: bool) -> tuple[object, ...]:
    folder.mkdir()
    settings = BookSettings(url=f"sqlite:///{folder}/a.sqlite", keep_text=keep_text)
    book = Book(settings, lost=lambda _: None, keep_days_of=dict)
    answer = Answer(
        text=text,
        label="card",
        probability=1.0,
        probabilities={"card": 1.0},
        out_of_scope=0.5,
        outside=False,
        route="local",
        truncated=False,
    )
    clerk = SimpleNamespace(name="clerk", version="1", has_threshold=True)
    found = Escalated(answer=answer, own=answer)
    book.write(clerk, [found], id_=new_id(), narrowed=False, price=None, latency_ms=1.0, busy_s=0.0)
    book.close()
    with sqlite3.connect(folder / "a.sqlite") as connection:
        return connection.execute("select text, text_hash from answers").fetchone()


def test_no_message_holds_what_a_database_refuses(tmp_path):
    text, hashed = written(tmp_path / "kept", "my\0card\ud83d", keep_text=True)
    assert text == "my\ufffdcard\ufffd"
    # The hash is that of the message as it came.
    assert written(tmp_path / "not", "my\0card\ud83d", keep_text=False) == (None, hashed)
    assert written(tmp_path / "other", "my\ufffdcard\ufffd", keep_text=False)[1] != hashed


@pytest.mark.parametrize(("said", "kept"), [(None, ["other"]), (30, ["clerk", "other"]), (1, [])])
def test_answers_are_kept_as_long_as_the_task_says_and_the_command_line_wins(tmp_path, said, kept):
    url = f"sqlite:///{tmp_path}/a.sqlite"
    two_days = {"at": time() - 2 * 86_400, "label": "card", "probability": 1.0, "route": "local", "latency_ms": 1.0}
    old = [
        Entry(id=name, bundle=name, version="1", cost=0.0, text_hash="00", text=None, **two_days)
        for name in ("clerk", "other")
    ]
    writer = Writer(url, keep_days=None, lost=lambda _: None)
    writer.write(old)
    writer.close()
    Book(BookSettings(url=url, keep_days=said), lost=lambda _: None, keep_days_of=lambda: {"clerk": 1}).close()
    assert [one.bundle for one in read_entries(url)] == kept
